import { type Counter, parseExportCursor, type StoredRow, type StoredRows } from '@hallpass/core'
import type { Connection } from './connection.ts'
import type { Tables } from './tables.ts'
import { TOKEN_COLUMNS, type TokenRow, toStoredToken } from './token-rows.ts'

interface PoolRow {
  readonly project: string
  readonly name: string
  readonly credit_limit: string
  readonly credit_remaining: string
}

interface ReceiptRow {
  readonly receipt: string
  readonly at: string
  readonly amount: string
  readonly counters: string
  readonly remaining: string
  readonly refunded_at: string | null
}

interface UsageRow {
  readonly project: string
  readonly day: string
  readonly application: string
  readonly subject: string
  readonly token_id: string
  readonly calls: string
  readonly credits: string
}

type InsertedTokenRow = TokenRow & {
  readonly holds_name: string
  readonly idempotency_key: string | null
  readonly request_sha256: string | null
}

/** One table, read in the order of its key. */
interface Section {
  readonly table: string
  readonly columns: string
  readonly key: readonly string[]
  toRow(row: unknown): StoredRow
}

export function createRowExport(connection: Connection, tables: Tables): Pick<StoredRows, 'exportRows'> {
  const sections = createSections(tables)

  return {
    async exportRows(after, limit) {
      const cursor = parseExportCursor(after)
      const section = sections[cursor?.index ?? -1]
      if (cursor === undefined || section === undefined) throw foreignCursor()
      const { index, key } = cursor
      if (key.length > 0 && key.length !== section.key.length) throw foreignCursor()
      const order = section.key.join(', ')
      const where = key.length === 0 ? '' : `WHERE (${order}) > (${section.key.map((_, at) => `$${at + 2}`)})`
      const found = await connection.read<Record<string, string>>(
        `SELECT ${section.columns} FROM ${section.table} ${where} ORDER BY ${order} LIMIT $1`,
        [limit, ...key],
      )
      const rows = found.map(section.toRow)
      const last = found.at(-1)
      if (last !== undefined && found.length >= limit)
        return { rows, next: JSON.stringify([index, ...section.key.map((column) => last[column])]) }
      return { rows, next: index + 1 < sections.length ? JSON.stringify([index + 1]) : null }
    },
  }
}

function createSections(tables: Tables): readonly Section[] {
  return [
    {
      table: tables.tokens,
      columns: `${TOKEN_COLUMNS}, holds_name, idempotency_key, request_sha256`,
      key: ['project', 'id'],
      toRow: (row) => toTokenRow(row as InsertedTokenRow),
    },
    {
      table: tables.pools,
      columns: '*',
      key: ['project', 'name'],
      toRow: (row) => toPoolRow(row as PoolRow),
    },
    {
      table: tables.receipts,
      columns: '*',
      key: ['receipt'],
      toRow: (row) => toReceiptRow(row as ReceiptRow),
    },
    {
      table: tables.usage,
      columns: '*',
      key: ['project', 'day', 'application', 'subject', 'token_id'],
      toRow: (row) => toUsageRow(row as UsageRow),
    },
  ]
}

function toTokenRow(row: InsertedTokenRow): StoredRow {
  const { idempotency_key: keySha256, request_sha256: requestSha256 } = row
  const idempotency = keySha256 === null || requestSha256 === null ? null : { keySha256, requestSha256 }
  return { kind: 'token', token: toStoredToken(row), uniqueName: row.holds_name === 't', idempotency }
}

function toPoolRow({ project, name, credit_limit, credit_remaining }: PoolRow): StoredRow {
  const [limit, remaining] = [Number(credit_limit), Number(credit_remaining)]
  return { kind: 'pool', pool: { project, name, limit, remaining } }
}

function toReceiptRow(row: ReceiptRow): StoredRow {
  return {
    kind: 'receipt',
    receipt: {
      receipt: row.receipt,
      counters: JSON.parse(row.counters) as Counter[],
      amount: Number(row.amount),
      at: new Date(Number(row.at)),
      remaining: JSON.parse(row.remaining) as number[],
      refunded: row.refunded_at !== null,
    },
  }
}

function toUsageRow(row: UsageRow): StoredRow {
  const { project, day, application, subject, token_id: tokenId } = row
  const [calls, credits] = [Number(row.calls), Number(row.credits)]
  return { kind: 'usage', usage: { project, day, application, subject, tokenId, calls, credits } }
}

function foreignCursor(): RangeError {
  return new RangeError('this is not where an export of a PostgreSQL store goes on')
}
