import { TokenRequestError } from './request-error.ts'

const MAX_NAMES = 64
const MAX_LENGTH = 128

/** Parts of scope-token characters (RFC 6749 section 3.3), joined by dots. No star: it would look like a wildcard. */
const NAME = /^[A-Za-z0-9_:/-]+(?:\.[A-Za-z0-9_:/-]+)*$/

/**
 * Up to 64 dotted scope names of up to 128 characters; each part is of `A-Z a-z 0-9 _ : / -`. Keeps the order,
 * drops what is there already.
 *
 * @param values for example `['files.read', 'reports']`
 * @throws TokenRequestError `invalid_request`
 */
export function parseScope(values: readonly string[], field = 'scope'): readonly string[] {
  if (!Array.isArray(values) || values.length > MAX_NAMES)
    throw new TokenRequestError(
      'invalid_request',
      `${field} must be a list of up to ${MAX_NAMES} names`,
      field,
    )
  for (const value of values) {
    if (typeof value !== 'string' || value.length > MAX_LENGTH || !NAME.test(value))
      throw new TokenRequestError(
        'invalid_request',
        `a name in ${field} must be 1 to ${MAX_LENGTH} of A-Z a-z 0-9 _ : / - with single dots between parts`,
        field,
      )
  }
  return [...new Set(values)]
}

/** Whether all needed names are granted: `A` grants `A` and `A.b`, never `Ab`. */
export function grantsScope(held: readonly string[], needed: readonly string[]): boolean {
  for (const name of needed) if (!grantsName(held, name)) return false
  return true
}

function grantsName(held: readonly string[], name: string): boolean {
  for (const grant of held) {
    if (name === grant) return true
    if (name.charCodeAt(grant.length) === 0x2e && name.startsWith(grant)) return true
  }
  return false
}
