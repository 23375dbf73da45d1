import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMemoryStore, type TokenStore } from '@hallpass/core'
import { afterAll } from 'vitest'
import { createPostgresStore } from '../../store-postgres/src/index.ts'
import { startPostgres } from '../../store-postgres/test/postgres-server.ts'
import { createSchemaName } from '../../store-postgres/test/test-database.ts'
import { createRedisStore } from '../../store-redis/src/index.ts'
import { connect } from '../../store-redis/test/connect.ts'
import { hasRedisServer, startRedisServer } from '../../store-redis/test/redis-server.ts'
import { createSqliteStore } from '../../store-sqlite/src/index.ts'

export type StoreKind = 'memory' | 'sqlite' | 'postgres' | 'redis'

/** The stores that can be had here. */
export const STORE_KINDS: readonly StoreKind[] = hasRedisServer()
  ? ['memory', 'sqlite', 'postgres', 'redis']
  : ['memory', 'sqlite', 'postgres']

/** Where the data of one store is, empty at first. */
export interface StorePlace {
  /** Each time another connection; of memory there is only one. */
  connect(): Promise<TokenStore>
}

/** Real servers, each started when it is first asked for. Call it at the top level of a test file. */
export function useStores(): (kind: StoreKind) => Promise<StorePlace> {
  const cleanUps: (() => unknown)[] = []
  const servers = new Map<StoreKind, Promise<string>>()
  afterAll(async () => {
    for (const cleanUp of cleanUps.toReversed()) await cleanUp()
  })

  function startOnce(
    kind: StoreKind,
    start: () => Promise<{ url: string; stop(): Promise<void> }>,
  ): Promise<string> {
    const running = servers.get(kind)
    if (running !== undefined) return running
    const starting = start().then(({ url, stop }) => {
      cleanUps.unshift(stop)
      return url
    })
    servers.set(kind, starting)
    return starting
  }

  return async (kind) => {
    switch (kind) {
      case 'memory': {
        const store = createMemoryStore()
        return { connect: async () => store }
      }
      case 'sqlite': {
        const folder = mkdtempSync(join(tmpdir(), 'hallpass-copy-'))
        cleanUps.push(() => rmSync(folder, { recursive: true, force: true }))
        return { connect: () => keep(createSqliteStore(join(folder, 'tokens.sqlite'))) }
      }
      case 'postgres': {
        const connectionString = await startOnce(kind, startPostgres)
        const schema = createSchemaName()
        const { Pool } = (await import('pg')).default
        const pool = new Pool({ connectionString })
        cleanUps.push(async () => {
          await pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`)
          await pool.end()
        })
        return { connect: () => keep(createPostgresStore(pool, { schema })) }
      }
      case 'redis': {
        const client = await connect(await startOnce(kind, () => startRedisServer()))
        cleanUps.push(() => client.destroy())
        const prefix = `test-${randomUUID()}:`
        return { connect: () => keep(createRedisStore(client, { prefix })) }
      }
    }
  }

  async function keep(opening: Promise<TokenStore>): Promise<TokenStore> {
    const store = await opening
    cleanUps.push(() => store.close())
    return store
  }
}
