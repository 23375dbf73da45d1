import { ConfigurationError } from '@hallpass/core'
import { createStoredToken } from '@hallpass/testing'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { createPostgresStore, type PostgresPool } from '../src/index.ts'
import { wrapPool } from './held-pool.ts'
import { createSchemaName, useDatabase } from './test-database.ts'

const database = useDatabase()

async function expectRefusal(opening: Promise<unknown>, reason: RegExp): Promise<void> {
  await expect(opening).rejects.toThrow(ConfigurationError)
  await expect(opening).rejects.toThrow(reason)
}

test('an option that is not known is refused', async () => {
  const options: object = { shema: 'mine' }
  await expectRefusal(createPostgresStore(database.openPool(), options), /no option `shema`/)
})

describe('STO-70 a schema that is no plain name is refused', () => {
  const names = [
    '',
    'Hallpass',
    'a b',
    'a"; DROP SCHEMA public; --',
    "a'",
    '1a',
    'pg_mine',
    'é',
    'a'.repeat(41),
  ]
  for (const schema of names) {
    test(JSON.stringify(schema), async () => {
      await expectRefusal(createPostgresStore(database.openPool(), { schema }), /schema must be a name/)
    })
  }
})

test('what is no pool, and a client in the place of its factory, are refused', async () => {
  const url = database.url()
  await expectRefusal(createPostgresStore(JSON.parse('{}')), /must be a Pool of pg/)
  await expectRefusal(createPostgresStore(JSON.parse(JSON.stringify(url))), /must be a Pool of pg/)
  const options = JSON.parse('{"listen": true}')
  await expectRefusal(createPostgresStore(database.openPool(), options), /listen must be a function/)
})

describe('a server on which the store would not be safe is refused', () => {
  test('STO-72 another encoding than UTF8', async () => {
    const name = createSchemaName()
    await database.query(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'`)
    const url = new URL(database.url())
    url.pathname = name
    const pool = new pg.Pool({ connectionString: url.href })
    await expectRefusal(createPostgresStore(pool), /encoding LATIN1 and needs UTF8/)
    await pool.end()
    await database.query(`DROP DATABASE ${name}`)
  })

  test('STO-73 a role that may only read', async () => {
    const pool = database.openPool({ options: '-c default_transaction_read_only=on' })
    await expectRefusal(createPostgresStore(pool), /read-only/)
  })

  test('STO-74 another isolation than read committed', async () => {
    const pool = database.openPool({ options: '-c default_transaction_isolation=serializable' })
    await expectRefusal(createPostgresStore(pool), /default_transaction_isolation is serializable/)
  })

  test('STO-75 a pool that reads binary', async () => {
    // In no types of pg, and yet an option.
    const options: pg.PoolConfig & { readonly binary: boolean } = { binary: true }
    const pool = database.openPool(options)
    await expectRefusal(createPostgresStore(pool), /text mode/)
  })

  test('a version that is not tested', async () => {
    const pool: PostgresPool = wrapPool(database.openPool(), async (client, query) => {
      const answer = await client.query(query)
      return { rows: answer.rows.map((row) => ({ ...row, version: '130022' })) }
    })
    await expectRefusal(createPostgresStore(pool), /PostgreSQL 13: 14 or later/)
  })

  test('one that does not answer is an error, not a refusal', async () => {
    const pool = new pg.Pool({ host: '127.0.0.1', port: 1 })
    await expect(createPostgresStore(pool)).rejects.toMatchObject({
      name: 'PostgresStoreError',
      code: 'failed',
      sqlState: null,
    })
    await pool.end()
  })
})

test('STO-81 type parsers that the host has replaced change nothing that the store reads', async () => {
  const store = await database.openStore()
  const token = createStoredToken({ credits: { limit: 2 ** 52 + 1, remaining: 3 }, scope: ['a', 'b'] })
  const INT8 = 20
  const JSON_TYPE = 114
  const before = [INT8, JSON_TYPE].map((type) => [type, pg.types.getTypeParser(type)] as const)
  pg.types.setTypeParser(INT8, (text) => Number.parseFloat(text) + 1)
  pg.types.setTypeParser(JSON_TYPE, () => 'mine')
  try {
    await store.insert([token], {})
    expect(await store.find('default', token.id)).toStrictEqual(token)
    await store.revoke('default', token.id, new Date(5))
    expect((await store.revokedSince(null, 1)).cursor).toBe('1')
  } finally {
    for (const [type, parser] of before) pg.types.setTypeParser(type, parser)
  }
})
