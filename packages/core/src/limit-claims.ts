import { memoizeLast } from './memoize.ts'
import type { TokenClaims } from './profile.ts'
import { isTextList } from './text-list.ts'
import { isMetered, type JsonObject, type StoredToken } from './token.ts'

/** What a token is limited to, as claims; a limit that it does not have is left out. @see RFC 8693 section 4.2 for `scope` */
export function toLimitClaims(
  token: Pick<StoredToken, 'scope' | 'ip' | 'paths' | 'httpMethods' | 'credits' | 'pool'>,
): JsonObject {
  return {
    ...(token.scope.length > 0 && { scope: token.scope.join(' ') }),
    ...(token.ip.length > 0 && { ip: token.ip }),
    ...(token.paths !== null && { paths: token.paths }),
    ...(token.httpMethods !== null && { methods: token.httpMethods }),
    ...(isMetered(token) && { metered: true }),
  }
}

/** Reads back what `toLimitClaims` wrote. @returns null when a claim is of the wrong type */
export function readLimitClaims(
  claims: JsonObject,
): Pick<TokenClaims, 'scope' | 'ip' | 'paths' | 'httpMethods' | 'metered'> | null {
  const { scope = '', ip = [], paths = null, methods = null, metered } = claims
  if (typeof scope !== 'string' || !isTextList(ip)) return null
  if (!(paths === null || isTextList(paths))) return null
  if (!(methods === null || isTextList(methods))) return null
  if (metered !== undefined && metered !== true) return null
  return {
    scope: readScope(scope),
    ip,
    paths,
    httpMethods: methods,
    metered: metered === true,
  }
}

/** Many tokens in a row have the same. */
const readScope = memoizeLast((scope): readonly string[] =>
  Object.freeze(scope === '' ? [] : scope.split(' ')),
)
