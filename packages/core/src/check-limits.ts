import type { AccessRequest } from './decision.ts'
import { type Denial, toDenial } from './denial.ts'
import { allowsHttpMethod } from './http-method.ts'
import { containsIp, parseIp } from './ip-range.ts'
import { matchesPath } from './path-pattern.ts'
import type { ReadToken } from './read-token.ts'
import { parseRequestPath } from './request-path.ts'
import { grantsScope } from './scope.ts'

/** Leeway for `nbf` and `iat`: clocks of two machines differ. */
const CLOCK_SKEW_SECONDS = 5

/** What limits are judged by. */
export type LimitedToken = Pick<ReadToken, 'ip' | 'paths' | 'token'>

/** The end of step 3: what the clock says. */
export function checkTimes(
  read: Pick<ReadToken, 'notBeforeSeconds' | 'issuedAtSeconds' | 'expiresAtSeconds'>,
  now: Date,
  toleranceSeconds: number,
): Denial | null {
  const seconds = now.getTime() / 1000
  if (read.notBeforeSeconds > seconds + CLOCK_SKEW_SECONDS) return toDenial('token_not_yet_valid')
  if (read.issuedAtSeconds > seconds + CLOCK_SKEW_SECONDS) return toDenial('token_not_yet_valid')
  if (read.expiresAtSeconds + toleranceSeconds <= seconds) return toDenial('token_expired')
  return null
}

/**
 * Step 4: client address, path, HTTP method, project, scope. A limit whose fact the request does not have refuses.
 */
export function checkLimits(read: LimitedToken, request: AccessRequest): Denial | null {
  if (read.ip.length > 0 && !hasAddress(read, request.address)) return toDenial('ip_denied')
  if (read.paths === null ? request.requirePaths === true : !hasPath(read, request.target)) {
    return toDenial('path_denied')
  }
  const { httpMethods } = read.token
  if (httpMethods !== null && (request.method === null || !allowsHttpMethod(httpMethods, request.method))) {
    return toDenial('method_denied')
  }
  if (request.project !== undefined && request.project !== read.token.project)
    return toDenial('project_denied')
  if (request.scope !== undefined && !grantsScope(read.token.scope, request.scope)) {
    return toDenial('scope_denied', { scope: request.scope })
  }
  return null
}

function hasAddress(read: LimitedToken, address: string | null): boolean {
  const ip = address === null ? null : parseIp(address)
  if (ip === null) return false
  for (const range of read.ip) if (containsIp(range, ip)) return true
  return false
}

function hasPath(read: LimitedToken, target: string | null): boolean {
  const path = target === null ? null : parseRequestPath(target)
  if (path === null || read.paths === null) return false
  for (const pattern of read.paths) if (matchesPath(pattern, path)) return true
  return false
}
