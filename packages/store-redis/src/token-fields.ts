import type { Credits, JsonObject, StoredToken } from '@hallpass/core'
import type { TOKEN_FIELDS } from './lua/key-names.ts'

/** What no script has to look at, as one JSON text in the field `body`. Times are milliseconds. */
interface Body {
  readonly profile: string
  readonly createdAt: number
  readonly notBefore: number | null
  readonly ip: readonly string[]
  readonly paths: readonly string[] | null
  readonly scope: readonly string[]
  readonly httpMethods: readonly string[] | null
  readonly pool: string | null
  readonly claims: JsonObject
  readonly tokenSha256: string
  readonly createdBy: string
}

/** Field and value by turns. What is null has no field. */
export function toTokenFields(token: StoredToken): string[] {
  const body: Body = {
    profile: token.profile,
    createdAt: toTime(token.createdAt),
    notBefore: token.notBefore === null ? null : toTime(token.notBefore),
    ip: token.ip,
    paths: token.paths,
    scope: token.scope,
    httpMethods: token.httpMethods,
    pool: token.pool,
    claims: token.claims,
    tokenSha256: token.tokenSha256,
    createdBy: token.createdBy,
  }
  const { credits } = token
  const fields: Record<(typeof TOKEN_FIELDS)[number], string | null> = {
    subject: token.subject,
    application: token.application,
    key: token.keyId,
    name: token.name,
    expires: toTimeText(token.expiresAt),
    signed: toTimeText(token.signedExpiresAt),
    limit: credits === null ? null : String(credits.limit),
    left: credits === null ? null : String(credits.remaining),
    used: toTimeText(token.lastUsedAt),
    revoked: toTimeText(token.revokedAt),
    body: JSON.stringify(body),
  }
  return Object.entries(fields).flatMap(([field, value]) => (value === null ? [] : [field, value]))
}

/** What scripts answer of a token: the values of `TOKEN_FIELDS`, all null when there is none. */
export type TokenValues = readonly (string | null)[]

/** @returns null when there is no such token */
export function toStoredToken(project: string, id: string, values: TokenValues): StoredToken | null {
  const [text, subject, name, application, key, expires, signed, limit, left, used, revoked] = values
  if (typeof text !== 'string') return null
  const body = JSON.parse(text) as Body
  return {
    id,
    project,
    subject: subject ?? '',
    name: name ?? null,
    application: application ?? '',
    profile: body.profile,
    keyId: key ?? '',
    createdAt: new Date(body.createdAt),
    notBefore: body.notBefore === null ? null : new Date(body.notBefore),
    expiresAt: toDate(expires),
    signedExpiresAt: toDate(signed),
    ip: body.ip,
    paths: body.paths,
    scope: body.scope,
    httpMethods: body.httpMethods,
    credits: toCredits(limit, left),
    pool: body.pool,
    claims: body.claims,
    tokenSha256: body.tokenSha256,
    createdBy: body.createdBy,
    lastUsedAt: toDate(used),
    revokedAt: toDate(revoked),
  }
}

function toCredits(limit: string | null | undefined, left: string | null | undefined): Credits | null {
  return typeof limit === 'string' && typeof left === 'string'
    ? { limit: Number(limit), remaining: Number(left) }
    : null
}

/** Field and value by turns, as a map. */
export function toMap(fields: readonly string[]): ReadonlyMap<string, string> {
  const map = new Map<string, string>()
  for (let index = 0; index + 1 < fields.length; index += 2)
    map.set(fields[index] ?? '', fields[index + 1] ?? '')
  return map
}

/** @throws RangeError for a date that is none: a script must not stop half-way over it */
export function toTime(date: Date): number {
  const time = date.getTime()
  if (Number.isNaN(time)) throw new RangeError('a time is not a valid date')
  return time
}

export function toTimeText(date: Date): string
export function toTimeText(date: Date | null): string | null
export function toTimeText(date: Date | null): string | null {
  return date === null ? null : String(toTime(date))
}

export function toDate(time: string | null | undefined): Date | null {
  return typeof time !== 'string' || time === '' ? null : new Date(Number(time))
}
