import { TokenRequestError } from './request-error.ts'

/** Whether it is a list of texts. Claims and profiles are the application's, which may be written without types. */
export function isTextList(value: unknown): value is readonly string[] {
  if (!Array.isArray(value)) return false
  // Not `every`, which passes over holes. By index: to walk a frozen list its iterator is called.
  for (let at = 0; at < value.length; at++) if (typeof value[at] !== 'string') return false
  return true
}

/** @throws TokenRequestError `invalid_request` for what is no list of texts: a text would be searched for its parts */
export function parseTextList(value: unknown, field: string): readonly string[] {
  if (isTextList(value)) return value
  throw new TokenRequestError('invalid_request', `${field} must be a list of strings`, field)
}
