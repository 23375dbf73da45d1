import type { Credits, JsonObject, StoredToken } from '@hallpass/core'
import type { SqliteValue } from './sqlite-database.ts'
import type { LastingPart } from './token-cache.ts'

/** A row of hallpass_tokens as `TOKEN_COLUMNS` selects it. */
export interface TokenRow {
  readonly project: string
  readonly id: string
  readonly subject: string
  readonly name: string | null
  readonly application: string
  readonly profile: string
  readonly key_id: string
  readonly created_at: number
  readonly not_before: number | null
  readonly expires_at: number | null
  readonly signed_expires_at: number | null
  readonly ip: string
  readonly paths: string | null
  readonly scope: string
  readonly http_methods: string | null
  readonly credit_limit: number | null
  readonly credit_remaining: number | null
  readonly pool: string | null
  readonly claims: string
  readonly token_sha256: string
  readonly created_by: string
  readonly last_used_at: number | null
  readonly revoked_at: number | null
}

export const TOKEN_COLUMNS: string = `project, id, subject, name, application, profile, key_id, created_at, not_before,
  expires_at, signed_expires_at, ip, paths, scope, http_methods, credit_limit, credit_remaining, pool, claims,
  token_sha256, created_by, last_used_at, revoked_at`

/** The values of `TOKEN_COLUMNS`, in their order. */
export function toTokenValues(token: StoredToken): SqliteValue[] {
  return [
    token.project,
    token.id,
    token.subject,
    token.name,
    token.application,
    token.profile,
    token.keyId,
    token.createdAt.getTime(),
    toTime(token.notBefore),
    toTime(token.expiresAt),
    toTime(token.signedExpiresAt),
    JSON.stringify(token.ip),
    token.paths === null ? null : JSON.stringify(token.paths),
    JSON.stringify(token.scope),
    token.httpMethods === null ? null : JSON.stringify(token.httpMethods),
    token.credits === null ? null : token.credits.limit,
    token.credits === null ? null : token.credits.remaining,
    token.pool,
    JSON.stringify(token.claims),
    token.tokenSha256,
    token.createdBy,
    toTime(token.lastUsedAt),
    toTime(token.revokedAt),
  ]
}

export function toStoredToken(row: TokenRow): StoredToken {
  return {
    id: row.id,
    project: row.project,
    subject: row.subject,
    name: row.name,
    application: row.application,
    profile: row.profile,
    keyId: row.key_id,
    createdAt: new Date(row.created_at),
    notBefore: toDate(row.not_before),
    expiresAt: toDate(row.expires_at),
    signedExpiresAt: toDate(row.signed_expires_at),
    ip: toList(row.ip),
    paths: row.paths === null ? null : toList(row.paths),
    scope: toList(row.scope),
    httpMethods: row.http_methods === null ? null : toList(row.http_methods),
    credits: toCredits(row),
    pool: row.pool,
    claims: row.claims === '{}' ? {} : (JSON.parse(row.claims) as JsonObject),
    tokenSha256: row.token_sha256,
    createdBy: row.created_by,
    lastUsedAt: toDate(row.last_used_at),
    revokedAt: toDate(row.revoked_at),
  }
}

/** What says whose row it is, and the columns that change after the insert. */
export const CHANGING_COLUMNS: string = `project, id, token_sha256, name, expires_at, credit_limit, credit_remaining,
  last_used_at, revoked_at`

/** The values of `CHANGING_COLUMNS`, in their order. */
export type ChangingValues = readonly [
  project: string,
  id: string,
  tokenSha256: string,
  name: string | null,
  expiresAt: number | null,
  creditLimit: number | null,
  creditRemaining: number | null,
  lastUsedAt: number | null,
  revokedAt: number | null,
]

/** What lasts of a token, apart from what does not. */
export function toLastingPart(token: StoredToken, rowid: number): LastingPart {
  return {
    rowid,
    id: token.id,
    project: token.project,
    subject: token.subject,
    application: token.application,
    profile: token.profile,
    keyId: token.keyId,
    createdAt: token.createdAt.getTime(),
    notBefore: toTime(token.notBefore),
    signedExpiresAt: toTime(token.signedExpiresAt),
    ip: token.ip,
    paths: token.paths,
    scope: token.scope,
    httpMethods: token.httpMethods,
    pool: token.pool,
    claims: token.claims,
    tokenSha256: token.tokenSha256,
    createdBy: token.createdBy,
  }
}

/**
 * A token of a part that was decoded before and the row as it is now, with dates of its own.
 * @returns null when the row is of another token
 */
export function joinToken(lasting: LastingPart, values: ChangingValues): StoredToken | null {
  // By index: to take a list apart calls its iterator.
  if (values[1] !== lasting.id || values[2] !== lasting.tokenSha256 || values[0] !== lasting.project)
    return null
  const creditLimit = values[5]
  const creditRemaining = values[6]
  return {
    id: lasting.id,
    project: lasting.project,
    subject: lasting.subject,
    name: values[3],
    application: lasting.application,
    profile: lasting.profile,
    keyId: lasting.keyId,
    createdAt: new Date(lasting.createdAt),
    notBefore: toDate(lasting.notBefore),
    expiresAt: toDate(values[4]),
    signedExpiresAt: toDate(lasting.signedExpiresAt),
    ip: lasting.ip,
    paths: lasting.paths,
    scope: lasting.scope,
    httpMethods: lasting.httpMethods,
    credits:
      creditLimit === null || creditRemaining === null
        ? null
        : { limit: creditLimit, remaining: creditRemaining },
    pool: lasting.pool,
    claims: lasting.claims,
    tokenSha256: lasting.tokenSha256,
    createdBy: lasting.createdBy,
    lastUsedAt: toDate(values[7]),
    revokedAt: toDate(values[8]),
  }
}

function toCredits({ credit_limit: limit, credit_remaining: remaining }: TokenRow): Credits | null {
  return limit === null || remaining === null ? null : { limit, remaining }
}

export function toTime(date: Date | null): number | null {
  return date === null ? null : date.getTime()
}

export function toDate(time: number | null): Date | null {
  return time === null ? null : new Date(time)
}

function toList(json: string): readonly string[] {
  return json === '[]' ? [] : (JSON.parse(json) as string[])
}
