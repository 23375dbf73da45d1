import type { InsertResult, StoredToken, TokenStore } from '@hallpass/core'
import { checkStorable } from '@hallpass/core'
import type { Connection } from './connection.ts'
import { DURABLE } from './connection.ts'
import { isViolationOf, PostgresStoreError } from './postgres-error.ts'
import type { Tables } from './tables.ts'
import {
  GIVEN_PARAMETERS,
  GIVEN_TOKENS,
  TOKEN_COLUMNS,
  type TokenRow,
  toStoredToken,
  toTokenValues,
} from './token-rows.ts'

/** How often an insert is tried when what was in its way is gone at the second look. */
const ATTEMPTS = 5

export function createTokenInsert(connection: Connection, tables: Tables): Pick<TokenStore, 'insert'> {
  const [uniqueName, keySha256, requestSha256] = [1, 2, 3].map((index) => `$${GIVEN_PARAMETERS + index}`)
  // Looks first, so that a name that is taken is no error in the server's log; the unique indexes have the last word.
  // In order of the names, so that two calls with the same ones cannot wait for each other.
  const insertAll = `
    WITH given AS (SELECT * FROM ${GIVEN_TOKENS})
    INSERT INTO ${tables.tokens} (${TOKEN_COLUMNS}, holds_name, idempotency_key, request_sha256)
    SELECT ${TOKEN_COLUMNS}, ${uniqueName}::boolean, ${keySha256}::text, ${requestSha256}::text FROM given
    WHERE ${DURABLE}
      AND NOT EXISTS (SELECT FROM ${tables.tokens} WHERE idempotency_key = ${keySha256})
      AND NOT (${uniqueName} AND EXISTS (
        SELECT FROM given AS asked JOIN ${tables.tokens} AS held USING (project, subject, name)
        WHERE held.holds_name AND held.revoked_at IS NULL AND asked.revoked_at IS NULL))
    ORDER BY project, subject, name, id
    RETURNING 1`
  const findByIdempotencyKey = `
    SELECT ${TOKEN_COLUMNS}, request_sha256 FROM ${tables.tokens} WHERE idempotency_key = $1`
  const findHeldName = `
    SELECT asked.name FROM unnest($1::text[], $2::text[], $3::text[]) AS asked (project, subject, name)
    JOIN ${tables.tokens} AS held USING (project, subject, name)
    WHERE held.holds_name AND held.revoked_at IS NULL LIMIT 1`

  /** Why nothing was inserted; null = there is no reason any more. */
  async function findObstacle(
    key: string | null,
    named: readonly StoredToken[],
  ): Promise<InsertResult | null> {
    if (key !== null) {
      const [row] = await connection.read<TokenRow & { readonly request_sha256: string }>(
        findByIdempotencyKey,
        [key],
      )
      if (row !== undefined) {
        return { outcome: 'exists', token: toStoredToken(row), requestSha256: row.request_sha256 }
      }
    }
    if (named.length === 0) return null
    const [held] = await connection.read<{ readonly name: string }>(findHeldName, [
      named.map(({ project }) => project),
      named.map(({ subject }) => subject),
      named.map(({ name }) => name),
    ])
    return held === undefined ? null : { outcome: 'name_taken', name: held.name }
  }

  /** @returns false when something was in the way */
  async function tryInsert(values: Parameters<Connection['write']>[1]): Promise<boolean> {
    try {
      return (await connection.write(insertAll, values)).length > 0
    } catch (error) {
      if (isViolationOf(error, 'tokens_by_idempotency_key')) return false
      if (isViolationOf(error, 'tokens_by_held_name')) return false
      throw error
    }
  }

  return {
    async insert(tokens, { uniqueName: unique = false, idempotency }) {
      for (const token of tokens) {
        checkStorable(token.project, token.id, token.subject, token.name, token.application, token.profile)
        checkStorable(token.keyId, token.pool, token.tokenSha256, token.createdBy)
      }
      // Made now: what the caller does with its objects later does not matter.
      const key = idempotency?.keySha256 ?? null
      const values = [...toTokenValues(tokens), unique, key, idempotency?.requestSha256 ?? null]
      const named = unique
        ? tokens
            .filter(({ name, revokedAt }) => name !== null && revokedAt === null)
            .map((token) => ({ ...token }))
        : []
      const twice = findNameTwice(named)
      if (twice !== null) return { outcome: 'name_taken', name: twice }
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        if (await tryInsert(values)) return { outcome: 'inserted' }
        const obstacle = await findObstacle(key, named)
        if (obstacle !== null) return obstacle
      }
      throw new PostgresStoreError(
        'failed',
        'the tokens could not be inserted: others took and freed their names',
      )
    },
  }
}

/** A name that two of the tokens ask for. */
function findNameTwice(named: readonly StoredToken[]): string | null {
  const asked = new Set<string>()
  for (const { project, subject, name } of named) {
    const key = JSON.stringify([project, subject, name])
    if (asked.has(key)) return name
    asked.add(key)
  }
  return null
}
