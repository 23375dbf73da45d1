import type { StoredRow, StoredRows } from '@hallpass/core'
import { checkStorable } from '@hallpass/core'
import type { Connection } from './connection.ts'
import { TOKEN_COLUMNS, toTime, toTokenValues } from './token-rows.ts'

export function createRowImport(
  connection: Connection,
): Pick<StoredRows, 'importRows' | 'importRevocations'> {
  const addToken = connection.prepare(
    `INSERT INTO hallpass_tokens (${TOKEN_COLUMNS}, holds_name, idempotency_key, request_sha256)
     VALUES (${'?, '.repeat(23)} ?, ?, ?) ON CONFLICT (project, id) DO NOTHING`,
  )
  const addPool = connection.prepare(
    `INSERT INTO hallpass_pools (project, name, credit_limit, credit_remaining) VALUES (?, ?, ?, ?)
     ON CONFLICT (project, name) DO NOTHING`,
  )
  const addReceipt = connection.prepare(
    `INSERT INTO hallpass_receipts (receipt, at, amount, counters, remaining, refunded_at) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (receipt) DO NOTHING`,
  )
  const addUsage = connection.prepare(
    `INSERT INTO hallpass_usage (project, day, application, subject, token_id, calls, credits)
     VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  )
  const addRevocation = connection.prepare(
    `INSERT INTO hallpass_revocations (project, id, reason, refused_from, signed_expires_at) VALUES (?, ?, ?, ?, ?)`,
  )

  /** What writes one row; its values are read now. */
  function toWrite(row: StoredRow): () => unknown {
    switch (row.kind) {
      case 'token': {
        const { token, uniqueName, idempotency } = row
        checkStorable(token.project, token.id, token.subject, token.name, token.application, token.profile)
        checkStorable(token.keyId, token.pool, token.tokenSha256, token.createdBy)
        const [once, request] = [idempotency?.keySha256 ?? null, idempotency?.requestSha256 ?? null]
        const values = [...toTokenValues(token), uniqueName ? 1 : 0, once, request]
        return () => addToken.run(...values)
      }
      case 'pool': {
        const { project, name, limit, remaining } = row.pool
        checkStorable(project, name)
        return () => addPool.run(project, name, limit, remaining)
      }
      case 'receipt': {
        const { receipt, at, amount, counters, remaining, refunded } = row.receipt
        checkStorable(receipt)
        const time = at.getTime()
        const lists = [JSON.stringify(counters), JSON.stringify(remaining)] as const
        return () => addReceipt.run(receipt, time, amount, ...lists, refunded ? time : null)
      }
      case 'usage': {
        const { project, day, application, subject, tokenId, calls, credits } = row.usage
        checkStorable(project, day, application, subject, tokenId)
        return () => addUsage.run(project, day, application, subject, tokenId, calls, credits)
      }
    }
  }

  return {
    async importRows(rows) {
      const writes = rows.map(toWrite)
      await connection.write(() => {
        for (const write of writes) write()
      })
    },

    async importRevocations(entries) {
      const values = entries.map(({ project, id, reason, refusedFrom, signedExpiresAt }) => {
        checkStorable(project, id)
        return [project, id, reason, refusedFrom.getTime(), toTime(signedExpiresAt)] as const
      })
      await connection.write(() => {
        for (const value of values) addRevocation.run(...value)
      })
    },
  }
}
