import type { RevocationEntry, TokenStore } from '@hallpass/core'
import type { Connection } from './connection.ts'
import { READ_FEED } from './lua/revocation-feed.ts'
import { toDate, toMap } from './token-fields.ts'

/** Entries read in one step, between which everything else gets its turn. */
const STEP = 1000
/** An id of a Redis stream, no longer than what a double holds exactly. */
const CURSOR = /^(0|[1-9]\d{0,14})-(0|[1-9]\d{0,14})$/

type StreamEntry = readonly [streamId: string, fields: readonly string[]]

/** A cursor is the stream id of the last entry that was read, or `0-0`. */
export function createRevocationFeed(connection: Connection): Pick<TokenStore, 'revokedSince'> {
  return {
    async revokedSince(after, limit) {
      let cursor = after ?? '0-0'
      if (!CURSOR.test(cursor)) throw foreignCursor()
      const entries: RevocationEntry[] = []
      for (;;) {
        const asked = Math.min(STEP, limit - entries.length)
        // One more than asked for says whether there is more.
        const read = (await connection.run(READ_FEED, [cursor, String(asked + 1)])) as StreamEntry[] | null
        if (read === null) throw foreignCursor()
        for (const [streamId, fields] of read.slice(0, asked)) {
          entries.push(toRevocation(fields))
          cursor = streamId
        }
        const more = read.length > asked
        if (!more || entries.length >= limit) return { entries, cursor, more }
      }
    },
  }
}

function toRevocation(fields: readonly string[]): RevocationEntry {
  const values = toMap(fields)
  return {
    project: values.get('project') ?? '',
    id: values.get('id') ?? '',
    reason: values.get('reason') === 'expired' ? 'expired' : 'revoked',
    refusedFrom: new Date(Number(values.get('from'))),
    signedExpiresAt: toDate(values.get('signed')),
  }
}

function foreignCursor(): RangeError {
  return new RangeError('the cursor of the revocation feed is not one of this store')
}
