import type { Credits, JsonObject, StoredToken } from '@hallpass/core'
import type { SqliteValue } from './sqlite-database.ts'
import type { LastingPart } from './token-cache.ts'

/** A token as it is stored. */
export const TOKEN_COLUMNS: string = `project, id, subject, name, application, profile, key_id, created_at, not_before,
  expires_at, signed_expires_at, ip, paths, scope, http_methods, credit_limit, credit_remaining, pool, claims,
  token_sha256, created_by, last_used_at, revoked_at`

/** The values of `TOKEN_COLUMNS`, in their order. */
export type TokenValues = readonly [
  project: string,
  id: string,
  subject: string,
  name: string | null,
  application: string,
  profile: string,
  keyId: string,
  createdAt: number,
  notBefore: number | null,
  expiresAt: number | null,
  signedExpiresAt: number | null,
  ip: string,
  paths: string | null,
  scope: string,
  httpMethods: string | null,
  creditLimit: number | null,
  creditRemaining: number | null,
  pool: string | null,
  claims: string,
  tokenSha256: string,
  createdBy: string,
  lastUsedAt: number | null,
  revokedAt: number | null,
]

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

/** @param values of `TOKEN_COLUMNS`; more of them may follow */
export function toStoredToken(values: readonly [...TokenValues, ...unknown[]]): StoredToken {
  // By index: to take a list apart calls its iterator.
  return {
    id: values[1],
    project: values[0],
    subject: values[2],
    name: values[3],
    application: values[4],
    profile: values[5],
    keyId: values[6],
    createdAt: new Date(values[7]),
    notBefore: toDate(values[8]),
    expiresAt: toDate(values[9]),
    signedExpiresAt: toDate(values[10]),
    ip: toList(values[11]),
    paths: values[12] === null ? null : toList(values[12]),
    scope: toList(values[13]),
    httpMethods: values[14] === null ? null : toList(values[14]),
    credits: toCredits(values[15], values[16]),
    pool: values[17],
    claims: values[18] === '{}' ? {} : (JSON.parse(values[18]) as JsonObject),
    tokenSha256: values[19],
    createdBy: values[20],
    lastUsedAt: toDate(values[21]),
    revokedAt: toDate(values[22]),
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
  if (values[1] !== lasting.id || values[2] !== lasting.tokenSha256 || values[0] !== lasting.project)
    return null
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
    credits: toCredits(values[5], values[6]),
    pool: lasting.pool,
    claims: lasting.claims,
    tokenSha256: lasting.tokenSha256,
    createdBy: lasting.createdBy,
    lastUsedAt: toDate(values[7]),
    revokedAt: toDate(values[8]),
  }
}

function toCredits(limit: number | null, remaining: number | null): Credits | null {
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
