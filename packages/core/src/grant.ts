import { allowsHttpMethod, parseHttpMethods } from './http-method.ts'
import { coversIpRange, parseIpRanges } from './ip-range.ts'
import { type ParsedLimits, parseCreditAmount } from './issue-input.ts'
import { assertInput, type KnownMembers } from './known-members.ts'
import { coversPath, parsePathPatterns } from './path-pattern.ts'
import type { Grant, Principal } from './principal.ts'
import { TokenRequestError } from './request-error.ts'
import { grantsScope, parseScope } from './scope.ts'
import { parseTextList } from './text-list.ts'
import type { JsonObject, StoredToken } from './token.ts'

const DEFAULT_PROJECT = 'default'
const PLAIN_NAME = /^[A-Za-z_][\w-]{0,63}$/

/**
 * The project a call is about: the one it names, else the principal's only one, else `default` if it may.
 * @throws TokenRequestError `grant_exceeded` for a project that is not the principal's, `project_required`
 */
export function resolveProject(principal: Principal, project: string | undefined): string {
  const { projects } = principal
  if (project !== undefined) {
    if (projects === '*' || projects.includes(project)) return project
    throw exceeded('project')
  }
  if (projects !== '*' && projects.length === 1 && projects[0] !== undefined) return projects[0]
  if (projects === '*' || projects.includes(DEFAULT_PROJECT)) return DEFAULT_PROJECT
  throw new TokenRequestError('project_required', 'name a project', 'project')
}

/**
 * The subject of a token to be issued: the one named, else the principal's only one, else its own id.
 * @throws TokenRequestError `grant_exceeded` for a subject that is not the principal's, `subject_required`
 */
export function resolveSubject(principal: Principal, subject: string | undefined): string {
  const { subjects, id } = principal
  if (subject !== undefined) {
    if (subjects === '*' || subjects.includes(subject)) return subject
    throw exceeded('subject')
  }
  if (subjects !== '*' && subjects.length === 1 && subjects[0] !== undefined) return subjects[0]
  if (subjects === '*' || subjects.includes(id)) return id
  throw new TokenRequestError('subject_required', 'name a subject', 'subject')
}

/** Whether a token is among the principal's projects and subjects. */
export function ownsRecord(principal: Principal, token: Pick<StoredToken, 'project' | 'subject'>): boolean {
  return (
    (principal.projects === '*' || principal.projects.includes(token.project)) &&
    (principal.subjects === '*' || principal.subjects.includes(token.subject))
  )
}

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
  assertInput(grant, GRANT_MEMBERS, 'a grant', 'grant.')
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
  if (asked === null) throw exceeded('paths')
  if (asked.every((inner) => most.some((outer) => coversPath(outer, inner)))) return asked
  throw exceeded('paths')
}

function limitIp(grant: Grant, asked: ParsedLimits['ip']): ParsedLimits['ip'] {
  if (grant.ip === undefined || grant.ip.length === 0) return asked
  const most = parseIpRanges(grant.ip, 'grant.ip')
  if (asked === undefined) return most
  // An empty list means any address: more than the grant.
  if (asked.length > 0 && asked.every((inner) => most.some((outer) => coversIpRange(outer, inner))))
    return asked
  throw exceeded('ip')
}

function limitScope(grant: Grant, asked: ParsedLimits['scope']): ParsedLimits['scope'] {
  if (grant.scope === undefined) return asked
  const most = parseScope(grant.scope, 'grant.scope')
  if (asked === undefined) return most
  if (grantsScope(most, asked)) return asked
  throw exceeded('scope')
}

function limitHttpMethods(grant: Grant, asked: ParsedLimits['httpMethods']): ParsedLimits['httpMethods'] {
  if (grant.httpMethods === undefined) return asked
  const most = parseHttpMethods(grant.httpMethods, 'grant.httpMethods')
  if (asked === undefined) return most
  if (asked?.every((method) => allowsHttpMethod(most, method))) return asked
  throw exceeded('httpMethods')
}

function limitCredits(grant: Grant, asked: ParsedLimits['credits']): ParsedLimits['credits'] {
  if (grant.credits === undefined) return asked
  const most = parseGrantedCredits(grant.credits)
  // No credits are no limit that a token can have: it would pass wherever a request costs nothing.
  if (asked === null || (asked ?? most) > most || most === 0) throw exceeded('credits')
  return asked ?? most
}

/** @throws TokenRequestError `invalid_request` */
export function parseGrantedCredits(credits: number): number {
  return credits === 0 ? 0 : parseCreditAmount(credits, 'grant.credits')
}

/** An absent pool stays absent: there is no one pool that a grant could fill in. */
function limitPool(grant: Grant, asked: string | null): string | null {
  if (asked === null || parseTextList(grant.pools ?? [], 'grant.pools').includes(asked)) return asked
  throw exceeded('pool')
}

function limitClaims(grant: Grant, asked: JsonObject | undefined): JsonObject | undefined {
  const allowed = parseTextList(grant.claims ?? [], 'grant.claims')
  for (const name of Object.keys(asked ?? {})) {
    // It is said back only where it looks like a name: a caller may have put anything there.
    if (!allowed.includes(name)) throw exceeded(PLAIN_NAME.test(name) ? `claims.${name}` : 'claims')
  }
  return asked
}

export function exceeded(field: string): TokenRequestError {
  return new TokenRequestError('grant_exceeded', `${field} is more than you may grant`, field)
}
