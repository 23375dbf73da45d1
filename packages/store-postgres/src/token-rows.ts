import type { Credits, JsonObject, StoredToken } from '@hallpass/core'
import type { PostgresValue } from './postgres-pool.ts'

/** A row of tokens as `TOKEN_COLUMNS` selects it. */
export interface TokenRow {
  readonly project: string
  readonly id: string
  readonly subject: string
  readonly name: string | null
  readonly application: string
  readonly profile: string
  readonly key_id: string
  readonly created_at: string
  readonly not_before: string | null
  readonly expires_at: string | null
  readonly signed_expires_at: string | null
  readonly ip: string
  readonly paths: string | null
  readonly scope: string
  readonly http_methods: string | null
  readonly credit_limit: string | null
  readonly credit_remaining: string | null
  readonly pool: string | null
  readonly claims: string
  readonly token_sha256: string
  readonly created_by: string
  readonly last_used_at: string | null
  readonly revoked_at: string | null
}

type ColumnType = 'text' | 'bigint' | 'json'

/** Name and type of each column, and the value that a token has in it. */
const COLUMNS: readonly (readonly [
  name: keyof TokenRow,
  type: ColumnType,
  value: (token: StoredToken) => string | number | null,
])[] = [
  ['project', 'text', (token) => token.project],
  ['id', 'text', (token) => token.id],
  ['subject', 'text', (token) => token.subject],
  ['name', 'text', (token) => token.name],
  ['application', 'text', (token) => token.application],
  ['profile', 'text', (token) => token.profile],
  ['key_id', 'text', (token) => token.keyId],
  ['created_at', 'bigint', (token) => token.createdAt.getTime()],
  ['not_before', 'bigint', (token) => toTime(token.notBefore)],
  ['expires_at', 'bigint', (token) => toTime(token.expiresAt)],
  ['signed_expires_at', 'bigint', (token) => toTime(token.signedExpiresAt)],
  ['ip', 'json', (token) => JSON.stringify(token.ip)],
  ['paths', 'json', (token) => toJson(token.paths)],
  ['scope', 'json', (token) => JSON.stringify(token.scope)],
  ['http_methods', 'json', (token) => toJson(token.httpMethods)],
  ['credit_limit', 'bigint', (token) => token.credits?.limit ?? null],
  ['credit_remaining', 'bigint', (token) => token.credits?.remaining ?? null],
  ['pool', 'text', (token) => token.pool],
  ['claims', 'json', (token) => JSON.stringify(token.claims)],
  ['token_sha256', 'text', (token) => token.tokenSha256],
  ['created_by', 'text', (token) => token.createdBy],
  ['last_used_at', 'bigint', (token) => toTime(token.lastUsedAt)],
  ['revoked_at', 'bigint', (token) => toTime(token.revokedAt)],
]

export const TOKEN_COLUMNS: string = COLUMNS.map(([name]) => name).join(', ')

/** Any number of tokens as a table named `given`; its parameters are `toTokenValues`, from $1 on. */
export const GIVEN_TOKENS: string = `unnest(${COLUMNS.map(([, type], index) => `$${index + 1}::${type}[]`).join(', ')})
  AS given (${TOKEN_COLUMNS})`

/** How many parameters `GIVEN_TOKENS` has. */
export const GIVEN_PARAMETERS: number = COLUMNS.length

/** One list for each column. */
export function toTokenValues(tokens: readonly StoredToken[]): PostgresValue[] {
  return COLUMNS.map(([, , toValue]) => tokens.map(toValue))
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
    createdAt: new Date(Number(row.created_at)),
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

function toCredits({ credit_limit: limit, credit_remaining: remaining }: TokenRow): Credits | null {
  return limit === null || remaining === null ? null : { limit: Number(limit), remaining: Number(remaining) }
}

export function toTime(date: Date | null): number | null {
  return date === null ? null : date.getTime()
}

export function toDate(time: string | null): Date | null {
  return time === null ? null : new Date(Number(time))
}

function toJson(list: readonly string[] | null): string | null {
  return list === null ? null : JSON.stringify(list)
}

function toList(json: string): readonly string[] {
  return json === '[]' ? [] : (JSON.parse(json) as string[])
}
