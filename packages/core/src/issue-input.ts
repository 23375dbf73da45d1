import { parseCreditAmount } from './credit-amount.ts'
import { parseCustomClaims } from './custom-claims.ts'
import { parseDuration } from './duration.ts'
import { parseHttpMethods } from './http-method.ts'
import { type IpRange, parseIpRanges } from './ip-range.ts'
import { assertInput, type KnownMembers } from './known-members.ts'
import { parseLabel } from './label.ts'
import { limitToGrant } from './limit-to-grant.ts'
import { type PathPattern, parsePathPatterns } from './path-pattern.ts'
import { TokenRequestError } from './request-error.ts'
import { parseScope } from './scope.ts'
import { parseTextList } from './text-list.ts'
import type { JsonObject, StoredToken } from './token.ts'
import type { IssueInput } from './token-service.ts'

/** The limits a request asks for, parsed. `undefined` = absent, so that a grant can fill it in. */
export interface ParsedLimits {
  readonly paths: readonly PathPattern[] | null | undefined
  readonly ip: readonly IpRange[] | undefined
  readonly scope: readonly string[] | undefined
  readonly httpMethods: readonly string[] | null | undefined
  readonly credits: number | null | undefined
  readonly claims: JsonObject | undefined
  /** Null = none. */
  readonly pool: string | null
}

/** What bounds a life where the request does not. */
export interface LifeRules {
  readonly defaultLifeSeconds: number
  readonly maxLifeSeconds: number | null
  readonly allowNoExpiry: boolean
}

/** Everything a stored token has that the request decides. */
export type IssueFields = Omit<
  StoredToken,
  'id' | 'keyId' | 'tokenSha256' | 'profile' | 'lastUsedAt' | 'revokedAt'
>

const ISSUE_MEMBERS: KnownMembers<IssueInput> = {
  project: true,
  subject: true,
  name: true,
  application: true,
  notBefore: true,
  expiresIn: true,
  expiresAt: true,
  ip: true,
  paths: true,
  scope: true,
  httpMethods: true,
  credits: true,
  pool: true,
  claims: true,
  createdBy: true,
  grant: true,
  profile: true,
  uniqueName: true,
  allowExpired: true,
  allowNoExpiry: true,
  idempotencyKey: true,
  idempotencyContext: true,
}

/** The last moment whose seconds a token's claims can hold and JSON can show (RFC 3339 has four-digit years). */
const LAST_MOMENT = Date.UTC(9999, 11, 31, 23, 59, 59)

/**
 * Reads and bounds a request for a token, and holds it to its grant.
 * @throws TokenRequestError `invalid_request` or `grant_exceeded`, with the field
 */
export function parseIssueInput(input: IssueInput, rules: LifeRules, now: Date): IssueFields {
  assertInput(input, ISSUE_MEMBERS, 'a token')
  const asked: ParsedLimits = {
    paths: input.paths == null ? input.paths : parsePathPatterns(parseTextList(input.paths, 'paths')),
    ip: input.ip === undefined ? undefined : parseIpRanges(parseTextList(input.ip, 'ip')),
    scope: input.scope === undefined ? undefined : parseScope(parseTextList(input.scope, 'scope')),
    httpMethods:
      input.httpMethods == null
        ? input.httpMethods
        : parseHttpMethods(parseTextList(input.httpMethods, 'httpMethods')),
    credits: parseCredits(input.credits),
    claims: input.claims === undefined ? undefined : parseCustomClaims(input.claims),
    pool: input.pool == null ? null : parseLabel(input.pool, 'pool', { max: 256 }),
  }
  const limits = input.grant === undefined ? asked : limitToGrant(input.grant, asked)
  const notBefore = input.notBefore === undefined ? null : parseMoment(input.notBefore, 'notBefore')
  const expiresAt = parseExpiry(input, rules, notBefore, now)
  const credits = limits.credits ?? null
  return {
    project: input.project === undefined ? 'default' : parseLabel(input.project, 'project', { max: 128 }),
    subject: input.subject === undefined ? 'default' : parseLabel(input.subject, 'subject', { max: 256 }),
    name: input.name == null ? null : parseLabel(input.name, 'name', { max: 255 }),
    application:
      input.application === undefined
        ? 'default'
        : parseLabel(input.application, 'application', { max: 128 }),
    createdAt: now,
    notBefore,
    expiresAt,
    signedExpiresAt: expiresAt,
    ip: (limits.ip ?? []).map((range) => range.text),
    paths: limits.paths?.map((pattern) => pattern.text) ?? null,
    scope: limits.scope ?? [],
    httpMethods: limits.httpMethods ?? null,
    credits: credits === null ? null : { limit: credits, remaining: credits },
    pool: limits.pool,
    claims: limits.claims ?? {},
    createdBy:
      input.createdBy === undefined ? 'service' : parseLabel(input.createdBy, 'createdBy', { max: 256 }),
  }
}

function parseCredits(credits: number | null | undefined): number | null | undefined {
  return credits == null ? credits : parseCreditAmount(credits, 'credits')
}

/** A date that a token can hold. @throws TokenRequestError `invalid_request` */
export function parseMoment(value: unknown, field: string): Date {
  if (value instanceof Date && value.getTime() >= 0 && value.getTime() <= LAST_MOMENT) return new Date(value)
  throw new TokenRequestError('invalid_request', `${field} must be a date from 1970 to 9999`, field)
}

/** Seconds, given as a number or as text. @throws TokenRequestError `invalid_request` */
export function parseLife(value: unknown, field: string): number {
  const seconds = typeof value === 'string' ? parseDuration(value, { field }) : value
  if (typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0) return seconds
  throw new TokenRequestError('invalid_request', `${field} must be longer than 0 seconds`, field)
}

function parseExpiry(input: IssueInput, rules: LifeRules, notBefore: Date | null, now: Date): Date | null {
  if (input.expiresIn !== undefined && input.expiresAt !== undefined) {
    throw new TokenRequestError(
      'invalid_request',
      'give either expiresIn or expiresAt, not both',
      'expiresIn',
    )
  }
  const granted = input.grant?.maxLifeSeconds ?? Number.POSITIVE_INFINITY
  // Not a number grants nothing, and neither does 0, which is what is left of a token that has just ended.
  if (!(granted > 0)) throw lifeExceeded(input.expiresAt === undefined ? 'expiresIn' : 'expiresAt')
  const most = rules.maxLifeSeconds ?? Number.POSITIVE_INFINITY
  if (input.expiresAt === null) {
    if (granted !== Number.POSITIVE_INFINITY) throw lifeExceeded('expiresAt')
    const isAllowed = rules.allowNoExpiry || input.allowNoExpiry === true
    if (!isAllowed || most !== Number.POSITIVE_INFINITY) {
      throw new TokenRequestError('invalid_request', 'a token must expire', 'expiresAt')
    }
    return null
  }
  const field = input.expiresAt === undefined ? 'expiresIn' : 'expiresAt'
  const expiresAt = askedExpiry(input, Math.min(rules.defaultLifeSeconds, granted, most), now)
  if (expiresAt <= now && input.allowExpired !== true) {
    throw new TokenRequestError('invalid_request', `${field} is in the past`, field)
  }
  if (notBefore !== null && notBefore >= expiresAt) {
    throw new TokenRequestError('invalid_request', 'notBefore must be earlier than the expiry', 'notBefore')
  }
  const lifeMs = expiresAt.getTime() - now.getTime()
  if (lifeMs > toMs(granted)) throw lifeExceeded(field)
  if (lifeMs > toMs(most)) {
    throw new TokenRequestError(
      'invalid_request',
      `${field} is beyond the longest life of ${most} seconds`,
      field,
    )
  }
  return expiresAt
}

function askedExpiry(input: IssueInput, otherwiseSeconds: number, now: Date): Date {
  if (input.expiresAt != null) return parseMoment(input.expiresAt, 'expiresAt')
  const seconds = input.expiresIn === undefined ? otherwiseSeconds : parseLife(input.expiresIn, 'expiresIn')
  const expiresAt = now.getTime() + toMs(seconds)
  if (expiresAt <= LAST_MOMENT) return new Date(expiresAt)
  throw new TokenRequestError('invalid_request', 'expiresIn ends after the year 9999', 'expiresIn')
}

/** Whole milliseconds, rounded alike for what is asked and for what bounds it. */
function toMs(seconds: number): number {
  return Math.round(seconds * 1000)
}

function lifeExceeded(field: string): TokenRequestError {
  return new TokenRequestError('grant_exceeded', `${field} is later than you may grant`, field)
}
