import {
  applyChange,
  checkStorable,
  isStorable,
  type StoredToken,
  type TokenStore,
  type UpdateResult,
} from '@hallpass/core'
import { type Connection, DURABLE, type RunQuery } from './connection.ts'
import { isViolationOf } from './postgres-error.ts'
import { toFeedParts } from './revocation-feed.ts'
import type { Tables } from './tables.ts'
import { TOKEN_COLUMNS, type TokenRow, toStoredToken, toTime } from './token-rows.ts'

/** Tokens revoked in one step of `revokeAll`, between which other revocations get their turn. */
const STEP = 250

export function createTokenChanges(
  connection: Connection,
  tables: Tables,
): Pick<TokenStore, 'update' | 'revoke' | 'revokeAll' | 'touch'> {
  const findById = `SELECT ${TOKEN_COLUMNS} FROM ${tables.tokens} WHERE project = $1 AND id = $2`
  const lockById = `
    SELECT ${TOKEN_COLUMNS}, holds_name FROM ${tables.tokens} WHERE project = $1 AND id = $2 FOR UPDATE`
  const findHeldName = `
    SELECT 1 FROM ${tables.tokens}
    WHERE project = $1 AND subject = $2 AND name = $3 AND holds_name AND revoked_at IS NULL`
  const change = `
    UPDATE ${tables.tokens} SET name = $3, credit_limit = $4, credit_remaining = $5, expires_at = $6
    WHERE project = $1 AND id = $2`
  const feedExpiry = `
    WITH refused AS (
      SELECT project, id, expires_at AS refused_from, signed_expires_at FROM ${tables.tokens}
      WHERE project = $1 AND id = $2),
    ${toFeedParts(tables, 'expired')}
    SELECT 1`
  const revokeOne = `
    WITH refused AS (
      UPDATE ${tables.tokens} SET revoked_at = $3
      WHERE project = $1 AND id = $2 AND revoked_at IS NULL AND ${DURABLE}
      RETURNING ${TOKEN_COLUMNS}, revoked_at AS refused_from),
    ${toFeedParts(tables, 'revoked')}
    SELECT ${TOKEN_COLUMNS} FROM refused`
  // In the order of the ids, like everything that locks several tokens.
  const toRevokeStep = (whose: string): string => `
    WITH chosen AS MATERIALIZED (
      SELECT id FROM ${tables.tokens}
      WHERE ${whose} AND id > $3 AND id <= $4 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $6)
      ORDER BY id LIMIT ${STEP} FOR UPDATE),
    refused AS (
      UPDATE ${tables.tokens} AS token SET revoked_at = $5 FROM chosen
      WHERE token.project = $1 AND token.id = chosen.id AND ${DURABLE}
      RETURNING token.project, token.id, token.revoked_at AS refused_from, token.signed_expires_at),
    ${toFeedParts(tables, 'revoked')}
    SELECT count(*) AS revoked, max(id) AS last FROM refused`
  const touchAll = `
    WITH given AS (
      SELECT project, id, max(at) AS at FROM unnest($1::text[], $2::text[], $3::bigint[]) AS given (project, id, at)
      GROUP BY project, id),
    chosen AS MATERIALIZED (
      SELECT token.project, token.id, given.at FROM given JOIN ${tables.tokens} AS token USING (project, id)
      WHERE token.last_used_at IS NULL OR token.last_used_at < given.at
      ORDER BY token.project, token.id FOR UPDATE OF token)
    UPDATE ${tables.tokens} AS token SET last_used_at = chosen.at FROM chosen
    WHERE token.project = chosen.project AND token.id = chosen.id AND ${DURABLE}`

  async function applyLocked(
    query: RunQuery,
    [project, id]: readonly [string, string],
    asked: Parameters<TokenStore['update']>[2],
  ): Promise<UpdateResult> {
    const [row] = await query<TokenRow & { readonly holds_name: string }>(lockById, [project, id])
    if (row === undefined) return { outcome: 'not_found' }
    const before = toStoredToken(row)
    const token = applyChange(before, asked)
    if (typeof token === 'string') return { outcome: token }
    const { name, subject, credits, expiresAt } = token
    if (row.holds_name === 't' && name !== null && name !== before.name) {
      const [held] = await query(findHeldName, [project, subject, name])
      if (held !== undefined) return { outcome: 'name_taken' }
    }
    const [limit, remaining] = [credits?.limit ?? null, credits?.remaining ?? null]
    await query(change, [project, id, name, limit, remaining, toTime(expiresAt)])
    if (expiresAt !== null && expiresAt.getTime() !== before.expiresAt?.getTime()) {
      await query(feedExpiry, [project, id])
    }
    return { outcome: 'updated', token }
  }

  async function findToken(project: string, id: string): Promise<StoredToken | null> {
    const [row] = await connection.read<TokenRow>(findById, [project, id])
    return row === undefined ? null : toStoredToken(row)
  }

  return {
    async update(project, id, wanted) {
      if (!isStorable(project, id)) return { outcome: 'not_found' }
      checkStorable(wanted.name)
      const asked = structuredClone(wanted)
      try {
        return await connection.transaction((query) => applyLocked(query, [project, id], asked))
      } catch (error) {
        if (isViolationOf(error, 'tokens_by_held_name')) return { outcome: 'name_taken' }
        throw error
      }
    },

    async revoke(project, id, at) {
      if (!isStorable(project, id)) return null
      const [row] = await connection.write<TokenRow>(revokeOne, [project, id, at.getTime()])
      return row === undefined ? findToken(project, id) : toStoredToken(row)
    },

    async revokeAll(project, subject, at, expiredBy = at) {
      if (!isStorable(project, subject)) return 0
      const times = [at.getTime(), expiredBy.getTime()] as const
      const whose = subject === null ? 'project = $1 AND $2::text IS NULL' : 'project = $1 AND subject = $2'
      // What is issued from now on is not meant, and must not keep this going.
      const [newest] = await connection.read<{ readonly id: string }>(
        `SELECT id FROM ${tables.tokens} WHERE ${whose} ORDER BY id DESC LIMIT 1`,
        [project, subject],
      )
      let count = 0
      for (let from = ''; newest !== undefined; ) {
        const [step] = await connection.write<{ readonly revoked: string; readonly last: string | null }>(
          toRevokeStep(whose),
          [project, subject, from, newest.id, ...times],
        )
        const revoked = Number(step?.revoked ?? 0)
        count += revoked
        if (revoked < STEP) break
        from = step?.last ?? newest.id
      }
      return count
    },

    async touch(touches) {
      const known = touches.filter(({ project, id }) => isStorable(project, id))
      if (known.length === 0) return
      await connection.write(touchAll, [
        known.map(({ project }) => project),
        known.map(({ id }) => id),
        known.map(({ at }) => at.getTime()),
      ])
    },
  }
}
