import type { Awaitable, StoredToken } from './token.ts'
import type { Counter, InsertConditions, Pool, RevocationEntry, UsageEntry } from './token-store.ts'

/** What a spend left behind: it answers the same spend again, and a refund. */
export interface StoredReceipt {
  readonly receipt: string
  /** Empty = it was given back before its spend came. */
  readonly counters: readonly Counter[]
  readonly amount: number
  readonly at: Date
  /** What each counter held after it. */
  readonly remaining: readonly number[]
  readonly refunded: boolean
}

/** One thing that a store keeps, as another store can take it over. */
export type StoredRow =
  | {
      readonly kind: 'token'
      readonly token: StoredToken
      /** Whether it was inserted under this condition: its name counts while it is not revoked. */
      readonly uniqueName: boolean
      /** What it was inserted with; null = nothing. */
      readonly idempotency: NonNullable<InsertConditions['idempotency']> | null
    }
  | { readonly kind: 'pool'; readonly pool: Pool }
  | { readonly kind: 'receipt'; readonly receipt: StoredReceipt }
  | { readonly kind: 'usage'; readonly usage: UsageEntry }

export interface StoredRowPage {
  /** About as many as were asked for; there may be none although more follow. */
  readonly rows: readonly StoredRow[]
  /** Opaque; hand it to the next call. Null = that was the last page. */
  readonly next: string | null
}

/**
 * How a store hands over what it holds, for `copyTokens`. Keys and the revocation feed are read by `keys` and
 * `revokedSince`; leases stay behind.
 */
export interface StoredRows {
  /**
   * All tokens, pools, receipts and usage, each once, while nothing else writes.
   * @param after `next` of the page before; null = from the beginning
   * @throws RangeError for a text that is no `next` of this kind of store
   */
  exportRows(after: string | null, limit: number): Awaitable<StoredRowPage>
  /** All or nothing. What is there already stays as it is, so the same rows may come again. Adds nothing to the feed. */
  importRows(rows: readonly StoredRow[]): Awaitable<void>
  /** Adds to the end of the revocation feed, in this order, all or nothing: the same entries again are added again. */
  importRevocations(entries: readonly RevocationEntry[]): Awaitable<void>
}
