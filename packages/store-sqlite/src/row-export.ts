import { type Counter, parseExportCursor, type StoredRow, type StoredRows } from '@hallpass/core'
import type { Connection } from './connection.ts'
import type { SqliteStatement } from './sqlite-database.ts'
import { TOKEN_COLUMNS, type TokenRow, toStoredToken } from './token-rows.ts'

interface PoolRow {
  readonly project: string
  readonly name: string
  readonly credit_limit: number
  readonly credit_remaining: number
}

interface ReceiptRow {
  readonly receipt: string
  readonly at: number
  readonly amount: number
  readonly counters: string
  readonly remaining: string
  readonly refunded_at: number | null
}

interface UsageRow {
  readonly project: string
  readonly day: string
  readonly application: string
  readonly subject: string
  readonly token_id: string
  readonly calls: number
  readonly credits: number
}

type InsertedTokenRow = TokenRow & {
  readonly holds_name: number
  readonly idempotency_key: string | null
  readonly request_sha256: string | null
}

/** One table, read in the order of its key. */
interface Section {
  readonly first: SqliteStatement
  readonly next: SqliteStatement
  toRow(row: unknown): StoredRow
  toKey(row: StoredRow): readonly string[]
}

export function createRowExport(connection: Connection): Pick<StoredRows, 'exportRows'> {
  const sections = createSections(connection)

  return {
    exportRows: (after, limit) =>
      connection.read(() => {
        const cursor = parseExportCursor(after)
        const section = sections[cursor?.index ?? -1]
        if (cursor === undefined || section === undefined) throw foreignCursor()
        const { index, key } = cursor
        const found = key.length === 0 ? section.first.all(limit) : section.next.all(...key, limit)
        const rows = found.map((row) => section.toRow(row))
        const last = rows.at(-1)
        if (last !== undefined && rows.length >= limit)
          return { rows, next: JSON.stringify([index, ...section.toKey(last)]) }
        return { rows, next: index + 1 < sections.length ? JSON.stringify([index + 1]) : null }
      }),
  }
}

function createSections(connection: Connection): readonly Section[] {
  const prepare = (columns: string, table: string, key: string): Pick<Section, 'first' | 'next'> => {
    const values = key.replaceAll(/\w+/g, '?')
    return {
      // No text is below the empty one. Without a bound the planner would be free to sort the whole table.
      first: connection.prepare(
        `SELECT ${columns} FROM ${table} WHERE (${key}) >= (${key.replaceAll(/\w+/g, "''")}) ORDER BY ${key} LIMIT ?`,
      ),
      next: connection.prepare(
        `SELECT ${columns} FROM ${table} WHERE (${key}) > (${values}) ORDER BY ${key} LIMIT ?`,
      ),
    }
  }
  const tokenColumns = `${TOKEN_COLUMNS}, holds_name, idempotency_key, request_sha256`
  return [
    {
      ...prepare(tokenColumns, 'hallpass_tokens', 'project, id'),
      toRow: (row) => toTokenRow(row as InsertedTokenRow),
      toKey: (row) => (row.kind === 'token' ? [row.token.project, row.token.id] : []),
    },
    {
      ...prepare('*', 'hallpass_pools', 'project, name'),
      toRow: (row) => toPoolRow(row as PoolRow),
      toKey: (row) => (row.kind === 'pool' ? [row.pool.project, row.pool.name] : []),
    },
    {
      ...prepare('*', 'hallpass_receipts', 'receipt'),
      toRow: (row) => toReceiptRow(row as ReceiptRow),
      toKey: (row) => (row.kind === 'receipt' ? [row.receipt.receipt] : []),
    },
    {
      ...prepare('*', 'hallpass_usage', 'project, day, application, subject, token_id'),
      toRow: (row) => toUsageRow(row as UsageRow),
      toKey: (row) => {
        if (row.kind !== 'usage') return []
        const { project, day, application, subject, tokenId } = row.usage
        return [project, day, application, subject, tokenId]
      },
    },
  ]
}

function toTokenRow(row: InsertedTokenRow): StoredRow {
  const { idempotency_key: keySha256, request_sha256: requestSha256 } = row
  const idempotency = keySha256 === null || requestSha256 === null ? null : { keySha256, requestSha256 }
  return { kind: 'token', token: toStoredToken(row), uniqueName: row.holds_name === 1, idempotency }
}

function toPoolRow({ project, name, credit_limit: limit, credit_remaining: remaining }: PoolRow): StoredRow {
  return { kind: 'pool', pool: { project, name, limit, remaining } }
}

function toReceiptRow(row: ReceiptRow): StoredRow {
  return {
    kind: 'receipt',
    receipt: {
      receipt: row.receipt,
      counters: JSON.parse(row.counters) as Counter[],
      amount: row.amount,
      at: new Date(row.at),
      remaining: JSON.parse(row.remaining) as number[],
      refunded: row.refunded_at !== null,
    },
  }
}

function toUsageRow(row: UsageRow): StoredRow {
  const { project, day, application, subject, token_id: tokenId, calls, credits } = row
  return { kind: 'usage', usage: { project, day, application, subject, tokenId, calls, credits } }
}

function foreignCursor(): RangeError {
  return new RangeError('this is not where an export of a SQLite store goes on')
}
