import { randomBytes } from 'node:crypto'
import type { TokenStore } from '@hallpass/core'
import pg from 'pg'
import { afterAll, beforeAll } from 'vitest'
import { createPostgresStore, type PostgresStoreOptions } from '../src/index.ts'
import { type PostgresServer, startPostgres } from './postgres-server.ts'

export interface TestDatabase {
  url(): string
  /** A pool that ends with the tests of the file. */
  openPool(options?: pg.PoolConfig): pg.Pool
  /** A store, by default in a schema of its own; it closes with the tests of the file. */
  openStore(options?: PostgresStoreOptions & { readonly pool?: pg.Pool }): Promise<TokenStore>
  /** Runs SQL as the owner of the database. */
  query(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>
  dropSchema(schema: string): Promise<void>
}

/** A schema that no other test has. */
export function createSchemaName(): string {
  return `test_${randomBytes(6).toString('hex')}`
}

/** A server for the tests of a file: call it at the top level. */
export function useDatabase(): TestDatabase {
  let server: PostgresServer | null = null
  let owner: pg.Pool | null = null
  const pools: pg.Pool[] = []
  const stores: TokenStore[] = []
  const schemas = new Set<string>()

  function url(): string {
    if (server === null) throw new Error('the server runs only during tests')
    return server.url
  }
  function openPool(options: pg.PoolConfig = {}): pg.Pool {
    const pool = new pg.Pool({ connectionString: url(), ...options })
    // What the server ends while a test is over is no failure of the next one.
    pool.on('error', () => {})
    pools.push(pool)
    return pool
  }
  async function query(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    owner ??= openPool({ max: 2 })
    return (await owner.query<Record<string, unknown>>(text, values)).rows
  }

  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()))
    for (const schema of schemas) await query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`)
    await Promise.all(pools.map((pool) => pool.end()))
    await server?.stop()
  })

  return {
    url,
    openPool,
    query,
    async openStore({ pool = openPool(), schema = createSchemaName(), ...options } = {}) {
      schemas.add(schema)
      const store = await createPostgresStore(pool, { schema, ...options })
      stores.push(store)
      return store
    },
    async dropSchema(schema) {
      await query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`)
      schemas.delete(schema)
    },
  }
}
