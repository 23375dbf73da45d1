import { type Counter, parseExportCursor, type StoredRow, type StoredRows } from '@hallpass/core'
import type { Connection } from './connection.ts'
import { prepareRows, type RowQuery } from './row-values.ts'
import { TOKEN_COLUMNS, type TokenValues, toStoredToken } from './token-rows.ts'

const POOL_COLUMNS = 'project, name, credit_limit, credit_remaining'
type PoolValues = readonly [project: string, name: string, limit: number, remaining: number]

const RECEIPT_COLUMNS = 'receipt, at, amount, counters, remaining, refunded_at'
type ReceiptValues = readonly [
  receipt: string,
  at: number,
  amount: number,
  counters: string,
  remaining: string,
  refundedAt: number | null,
]

const USAGE_COLUMNS = 'project, day, application, subject, token_id, calls, credits'
type UsageValues = readonly [
  project: string,
  day: string,
  application: string,
  subject: string,
  tokenId: string,
  calls: number,
  credits: number,
]

const INSERTED_TOKEN_COLUMNS = `${TOKEN_COLUMNS}, holds_name, idempotency_key, request_sha256`
type InsertedTokenValues = readonly [
  ...TokenValues,
  holdsName: number,
  idempotencyKey: string | null,
  requestSha256: string | null,
]

/** One table, read in the order of its key. */
interface Section {
  readonly first: RowQuery
  readonly next: RowQuery
  toRow(values: readonly unknown[]): StoredRow
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
        const rows = found.map(section.toRow)
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
      first: prepareRows(
        connection,
        `SELECT ${columns} FROM ${table} WHERE (${key}) >= (${key.replaceAll(/\w+/g, "''")}) ORDER BY ${key} LIMIT ?`,
      ),
      next: prepareRows(
        connection,
        `SELECT ${columns} FROM ${table} WHERE (${key}) > (${values}) ORDER BY ${key} LIMIT ?`,
      ),
    }
  }
  return [
    {
      ...prepare(INSERTED_TOKEN_COLUMNS, 'hallpass_tokens', 'project, id'),
      toRow: (values) => toTokenRow(values as InsertedTokenValues),
      toKey: (row) => (row.kind === 'token' ? [row.token.project, row.token.id] : []),
    },
    {
      ...prepare(POOL_COLUMNS, 'hallpass_pools', 'project, name'),
      toRow: (values) => toPoolRow(values as PoolValues),
      toKey: (row) => (row.kind === 'pool' ? [row.pool.project, row.pool.name] : []),
    },
    {
      ...prepare(RECEIPT_COLUMNS, 'hallpass_receipts', 'receipt'),
      toRow: (values) => toReceiptRow(values as ReceiptValues),
      toKey: (row) => (row.kind === 'receipt' ? [row.receipt.receipt] : []),
    },
    {
      ...prepare(USAGE_COLUMNS, 'hallpass_usage', 'project, day, application, subject, token_id'),
      toRow: (values) => toUsageRow(values as UsageValues),
      toKey: (row) => {
        if (row.kind !== 'usage') return []
        const { project, day, application, subject, tokenId } = row.usage
        return [project, day, application, subject, tokenId]
      },
    },
  ]
}

function toTokenRow(values: InsertedTokenValues): StoredRow {
  const [holdsName, keySha256, requestSha256] = [values[23], values[24], values[25]]
  const idempotency = keySha256 === null || requestSha256 === null ? null : { keySha256, requestSha256 }
  return { kind: 'token', token: toStoredToken(values), uniqueName: holdsName === 1, idempotency }
}

function toPoolRow([project, name, limit, remaining]: PoolValues): StoredRow {
  return { kind: 'pool', pool: { project, name, limit, remaining } }
}

function toReceiptRow([receipt, at, amount, counters, remaining, refundedAt]: ReceiptValues): StoredRow {
  return {
    kind: 'receipt',
    receipt: {
      receipt,
      counters: JSON.parse(counters) as Counter[],
      amount,
      at: new Date(at),
      remaining: JSON.parse(remaining) as number[],
      refunded: refundedAt !== null,
    },
  }
}

function toUsageRow([project, day, application, subject, tokenId, calls, credits]: UsageValues): StoredRow {
  return { kind: 'usage', usage: { project, day, application, subject, tokenId, calls, credits } }
}

function foreignCursor(): RangeError {
  return new RangeError('this is not where an export of a SQLite store goes on')
}
