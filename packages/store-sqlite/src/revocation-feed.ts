import type { RevocationEntry, TokenStore } from '@hallpass/core'
import type { Connection } from './connection.ts'
import { CACHE_KIB } from './open-database.ts'
import { prepareRows } from './row-values.ts'
import { toDate } from './token-rows.ts'

type RevocationValues = readonly [
  sequence: number,
  project: string,
  id: string,
  reason: RevocationEntry['reason'],
  refusedFrom: number,
  signedExpiresAt: number | null,
]

/** What the connection may keep of the feed while it reads all of it: it is read once, from the front to the end. */
const SCAN_CACHE_KIB = 2048

/**
 * Sequence numbers are drawn under the write lock, which is held until the commit: no number becomes visible
 * after a higher one, so a cursor never passes over an entry.
 */
export function createRevocationFeed(
  connection: Connection,
): Pick<TokenStore, 'revokedSince' | 'watchRevocations'> {
  const readAfter = prepareRows(
    connection,
    `SELECT sequence, project, id, reason, refused_from, signed_expires_at FROM hallpass_revocations
     WHERE sequence > ? ORDER BY sequence LIMIT ?`,
  )
  let scanning = false
  const readLast = connection.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'hallpass_revocations'")

  /** @throws RangeError for a cursor that this feed did not make */
  function parseCursor(cursor: string): number {
    const last = (readLast.get() as { readonly seq: number } | undefined)?.seq ?? 0
    const sequence = /^(0|[1-9]\d{0,15})$/.test(cursor) ? Number(cursor) : Number.NaN
    if (!(sequence <= last))
      throw new RangeError('the cursor of the revocation feed is not one of this store')
    return sequence
  }

  /** A million entries would push the tokens out of the page cache, or fill it before there are any. */
  function setScanning(on: boolean): void {
    scanning = on
    connection.prepare(`PRAGMA cache_size = -${on ? SCAN_CACHE_KIB : CACHE_KIB}`).run()
  }

  return {
    revokedSince: (cursor, limit) =>
      connection.read(() => {
        const after = cursor === null ? 0 : parseCursor(cursor)
        const rows = readAfter.all(after, limit + 1) as RevocationValues[]
        const more = rows.length > limit
        if (more !== scanning && (scanning || cursor === null)) setScanning(more)
        const page = more ? rows.slice(0, limit) : rows
        return { entries: page.map(toEntry), cursor: String(page.at(-1)?.[0] ?? after), more }
      }),

    // SQLite cannot tell other processes.
    watchRevocations: () => () => {},
  }
}

function toEntry(values: RevocationValues): RevocationEntry {
  return {
    project: values[1],
    id: values[2],
    reason: values[3],
    refusedFrom: new Date(values[4]),
    signedExpiresAt: toDate(values[5]),
  }
}
