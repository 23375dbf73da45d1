import type { MemoryFeed } from './memory-feed.ts'
import { toPoolKey, toUsageKey } from './memory-key.ts'
import type { MemoryEntry, MemoryTokenIndex } from './memory-token-index.ts'
import type { StoredReceipt, StoredRow, StoredRowPage, StoredRows } from './stored-row.ts'
import { copyOut } from './token-copy.ts'
import type { Pool, RevocationEntry, UsageEntry } from './token-store.ts'

/** What a memory store holds, and how a token is put in. */
export interface MemoryContents {
  readonly tokens: MemoryTokenIndex
  readonly feed: MemoryFeed
  readonly idempotency: ReadonlyMap<string, { readonly requestSha256: string }>
  readonly receipts: Map<string, StoredReceipt>
  readonly pools: Map<string, Pool>
  readonly usage: Map<string, UsageEntry>
  /** @throws Error for a token whose name or idempotency key is another one's */
  checkToken(row: TokenRow): void
  addToken(row: TokenRow): void
}

export type TokenRow = Extract<StoredRow, { readonly kind: 'token' }>

/** The rows of a memory store. A cursor is a position: nothing else may write between the pages. */
export function createMemoryRows(contents: MemoryContents): StoredRows {
  function* readAll(): Generator<StoredRow> {
    for (const entry of contents.tokens.all()) yield toTokenRow(entry, contents.idempotency)
    for (const pool of contents.pools.values()) yield { kind: 'pool', pool: { ...pool } }
    for (const receipt of contents.receipts.values()) {
      yield { kind: 'receipt', receipt: { ...receipt, at: new Date(receipt.at) } }
    }
    for (const usage of contents.usage.values()) yield { kind: 'usage', usage: { ...usage } }
  }

  function isNew({ token }: TokenRow): boolean {
    return contents.tokens.find(token.project, token.id) === undefined
  }

  function addRow(row: StoredRow): void {
    switch (row.kind) {
      case 'token':
        // The same token may be twice among the rows.
        if (isNew(row)) contents.addToken(row)
        break
      case 'pool':
        addOnce(contents.pools, toPoolKey(row.pool), { ...row.pool })
        break
      case 'receipt':
        addOnce(contents.receipts, row.receipt.receipt, { ...row.receipt, at: new Date(row.receipt.at) })
        break
      case 'usage':
        addOnce(contents.usage, toUsageKey(row.usage), { ...row.usage })
        break
    }
  }

  return {
    exportRows(after, limit): StoredRowPage {
      const start = after === null ? 0 : parsePosition(after)
      const rows: StoredRow[] = []
      let position = 0
      for (const row of readAll()) {
        if (rows.length >= limit) return { rows, next: String(position) }
        if (position >= start) rows.push(row)
        position += 1
      }
      return { rows, next: null }
    },

    importRows(rows) {
      const added = rows.filter((row) => row.kind !== 'token' || isNew(row))
      for (const row of added) if (row.kind === 'token') contents.checkToken(row)
      for (const row of added) addRow(row)
    },

    importRevocations(entries) {
      for (const entry of entries) contents.feed.add(copyEntry(entry))
    },
  }
}

function toTokenRow(entry: MemoryEntry, requests: MemoryContents['idempotency']): StoredRow {
  const { idempotencyKey: keySha256 } = entry
  const request = keySha256 === null ? undefined : requests.get(keySha256)
  const idempotency =
    keySha256 === null || request === undefined ? null : { keySha256, requestSha256: request.requestSha256 }
  return { kind: 'token', token: copyOut(entry.token), uniqueName: entry.holdsName, idempotency }
}

function addOnce<Value>(map: Map<string, Value>, key: string, value: Value): void {
  if (!map.has(key)) map.set(key, value)
}

function copyEntry(entry: RevocationEntry): RevocationEntry {
  const { signedExpiresAt } = entry
  return {
    ...entry,
    refusedFrom: new Date(entry.refusedFrom),
    signedExpiresAt: signedExpiresAt === null ? null : new Date(signedExpiresAt),
  }
}

function parsePosition(after: string): number {
  if (/^(0|[1-9]\d{0,15})$/.test(after)) return Number(after)
  throw new RangeError('this is not where an export of a memory store goes on')
}
