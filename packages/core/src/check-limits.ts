import type { AccessRequest } from './decision.ts'
import { type Denial, toDenial } from './denial.ts'
import { allowsHttpMethod } from './http-method.ts'
import { containsIp, type IpRange, parseIp } from './ip-range.ts'
import { memoizeLast } from './memoize.ts'
import { matchesPath, type PathPattern } from './path-pattern.ts'
import type { ReadToken } from './read-token.ts'
import { parseRequestPath } from './request-path.ts'
import { grantsScope } from './scope.ts'

/** Leeway for `nbf` and `iat`: clocks of two machines differ. */
const CLOCK_SKEW_SECONDS = 5

/** What limits are judged by. */
export type LimitedToken = Pick<ReadToken, 'limits' | 'token'>

/** The end of step 3: what the clock says, in milliseconds since 1970. */
export function checkTimes(
  read: Pick<ReadToken, 'notBeforeSeconds' | 'issuedAtSeconds' | 'expiresAtSeconds'>,
  now: number,
  toleranceSeconds: number,
): Denial | null {
  const seconds = now / 1000
  if (read.notBeforeSeconds > seconds + CLOCK_SKEW_SECONDS) return toDenial('token_not_yet_valid')
  if (read.issuedAtSeconds > seconds + CLOCK_SKEW_SECONDS) return toDenial('token_not_yet_valid')
  if (read.expiresAtSeconds + toleranceSeconds <= seconds) return toDenial('token_expired')
  return null
}

/**
 * Step 4: client address, path, HTTP method, project, scope. A limit whose fact the request does not have refuses.
 */
export function checkLimits({ limits, token }: LimitedToken, request: AccessRequest): Denial | null {
  if (limits.ip.length > 0 && !hasAddress(limits.ip, request.address)) return toDenial('ip_denied')
  if (limits.paths === null ? request.requirePaths === true : !hasPath(limits.paths, request.target)) {
    return toDenial('path_denied')
  }
  const { httpMethods } = limits
  if (httpMethods !== null && (request.method === null || !allowsHttpMethod(httpMethods, request.method))) {
    return toDenial('method_denied')
  }
  if (request.project !== undefined && request.project !== token.project) return toDenial('project_denied')
  if (request.scope !== undefined && !grantsScope(limits.scope, request.scope)) {
    return toDenial('scope_denied', { scope: request.scope })
  }
  return null
}

const readAddress = memoizeLast(parseIp)

function hasAddress(ranges: readonly IpRange[], address: string | null): boolean {
  // Undefined is what an application's own function may find: no address that can be believed.
  const ip = address == null ? null : readAddress(address)
  if (ip === null) return false
  for (const range of ranges) if (containsIp(range, ip)) return true
  return false
}

function hasPath(patterns: readonly PathPattern[], target: string | null): boolean {
  const path = target === null ? null : parseRequestPath(target)
  if (path === null) return false
  for (const pattern of patterns) if (matchesPath(pattern, path)) return true
  return false
}
