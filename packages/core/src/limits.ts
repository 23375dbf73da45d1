import { assertIpList, type IpRange, parseIpRange } from './ip-range.ts'
import { memoize } from './memoize.ts'
import { assertPathList, type PathPattern, parsePathPattern } from './path-pattern.ts'
import type { TokenClaims } from './profile.ts'
import { isTextList } from './text-list.ts'

type LimitTexts = Pick<TokenClaims, 'scope' | 'ip' | 'paths' | 'httpMethods'>

/** What a token is limited to, ready to be judged by. */
export interface Limits {
  readonly scope: readonly string[]
  /** Empty = any address. */
  readonly ip: readonly IpRange[]
  /** Null = any path. */
  readonly paths: readonly PathPattern[] | null
  /** Null = any method. */
  readonly httpMethods: readonly string[] | null
  /** The lists as the claims have them, frozen. */
  readonly texts: LimitTexts
}

/** Sets of limits. Most tokens share theirs with many others. */
const MOST = 1024

/**
 * The limits that claims name. Equal claims have one and the same object, so that what is looked at on every request
 * lies in memory once, however many tokens there are.
 * @returns null for what cannot be read: a limit must not be passed over
 */
export function readLimits({ scope, ip, paths, httpMethods }: LimitTexts): Limits | null {
  const texts: LimitTexts = { scope, ip, paths, httpMethods }
  // First, since what is the same as lists of texts is lists of texts.
  if (last !== null && isSame(last.texts, texts)) return last
  if (!areTextLists(texts)) return null
  try {
    last = parseLimits(JSON.stringify([scope, ip, paths, httpMethods]))
    return last
  } catch {
    return null
  }
}

/** Of the token that was read before: often the same, and compared faster than found. */
let last: Limits | null = null

function isSame(a: LimitTexts, b: LimitTexts): boolean {
  return (
    isSameList(a.scope, b.scope) &&
    isSameList(a.ip, b.ip) &&
    isSameList(a.paths, b.paths) &&
    isSameList(a.httpMethods, b.httpMethods)
  )
}

/** @param b of a profile, which may be written without types */
function isSameList(a: readonly string[] | null, b: unknown): boolean {
  if (a === null || b === null) return a === b
  if (!Array.isArray(b) || a.length !== b.length) return false
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false
  return true
}

/** @throws TokenRequestError for what is no address, no path pattern, or too many of them */
const parseLimits = memoize((json): Limits => {
  const [scope, ip, paths, httpMethods] = JSON.parse(json) as [
    string[],
    string[],
    string[] | null,
    string[] | null,
  ]
  // A list may have said something else of itself in JSON.
  if (!areTextLists({ scope, ip, paths, httpMethods })) throw new TypeError('limits must be lists of texts')
  assertIpList(ip, 'ip')
  if (paths !== null) assertPathList(paths, 'paths')
  for (const list of [scope, ip, paths, httpMethods]) Object.freeze(list)
  return {
    scope,
    ip: ip.map((text) => parseIpRange(text)),
    paths: paths?.map((text) => parsePathPattern(text)) ?? null,
    httpMethods,
    texts: { scope, ip, paths, httpMethods },
  }
}, MOST)

function areTextLists({ scope, ip, paths, httpMethods }: LimitTexts): boolean {
  return (
    isTextList(scope) &&
    isTextList(ip) &&
    (paths === null || isTextList(paths)) &&
    (httpMethods === null || isTextList(httpMethods))
  )
}
