import type { RevocationEntry, TokenStore } from '@hallpass/core'
import type { Connection } from './connection.ts'
import { toDate } from './token-rows.ts'

interface RevocationRow {
  readonly sequence: number
  readonly project: string
  readonly id: string
  readonly reason: RevocationEntry['reason']
  readonly refused_from: number
  readonly signed_expires_at: number | null
}

/**
 * Sequence numbers are drawn under the write lock, which is held until the commit: no number becomes visible
 * after a higher one, so a cursor never passes over an entry.
 */
export function createRevocationFeed(
  connection: Connection,
): Pick<TokenStore, 'revokedSince' | 'watchRevocations'> {
  const readAfter = connection.prepare(
    `SELECT sequence, project, id, reason, refused_from, signed_expires_at FROM hallpass_revocations
     WHERE sequence > ? ORDER BY sequence LIMIT ?`,
  )
  const readLast = connection.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'hallpass_revocations'")

  /** @throws RangeError for a cursor that this feed did not make */
  function parseCursor(cursor: string): number {
    const last = (readLast.get() as { readonly seq: number } | undefined)?.seq ?? 0
    const sequence = /^(0|[1-9]\d{0,15})$/.test(cursor) ? Number(cursor) : Number.NaN
    if (!(sequence <= last))
      throw new RangeError('the cursor of the revocation feed is not one of this store')
    return sequence
  }

  return {
    revokedSince: (cursor, limit) =>
      connection.read(() => {
        const after = cursor === null ? 0 : parseCursor(cursor)
        const rows = readAfter.all(after, limit + 1) as RevocationRow[]
        const page = rows.slice(0, limit)
        return {
          entries: page.map((row) => ({
            project: row.project,
            id: row.id,
            reason: row.reason,
            refusedFrom: new Date(row.refused_from),
            signedExpiresAt: toDate(row.signed_expires_at),
          })),
          cursor: String(page.at(-1)?.sequence ?? after),
          more: rows.length > limit,
        }
      }),

    // SQLite cannot tell other processes.
    watchRevocations: () => () => {},
  }
}
