import type { RevocationEntry, TokenStore } from '@hallpass/core'
import { type Connection, checkPrimary, STANDBY } from './connection.ts'
import type { Tables } from './tables.ts'
import { toDate } from './token-rows.ts'

interface RevocationRow {
  /** The highest number that was ever drawn; 0 = none. */
  readonly last: string
  readonly standby: string
  /** Null = there is no entry, and the row is there for `last` alone. */
  readonly sequence: string | null
  readonly project: string
  readonly id: string
  readonly reason: RevocationEntry['reason']
  readonly refused_from: string
  readonly signed_expires_at: string | null
}

/**
 * Two parts of a WITH that add what its part `refused (project, id, refused_from, signed_expires_at)` has to the
 * feed, and tell who listens.
 *
 * The numbers are drawn under a lock that is held until the commit, so that none becomes visible after a higher one
 * and a cursor never passes over an entry. The lock is taken last, when all of `refused` is there: who holds it
 * waits for no row any more.
 */
export function toFeedParts(tables: Tables, reason: RevocationEntry['reason']): string {
  return `
    feed_lock AS MATERIALIZED (
      SELECT pg_advisory_xact_lock(${tables.feedLock}), pg_notify('${tables.channel}', '')
      FROM (SELECT count(*) AS entries FROM refused) AS counted WHERE entries > 0),
    fed AS (
      INSERT INTO ${tables.revocations} (sequence, project, id, reason, refused_from, signed_expires_at)
      SELECT nextval('${tables.revocationSequence}'), project, id, '${reason}', refused_from, signed_expires_at
      FROM feed_lock CROSS JOIN (SELECT * FROM refused ORDER BY id) AS entry)`
}

export function createRevocationFeed(
  connection: Connection,
  tables: Tables,
): Pick<TokenStore, 'revokedSince'> {
  const readAfter = `
    SELECT last, ${STANDBY}, entry.* FROM (
      SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS last FROM ${tables.revocationSequence}) AS drawn
    LEFT JOIN LATERAL (
      SELECT sequence, project, id, reason, refused_from, signed_expires_at FROM ${tables.revocations}
      WHERE sequence > $1 ORDER BY sequence LIMIT $2) AS entry ON true
    ORDER BY sequence`

  return {
    async revokedSince(cursor, limit) {
      const after = cursor === null ? 0 : parseCursor(cursor)
      const rows = await connection.read<RevocationRow>(readAfter, [after, limit + 1])
      checkPrimary(rows[0])
      if (after > Number(rows[0]?.last ?? 0)) throw foreignCursor()
      const entries = rows.filter(({ sequence }) => sequence !== null)
      const page = entries.slice(0, limit)
      return {
        entries: page.map((row) => ({
          project: row.project,
          id: row.id,
          reason: row.reason,
          refusedFrom: new Date(Number(row.refused_from)),
          signedExpiresAt: toDate(row.signed_expires_at),
        })),
        cursor: page.at(-1)?.sequence ?? String(after),
        more: entries.length > limit,
      }
    },
  }
}

/** @throws RangeError for a cursor that no feed makes */
function parseCursor(cursor: string): number {
  if (/^(0|[1-9]\d{0,14})$/.test(cursor)) return Number(cursor)
  throw foreignCursor()
}

function foreignCursor(): RangeError {
  return new RangeError('the cursor of the revocation feed is not one of this store')
}
