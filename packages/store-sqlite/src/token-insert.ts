import type { InsertConditions, InsertResult, StoredToken, TokenStore } from '@hallpass/core'
import { checkStorable } from '@hallpass/core'
import type { Connection } from './connection.ts'
import { prepareRows } from './row-values.ts'
import { TOKEN_COLUMNS, type TokenValues, toStoredToken, toTokenValues } from './token-rows.ts'

export function createTokenInsert(connection: Connection): Pick<TokenStore, 'insert'> {
  const insertToken = connection.prepare(
    `INSERT INTO hallpass_tokens (${TOKEN_COLUMNS}, holds_name, idempotency_key, request_sha256)
     VALUES (${'?, '.repeat(23)} ?, ?, ?)`,
  )
  const findByIdempotencyKey = prepareRows(
    connection,
    `SELECT ${TOKEN_COLUMNS}, request_sha256 FROM hallpass_tokens WHERE idempotency_key = ?`,
  )
  const findHeldName = connection.prepare(
    `SELECT 1 FROM hallpass_tokens INDEXED BY hallpass_tokens_by_held_name
     WHERE project = ? AND subject = ? AND name = ? AND holds_name = 1 AND revoked_at IS NULL`,
  )

  /** A name of `tokens` that is taken, by a stored token or by another of them. */
  function findTakenName(tokens: readonly StoredToken[]): string | null {
    const asked = new Set<string>()
    for (const { project, subject, name, revokedAt } of tokens) {
      if (name === null || revokedAt !== null) continue
      const key = JSON.stringify([project, subject, name])
      if (asked.has(key) || findHeldName.get(project, subject, name) !== undefined) return name
      asked.add(key)
    }
    return null
  }

  return {
    async insert(tokens: readonly StoredToken[], { uniqueName = false, idempotency }: InsertConditions) {
      for (const token of tokens) {
        checkStorable(token.project, token.id, token.subject, token.name, token.application, token.profile)
        checkStorable(token.keyId, token.pool, token.tokenSha256, token.createdBy)
      }
      // Made now: what the caller does with its objects later does not matter.
      const named = uniqueName ? tokens.map((token) => ({ ...token })) : []
      const rows = tokens.map((token) => [
        ...toTokenValues(token),
        uniqueName ? 1 : 0,
        idempotency?.keySha256 ?? null,
        idempotency?.requestSha256 ?? null,
      ])
      return connection.write((): InsertResult => {
        if (idempotency !== undefined) {
          const row = findByIdempotencyKey.get(idempotency.keySha256) as
            | [...TokenValues, requestSha256: string]
            | undefined
          if (row !== undefined) {
            return { outcome: 'exists', token: toStoredToken(row), requestSha256: row[23] }
          }
        }
        // Looked up before anything is written, under the lock; the unique index has the last word.
        const taken = findTakenName(named)
        if (taken !== null) return { outcome: 'name_taken', name: taken }
        for (const row of rows) insertToken.run(...row)
        return { outcome: 'inserted' }
      })
    },
  }
}
