import type { StoredRow, StoredRowPage } from './stored-row.ts'
import type { RevocationEntry, RevocationPage, TokenStore } from './token-store.ts'

/** All rows of a store, in batches of 1 to `limit`. */
export async function* readRows(store: TokenStore, limit: number): AsyncGenerator<readonly StoredRow[]> {
  for (let after: string | null = null; ; ) {
    const { rows, next }: StoredRowPage = await store.exportRows(after, limit)
    // A page may be larger than what was asked for; a batch is not.
    for (let start = 0; start < rows.length; start += limit) yield rows.slice(start, start + limit)
    if (next === null) return
    after = next
  }
}

/** The revocation feed of a store from its beginning, in batches of 1 to `limit`. */
export async function* readRevocations(
  store: TokenStore,
  limit: number,
): AsyncGenerator<readonly RevocationEntry[]> {
  for (let cursor: string | null = null; ; ) {
    const page: RevocationPage = await store.revokedSince(cursor, limit)
    if (page.entries.length > 0) yield page.entries
    if (!page.more) return
    cursor = page.cursor
  }
}
