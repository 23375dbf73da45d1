import { freezeJson } from './freeze-json.ts'
import { parseIpRanges } from './ip-range.ts'
import { parsePathPatterns } from './path-pattern.ts'
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
  const carried: [field: string, is: boolean][] = [
    ['ip', isSame(toTexts(parseIpRanges(read.ip)), token.ip)],
    ['paths', isSame(read.paths && toTexts(parsePathPatterns(read.paths)), token.paths)],
    ['httpMethods', isSame(read.httpMethods, token.httpMethods)],
    [token.credits === null ? 'pool' : 'credits', read.metered || !isMetered(token)],
  ]
  for (const [field, is] of carried) {
    if (!is)
      throw new TokenRequestError('invalid_request', `a token of this kind cannot carry ${field}`, field)
  }
}

function toTexts(parsed: readonly { readonly text: string }[]): readonly string[] {
  return parsed.map(({ text }) => text)
}

function isSame(a: readonly string[] | null, b: readonly string[] | null): boolean {
  if (a === null || b === null) return a === b
  return a.length === b.length && a.every((text, at) => text === b[at])
}
