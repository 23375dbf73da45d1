import type { StoredKey, TokenStore } from '@hallpass/core'
import { checkStorable, isStorable } from '@hallpass/core'
import type { Connection } from './connection.ts'
import { DELETE_UNUSED_KEY, INSERT_KEY, READ_KEYS, RESEAL_KEY } from './lua/signing-keys.ts'
import { toMap, toTimeText } from './token-fields.ts'

export function createSigningKeys(
  connection: Connection,
): Pick<TokenStore, 'insertKey' | 'keys' | 'resealKey' | 'deleteUnusedKey'> {
  return {
    async insertKey({ id, project, profile, algorithm, version, createdAt, activatesAt, sealed }) {
      checkStorable(id, project, profile, algorithm, sealed)
      const fields = { algorithm, created: toTimeText(createdAt), activates: toTimeText(activatesAt), sealed }
      const parameters = [id, project, profile, String(version), ...Object.entries(fields).flat()]
      const answer = (await connection.run(INSERT_KEY, parameters)) as number | 'id_taken'
      if (answer === 'id_taken') throw new Error('a key of this id is stored already')
      return answer === 1
    },

    async keys() {
      const rows = (await connection.run(READ_KEYS, [])) as (readonly [string, readonly string[]])[]
      return rows
        .map(([id, fields]) => toStoredKey(id, fields))
        .toSorted(
          (a, b) => compare(a.project, b.project) || compare(a.profile, b.profile) || a.version - b.version,
        )
    },

    async resealKey(keyId, sealed) {
      checkStorable(sealed)
      if (isStorable(keyId)) await connection.run(RESEAL_KEY, [keyId, sealed])
    },

    async deleteUnusedKey(project, keyId) {
      if (!isStorable(project, keyId)) return false
      return (await connection.run(DELETE_UNUSED_KEY, [project, keyId])) === 1
    },
  }
}

function toStoredKey(id: string, fields: readonly string[]): StoredKey {
  const values = toMap(fields)
  return {
    id,
    project: values.get('project') ?? '',
    profile: values.get('profile') ?? '',
    algorithm: values.get('algorithm') ?? '',
    version: Number(values.get('version')),
    createdAt: new Date(Number(values.get('created'))),
    activatesAt: new Date(Number(values.get('activates'))),
    sealed: values.get('sealed') ?? '',
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
