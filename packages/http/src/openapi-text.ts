import type { JsonObject } from '@hallpass/core'
import type { SecuritySchemes } from './authorize.ts'
import type { HttpRequest } from './handler.ts'
import type { ManagementRoute } from './management-route.ts'
import { toOpenApi } from './openapi.ts'

/** The OpenAPI document as text, by the path that the routes are mounted at. Made when it is first asked for. */
export function createOpenApiText(
  routes: readonly ManagementRoute[],
  security: SecuritySchemes,
): (mount: string) => string {
  let document: JsonObject | undefined
  return (mount) => {
    document ??= toOpenApi(routes, security)
    return JSON.stringify({ ...document, servers: [{ url: mount }] })
  }
}

/** The path that a request's handler is mounted at; `/` = the root, or unknown. */
export function toMount({ originalTarget }: HttpRequest, path: string): string {
  const [original = ''] = originalTarget.split('?', 1)
  if (!original.endsWith(path)) return '/'
  const mount = original.slice(0, original.length - path.length)
  return mount === '' ? '/' : mount
}
