import type { StoredKey, TokenStore } from '@hallpass/core'
import { checkStorable, isStorable } from '@hallpass/core'
import type { Connection } from './connection.ts'

interface KeyRow {
  readonly id: string
  readonly project: string
  readonly profile: string
  readonly algorithm: string
  readonly version: number
  readonly created_at: number
  readonly activates_at: number
  readonly sealed: string
}

export function createSigningKeys(
  connection: Connection,
): Pick<TokenStore, 'insertKey' | 'keys' | 'resealKey' | 'deleteUnusedKey'> {
  const insertKey = connection.prepare(
    `INSERT INTO hallpass_keys (id, project, profile, algorithm, version, created_at, activates_at, sealed)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (project, profile, version) DO NOTHING`,
  )
  const readKeys = connection.prepare('SELECT * FROM hallpass_keys ORDER BY project, profile, version')
  const resealKey = connection.prepare('UPDATE hallpass_keys SET sealed = ? WHERE id = ?')
  const deleteUnused = connection.prepare(
    `DELETE FROM hallpass_keys WHERE project = ? AND id = ? AND NOT EXISTS (
       SELECT 1 FROM hallpass_tokens WHERE key_id = hallpass_keys.id AND hallpass_tokens.project = hallpass_keys.project)`,
  )

  return {
    async insertKey({ id, project, profile, algorithm, version, createdAt, activatesAt, sealed }) {
      checkStorable(id, project, profile, algorithm, sealed)
      const times = [createdAt.getTime(), activatesAt.getTime()] as const
      return connection.write(() => {
        return Number(insertKey.run(id, project, profile, algorithm, version, ...times, sealed).changes) === 1
      })
    },

    keys: () => connection.read(() => (readKeys.all() as KeyRow[]).map(toStoredKey)),

    async resealKey(keyId, sealed) {
      checkStorable(sealed)
      if (isStorable(keyId)) await connection.write(() => resealKey.run(sealed, keyId))
    },

    async deleteUnusedKey(project, keyId) {
      if (!isStorable(project, keyId)) return false
      return connection.write(() => Number(deleteUnused.run(project, keyId).changes) === 1)
    },
  }
}

function toStoredKey(row: KeyRow): StoredKey {
  return {
    id: row.id,
    project: row.project,
    profile: row.profile,
    algorithm: row.algorithm,
    version: row.version,
    createdAt: new Date(row.created_at),
    activatesAt: new Date(row.activates_at),
    sealed: row.sealed,
  }
}
