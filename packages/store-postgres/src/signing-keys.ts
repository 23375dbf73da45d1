import type { StoredKey, TokenStore } from '@hallpass/core'
import { checkStorable, isStorable } from '@hallpass/core'
import { type Connection, DURABLE } from './connection.ts'
import { PostgresStoreError } from './postgres-error.ts'
import type { Tables } from './tables.ts'

interface KeyRow {
  readonly id: string
  readonly project: string
  readonly profile: string
  readonly algorithm: string
  readonly version: string
  readonly created_at: string
  readonly activates_at: string
  readonly sealed: string
}

const COLUMNS = 'id, project, profile, algorithm, version, created_at, activates_at, sealed'

export function createSigningKeys(
  connection: Connection,
  tables: Tables,
): Pick<TokenStore, 'insertKey' | 'keys' | 'resealKey' | 'deleteUnusedKey'> {
  const insertKey = `
    INSERT INTO ${tables.keys} (${COLUMNS})
    SELECT $1, $2, $3, $4, $5::bigint, $6::bigint, $7::bigint, $8 WHERE ${DURABLE} ON CONFLICT DO NOTHING RETURNING 1`
  const findVersion = `SELECT 1 FROM ${tables.keys} WHERE project = $1 AND profile = $2 AND version = $3`
  const readKeys = `SELECT ${COLUMNS} FROM ${tables.keys} ORDER BY project, profile, version`
  const resealKey = `UPDATE ${tables.keys} SET sealed = $2 WHERE id = $1 AND ${DURABLE}`
  const deleteUnused = `
    DELETE FROM ${tables.keys} AS key WHERE project = $1 AND id = $2 AND ${DURABLE}
      AND NOT EXISTS (SELECT FROM ${tables.tokens} AS token WHERE token.key_id = $2 AND token.project = $1)
    RETURNING 1`

  return {
    async insertKey({ id, project, profile, algorithm, version, createdAt, activatesAt, sealed }) {
      checkStorable(id, project, profile, algorithm, sealed)
      const times = [createdAt.getTime(), activatesAt.getTime()] as const
      const values = [id, project, profile, algorithm, version, ...times, sealed]
      if ((await connection.write(insertKey, values)).length > 0) return true
      if ((await connection.read(findVersion, [project, profile, version])).length > 0) return false
      throw new PostgresStoreError('failed', 'a key of this id is stored already')
    },

    keys: async () => (await connection.read<KeyRow>(readKeys)).map(toStoredKey),

    async resealKey(keyId, sealed) {
      checkStorable(sealed)
      if (isStorable(keyId)) await connection.write(resealKey, [keyId, sealed])
    },

    async deleteUnusedKey(project, keyId) {
      if (!isStorable(project, keyId)) return false
      return (await connection.write(deleteUnused, [project, keyId])).length > 0
    },
  }
}

function toStoredKey(row: KeyRow): StoredKey {
  return {
    id: row.id,
    project: row.project,
    profile: row.profile,
    algorithm: row.algorithm,
    version: Number(row.version),
    createdAt: new Date(Number(row.created_at)),
    activatesAt: new Date(Number(row.activates_at)),
    sealed: row.sealed,
  }
}
