import { ConfigurationError } from '@hallpass/core'
import { createStoredToken, createTokenId } from '@hallpass/testing'
import pg from 'pg'
import { expect, test } from 'vitest'
import { createPostgresStore } from '../src/index.ts'
import { SCHEMA_VERSION } from '../src/migrations.ts'
import { createSchemaName, useDatabase } from './test-database.ts'

const AT = new Date('2026-11-21T12:30:00.000Z')
const database = useDatabase()

function readCatalogue(schema: string): Promise<Record<string, unknown>[]> {
  return database.query(
    `SELECT relname, relkind, pg_class.oid FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
     WHERE nspname = $1 ORDER BY relname`,
    [schema],
  )
}

test('a new schema gets the current version; opening it again changes nothing', async () => {
  const schema = createSchemaName()
  await (await database.openStore({ schema })).close()
  expect(await database.query(`SELECT max(version) AS version FROM "${schema}".hallpass_migrations`)).toEqual(
    [{ version: SCHEMA_VERSION }],
  )
  const before = await readCatalogue(schema)
  expect(before.length).toBeGreaterThan(15)
  await (await database.openStore({ schema })).close()
  expect(await readCatalogue(schema)).toEqual(before)
})

test('a version table without a version is an empty schema', async () => {
  const schema = createSchemaName()
  await database.query(`CREATE SCHEMA "${schema}"`)
  await database.query(
    `CREATE TABLE "${schema}".hallpass_migrations (version int PRIMARY KEY, applied_at timestamptz NOT NULL)`,
  )
  const store = await database.openStore({ schema })
  expect(await store.insert([createStoredToken()], {})).toEqual({ outcome: 'inserted' })
})

test('STO-71 a schema from a later release is refused, with both versions, and left as it is', async () => {
  const schema = createSchemaName()
  await (await database.openStore({ schema })).close()
  const future = SCHEMA_VERSION + 7
  await database.query(`INSERT INTO "${schema}".hallpass_migrations VALUES ($1, now())`, [future])
  const before = await readCatalogue(schema)
  const opening = database.openStore({ schema })
  await expect(opening).rejects.toThrow(ConfigurationError)
  await expect(opening).rejects.toThrow(new RegExp(`schema ${future}, this release reads ${SCHEMA_VERSION}`))
  expect(await readCatalogue(schema)).toEqual(before)
})

test('a migration that fails leaves no half of itself', async () => {
  const schema = createSchemaName()
  await database.query(`CREATE SCHEMA "${schema}"`)
  // In the way of the last table that the first migration makes.
  await database.query(`CREATE TABLE "${schema}".leases (mine text)`)
  const before = await readCatalogue(schema)
  await expect(database.openStore({ schema })).rejects.toMatchObject({
    name: 'PostgresStoreError',
    sqlState: '42P07',
  })
  expect(await readCatalogue(schema)).toEqual(before)
})

test('ten pools that open an empty database at once all find the tables', async () => {
  const schema = createSchemaName()
  const stores = await Promise.all(
    Array.from({ length: 10 }, () => database.openStore({ schema, pool: database.openPool({ max: 2 }) })),
  )
  const token = createStoredToken()
  await stores[0]?.insert([token], {})
  for (const store of stores) expect(await store.find('default', token.id)).toStrictEqual(token)
})

test('two schemas in one database are two stores', async () => {
  const [one, two] = [await database.openStore(), await database.openStore()]
  const token = createStoredToken()
  await one.insert([token], {})
  await one.revoke('default', token.id, AT)
  expect(await two.find('default', token.id)).toBeNull()
  expect((await two.revokedSince(null, 10)).entries).toEqual([])
})

test('a role with the rights that the README names opens what is there and can make nothing', async () => {
  const schema = createSchemaName()
  await (await database.openStore({ schema })).close()
  const role = `app_${schema}`
  await database.query(`CREATE ROLE ${role} LOGIN PASSWORD 'app'`)
  await database.query(`GRANT USAGE ON SCHEMA ${schema} TO ${role}`)
  await database.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${role}`)
  await database.query(`GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA ${schema} TO ${role}`)
  const { hostname, port, pathname } = new URL(database.url())
  const pool = new pg.Pool({
    host: hostname,
    port: Number(port),
    database: pathname.slice(1),
    user: role,
    password: 'app',
  })
  const store = await createPostgresStore(pool, { schema })
  const token = createStoredToken({ credits: { limit: 5, remaining: 5 } })
  await store.insert([token], {})
  const counters = [{ project: 'default', id: token.id }]
  const receipt = createTokenId()
  expect(await store.spend({ receipt, counters, amount: 1, at: AT })).toMatchObject({ outcome: 'spent' })
  expect(await store.refund(receipt, AT)).toBe('refunded')
  expect((await store.revoke('default', token.id, AT))?.revokedAt).toEqual(AT)
  expect((await store.revokedSince(null, 10)).entries).toHaveLength(1)
  const later = new Date('2027-01-01T00:00:00Z')
  expect(await store.purge({ tokensBefore: later, receiptsBefore: later, feedBefore: later })).toBe(1)
  await store.close()
  await expect(createPostgresStore(pool, { schema: `${schema}_new` })).rejects.toMatchObject({
    sqlState: '42501',
  })
  await pool.end()
  await database.dropSchema(schema)
  await database.query(`DROP ROLE ${role}`)
})
