import { parseLabel } from './label.ts'
import { TokenRequestError } from './request-error.ts'
import { isUuid } from './uuid.ts'

/**
 * Where a token is kept, from what a caller named. Null when the id cannot be one of ours, so that no store is asked
 * with a text that it may choke on: the answer is the one for an unknown token.
 * @throws TokenRequestError `invalid_request` for a project that cannot be, and for an id that is no text: an argument was left out
 */
export function parsePlace(
  project: string,
  id: string,
): { readonly project: string; readonly id: string } | null {
  const parsed = parseLabel(project, 'project', { max: 128 })
  if (typeof id !== 'string') throw new TokenRequestError('invalid_request', 'id must be a text', 'id')
  return isUuid(id) ? { project: parsed, id } : null
}
