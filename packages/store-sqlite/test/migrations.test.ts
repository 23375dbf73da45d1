import { DatabaseSync } from 'node:sqlite'
import { ConfigurationError } from '@hallpass/core'
import { createStoredToken } from '@hallpass/testing'
import { expect, test } from 'vitest'
import { createSqliteStore } from '../src/index.ts'
import { migrate, SCHEMA_VERSION } from '../src/migrations.ts'
import { beforeEachWithPath } from './temporary-folder.ts'

let path = ''
beforeEachWithPath((given) => {
  path = given
})

function readSchema(): unknown {
  const client = new DatabaseSync(path)
  const rows = client.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY name').all()
  client.close()
  return rows
}

test('a new file gets the current version; opening it again changes nothing', async () => {
  await (await createSqliteStore(path)).close()
  const client = new DatabaseSync(path)
  expect(client.prepare('SELECT MAX(version) AS version FROM hallpass_migrations').get()).toEqual({
    version: SCHEMA_VERSION,
  })
  client.close()
  const before = readSchema()
  await (await createSqliteStore(path)).close()
  expect(readSchema()).toEqual(before)
})

test('a version table without a version is an empty database', async () => {
  const client = new DatabaseSync(path)
  client.exec(
    'CREATE TABLE hallpass_migrations (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL) STRICT',
  )
  client.close()
  const store = await createSqliteStore(path)
  const token = createStoredToken()
  await store.insert([token], {})
  expect(await store.find('default', token.id)).toStrictEqual(token)
  await store.close()
})

test('STO-36 a file from a later release is refused, with both versions, and left as it is', async () => {
  await (await createSqliteStore(path)).close()
  const client = new DatabaseSync(path)
  const future = SCHEMA_VERSION + 7
  client.prepare('INSERT INTO hallpass_migrations (version, applied_at) VALUES (?, ?)').run(future, 'later')
  client.close()
  const before = readSchema()
  const opening = createSqliteStore(path)
  await expect(opening).rejects.toThrow(ConfigurationError)
  await expect(opening).rejects.toThrow(new RegExp(`schema ${future}, this release reads ${SCHEMA_VERSION}`))
  expect(readSchema()).toEqual(before)
})

test('a migration that fails leaves no half of itself', () => {
  const client = new DatabaseSync(path)
  // In the way of the last table that the first migration makes.
  client.exec('CREATE TABLE hallpass_leases (mine TEXT)')
  expect(() => migrate(client)).toThrow(/hallpass_leases already exists/)
  client.close()
  expect(readSchema()).toHaveLength(1)
})

test('many stores that open an empty file at once all find the tables', async () => {
  const stores = await Promise.all(Array.from({ length: 5 }, () => createSqliteStore(path)))
  const token = createStoredToken()
  await stores[0]?.insert([token], {})
  for (const store of stores) {
    expect(await store.find('default', token.id)).toStrictEqual(token)
    await store.close()
  }
})
