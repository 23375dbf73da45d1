import type { Credits, JsonObject, StoredToken } from '@hallpass/core'
import type { SqliteValue } from './sqlite-database.ts'

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

export function toCredits(limit: number | null, remaining: number | null): Credits | null {
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
