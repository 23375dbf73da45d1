import {
  applyChange,
  checkStorable,
  isStorable,
  type StoredToken,
  type TokenStore,
  type UpdateResult,
} from '@hallpass/core'
import type { Connection } from './connection.ts'
import { prepareRows } from './row-values.ts'
import type { SqliteStatement } from './sqlite-database.ts'
import { TOKEN_COLUMNS, type TokenValues, toStoredToken, toTime } from './token-rows.ts'

/** Tokens looked at in one step of `revokeAll`, between which everything else gets its turn. */
const STEP = 250

interface RevokedRow {
  readonly id: string
  readonly signed_expires_at: number | null
}

export function createTokenChanges(
  connection: Connection,
): Pick<TokenStore, 'update' | 'revoke' | 'revokeAll' | 'touch'> {
  const findById = prepareRows(
    connection,
    `SELECT ${TOKEN_COLUMNS}, holds_name FROM hallpass_tokens WHERE project = ? AND id = ?`,
  )
  const findHeldName = connection.prepare(
    `SELECT 1 FROM hallpass_tokens INDEXED BY hallpass_tokens_by_held_name
     WHERE project = ? AND subject = ? AND name = ? AND holds_name = 1 AND revoked_at IS NULL`,
  )
  const change = connection.prepare(
    `UPDATE hallpass_tokens SET name = ?, credit_limit = ?, credit_remaining = ?, expires_at = ?
     WHERE project = ? AND id = ?`,
  )
  const addRevocation = connection.prepare(
    `INSERT INTO hallpass_revocations (project, id, reason, refused_from, signed_expires_at) VALUES (?, ?, ?, ?, ?)`,
  )
  const revokeOne = connection.prepare(
    `UPDATE hallpass_tokens SET revoked_at = ? WHERE project = ? AND id = ? AND revoked_at IS NULL
     RETURNING id, signed_expires_at`,
  )
  const setLastUsed = connection.prepare(
    `UPDATE hallpass_tokens SET last_used_at = ?
     WHERE project = ? AND id = ? AND (last_used_at IS NULL OR last_used_at < ?)`,
  )

  const ofProject = prepareRevokeAll(connection, 'project = ?', 'hallpass_tokens_by_id')
  const ofSubject = prepareRevokeAll(connection, 'project = ? AND subject = ?', 'hallpass_tokens_by_subject')

  function findToken(project: string, id: string): { token: StoredToken; holdsName: boolean } | null {
    const row = findById.get(project, id) as [...TokenValues, holdsName: number] | undefined
    return row === undefined ? null : { token: toStoredToken(row), holdsName: row[23] === 1 }
  }

  return {
    async update(project, id, asked) {
      if (!isStorable(project, id)) return { outcome: 'not_found' }
      checkStorable(asked.name)
      return connection.write((): UpdateResult => {
        const found = findToken(project, id)
        if (found === null) return { outcome: 'not_found' }
        const before = found.token
        const token = applyChange(before, asked)
        if (typeof token === 'string') return { outcome: token }
        const { name, subject, credits, expiresAt, signedExpiresAt } = token
        if (found.holdsName && name !== null && name !== before.name) {
          if (findHeldName.get(project, subject, name) !== undefined) return { outcome: 'name_taken' }
        }
        change.run(name, credits?.limit ?? null, credits?.remaining ?? null, toTime(expiresAt), project, id)
        if (expiresAt !== null && expiresAt.getTime() !== before.expiresAt?.getTime()) {
          addRevocation.run(project, id, 'expired', expiresAt.getTime(), toTime(signedExpiresAt))
        }
        return { outcome: 'updated', token }
      })
    },

    async revoke(project, id, at) {
      if (!isStorable(project, id)) return null
      const time = at.getTime()
      return connection.write(() => {
        const row = revokeOne.get(time, project, id) as RevokedRow | undefined
        if (row !== undefined) addRevocation.run(project, id, 'revoked', time, row.signed_expires_at)
        return findToken(project, id)?.token ?? null
      })
    },

    async revokeAll(project, subject, at, expiredBy = at) {
      if (!isStorable(project, subject)) return 0
      const time = at.getTime()
      const ended = expiredBy.getTime()
      const { findLast, findStep, revokeStep } = subject === null ? ofProject : ofSubject
      const values = subject === null ? [project] : [project, subject]
      let count = 0
      let from = ''
      // What is issued from now on is not meant, and must not keep this going.
      const last = await connection.write(() => (findLast.get(...values) as { id: string } | undefined)?.id)
      while (last !== undefined && from < last) {
        const step = await connection.write(() => {
          const { id: to } = findStep.get(...values, from, last) as { id: string | null }
          if (to === null) return { to: last, revoked: 0 }
          const rows = revokeStep.all(time, ...values, from, to, ended) as RevokedRow[]
          for (const row of rows) addRevocation.run(project, row.id, 'revoked', time, row.signed_expires_at)
          return { to, revoked: rows.length }
        })
        count += step.revoked
        from = step.to
      }
      return count
    },

    async touch(touches) {
      const rows = touches
        .filter(({ project, id }) => isStorable(project, id))
        .map(({ project, id, at }) => [at.getTime(), project, id, at.getTime()] as const)
      if (rows.length === 0) return
      await connection.writeUnsynced(() => {
        for (const row of rows) setLastUsed.run(...row)
      })
    },
  }
}

/** The statements of one step of `revokeAll`: a window of ids in order, and what is to be revoked in it. */
function prepareRevokeAll(
  connection: Connection,
  whose: string,
  index: string,
): Record<'findLast' | 'findStep' | 'revokeStep', SqliteStatement> {
  return {
    findLast: connection.prepare(
      `SELECT id FROM hallpass_tokens INDEXED BY ${index} WHERE ${whose} ORDER BY id DESC LIMIT 1`,
    ),
    findStep: connection.prepare(
      `SELECT MAX(id) AS id FROM (SELECT id FROM hallpass_tokens INDEXED BY ${index}
       WHERE ${whose} AND id > ? AND id <= ? ORDER BY id LIMIT ${STEP})`,
    ),
    revokeStep: connection.prepare(
      `UPDATE hallpass_tokens INDEXED BY ${index} SET revoked_at = ?
       WHERE ${whose} AND id > ? AND id <= ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)
       RETURNING id, signed_expires_at`,
    ),
  }
}
