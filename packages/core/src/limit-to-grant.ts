import { parseCreditAmount } from './credit-amount.ts'
import { toFieldName } from './field-name.ts'
import { grantExceeded } from './grant-exceeded.ts'
import { allowsHttpMethod, parseHttpMethods } from './http-method.ts'
import { coversIpRange, parseIpRanges } from './ip-range.ts'
import type { ParsedLimits } from './issue-input.ts'
import { assertInput, findUnknown, type KnownMembers } from './known-members.ts'
import { coversPath, parsePathPatterns } from './path-pattern.ts'
import type { Grant } from './principal.ts'
import { grantsScope, parseScope } from './scope.ts'
import { isTextList, parseTextList } from './text-list.ts'
import type { JsonObject } from './token.ts'

const GRANT_MEMBERS: KnownMembers<Grant> = {
  maxLifeSeconds: true,
  paths: true,
  scope: true,
  httpMethods: true,
  ip: true,
  credits: true,
  pools: true,
  claims: true,
}

/**
 * Holds a request to a grant: an explicit value beyond it is refused, an absent one takes the grant's.
 * @param limits what was asked for; `undefined` = absent
 * @throws TokenRequestError `grant_exceeded` naming the field
 */
export function limitToGrant(grant: Grant, limits: ParsedLimits): ParsedLimits {
  assertGrant(grant)
  return {
    paths: limitPaths(grant, limits.paths),
    ip: limitIp(grant, limits.ip),
    scope: limitScope(grant, limits.scope),
    httpMethods: limitHttpMethods(grant, limits.httpMethods),
    credits: limitCredits(grant, limits.credits),
    claims: limitClaims(grant, limits.claims),
    pool: limitPool(grant, limits.pool),
  }
}

function limitPaths(grant: Grant, asked: ParsedLimits['paths']): ParsedLimits['paths'] {
  if (grant.paths === undefined) return asked
  const most = parsePathPatterns(grant.paths, 'grant.paths')
  if (asked === undefined) return most
  if (asked === null) throw grantExceeded('paths')
  if (asked.every((inner) => most.some((outer) => coversPath(outer, inner)))) return asked
  throw grantExceeded('paths')
}

function limitIp(grant: Grant, asked: ParsedLimits['ip']): ParsedLimits['ip'] {
  if (grant.ip === undefined || grant.ip.length === 0) return asked
  const most = parseIpRanges(grant.ip, 'grant.ip')
  if (asked === undefined) return most
  // An empty list means any address: more than the grant.
  if (asked.length > 0 && asked.every((inner) => most.some((outer) => coversIpRange(outer, inner))))
    return asked
  throw grantExceeded('ip')
}

function limitScope(grant: Grant, asked: ParsedLimits['scope']): ParsedLimits['scope'] {
  if (grant.scope === undefined) return asked
  const most = parseScope(grant.scope, 'grant.scope')
  if (asked === undefined) return most
  if (grantsScope(most, asked)) return asked
  throw grantExceeded('scope')
}

function limitHttpMethods(grant: Grant, asked: ParsedLimits['httpMethods']): ParsedLimits['httpMethods'] {
  if (grant.httpMethods === undefined) return asked
  const most = parseHttpMethods(grant.httpMethods, 'grant.httpMethods')
  if (asked === undefined) return most
  if (asked?.every((method) => allowsHttpMethod(most, method))) return asked
  throw grantExceeded('httpMethods')
}

function limitCredits(grant: Grant, asked: ParsedLimits['credits']): ParsedLimits['credits'] {
  if (grant.credits === undefined) return asked
  const most = parseGrantedCredits(grant.credits)
  // No credits are no limit that a token can have: it would pass wherever a request costs nothing.
  if (asked === null || (asked ?? most) > most || most === 0) throw grantExceeded('credits')
  return asked ?? most
}

/** Whether it has the members of a grant and no others, and lists where lists belong. */
export function isGrant(value: unknown): value is Grant {
  if (typeof value !== 'object' || value === null || findUnknown(value, GRANT_MEMBERS) !== undefined)
    return false
  const { paths, scope, httpMethods, ip, pools, claims } = value as Partial<Record<keyof Grant, unknown>>
  return [paths, scope, httpMethods, ip, pools, claims].every(
    (list) => list === undefined || isTextList(list),
  )
}

/** @throws TokenRequestError `invalid_request` for a member that nobody reads */
export function assertGrant(grant: Grant): void {
  assertInput(grant, GRANT_MEMBERS, 'a grant', 'grant.')
}

/** @throws TokenRequestError `invalid_request` */
export function parseGrantedCredits(credits: number): number {
  return credits === 0 ? 0 : parseCreditAmount(credits, 'grant.credits')
}

/** An absent pool stays absent: there is no one pool that a grant could fill in. */
function limitPool(grant: Grant, asked: string | null): string | null {
  if (asked === null || parseTextList(grant.pools ?? [], 'grant.pools').includes(asked)) return asked
  throw grantExceeded('pool')
}

function limitClaims(grant: Grant, asked: JsonObject | undefined): JsonObject | undefined {
  const allowed = parseTextList(grant.claims ?? [], 'grant.claims')
  for (const name of Object.keys(asked ?? {})) {
    if (!allowed.includes(name)) throw grantExceeded(toFieldName(name, 'claims.') ?? 'claims')
  }
  return asked
}
