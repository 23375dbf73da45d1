import type { HttpRequest } from './handler.ts'

/** The path that a request's handler is mounted at; `/` = the root, or unknown. */
export function toMount({ originalTarget }: HttpRequest, path: string): string {
  const [original = ''] = originalTarget.split('?', 1)
  if (!original.endsWith(path)) return '/'
  const mount = original.slice(0, original.length - path.length)
  return mount === '' ? '/' : mount
}
