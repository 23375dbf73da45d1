import { freezeJson } from './freeze-json.ts'
import { readLimits } from './limits.ts'
import type { TokenProfile } from './profile.ts'
import { ConfigurationError, TokenRequestError } from './request-error.ts'
import { isMetered, type StoredToken } from './token.ts'

/**
 * Refuses a token whose kind cannot carry a limit that was asked for: a guard goes by what the text says, so the limit
 * would be shown in lists and never be enforced.
 *
 * @param payload what is about to be signed, as JSON
 * @throws TokenRequestError `invalid_request` with the field
 * @throws ConfigurationError when the profile does not read its own claims back
 */
export function assertCarriesLimits(
  profile: TokenProfile,
  payload: string,
  token: Pick<StoredToken, 'id' | 'project' | 'ip' | 'paths' | 'httpMethods' | 'credits' | 'pool'>,
): void {
  const read = profile.fromClaims(freezeJson(JSON.parse(payload)), token.project)
  if (read === null || read.id !== token.id || read.project !== token.project) {
    throw new ConfigurationError(`the profile "${profile.name}" does not read its own claims back`)
  }
  const limits = readLimits(read)
  if (limits === null) {
    throw new TokenRequestError('invalid_request', 'a token of this kind cannot carry these limits')
  }
  if (!isSame(toTexts(limits.ip), token.ip)) throw refusal('ip')
  if (!isSame(limits.paths && toTexts(limits.paths), token.paths)) throw refusal('paths')
  if (!isSame(limits.httpMethods, token.httpMethods)) throw refusal('httpMethods')
  if (!read.metered && isMetered(token)) throw refusal(token.credits === null ? 'pool' : 'credits')
}

function refusal(field: string): TokenRequestError {
  return new TokenRequestError('invalid_request', `a token of this kind cannot carry ${field}`, field)
}

function toTexts(parsed: readonly { readonly text: string }[]): readonly string[] {
  return parsed.map(({ text }) => text)
}

function isSame(a: readonly string[] | null, b: readonly string[] | null): boolean {
  if (a === null || b === null) return a === b
  return a.length === b.length && a.every((text, at) => text === b[at])
}
