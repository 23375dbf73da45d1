import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DURABLE, hasRedisServer, startRedisServer } from '../packages/store-redis/test/redis-server.ts'
import { startPostgresServer } from './postgres-server.ts'
import type { StorePlace } from './store-place.ts'

/** A database server of the harness's own. */
export interface DatabaseServer {
  readonly port: number
  toUrl(port: number): string
  /** `kill -9`; answers when it is gone. */
  kill(): Promise<void>
  start(): Promise<void>
  /** For good, with its data. */
  stop(): Promise<void>
}

export const STORE_NAMES = ['sqlite', 'postgres', 'redis'] as const
export type StoreName = (typeof STORE_NAMES)[number]

/** Where a kind of store keeps things. */
export interface Database {
  readonly name: StoreName
  /** Null = there is none: SQLite is a file. */
  readonly server: DatabaseServer | null
  /**
   * An empty store each time it is called.
   * @returns the place as it is seen straight and, with `port`, through a proxy
   */
  createPlace(): (through?: { readonly port?: number; readonly push?: boolean }) => StorePlace
  stop(): Promise<void>
}

export async function startDatabase(name: StoreName): Promise<Database> {
  if (name === 'sqlite') return startSqlite()
  const server = name === 'postgres' ? await startPostgresServer() : await startRedis()
  return {
    name,
    server,
    createPlace() {
      const unique = `faults_${randomBytes(5).toString('hex')}`
      return ({ port = server.port, push = true } = {}) => ({
        kind: name,
        url: server.toUrl(port),
        name: unique,
        push,
      })
    },
    stop: () => server.stop(),
  }
}

function startSqlite(): Database {
  const folder = mkdtempSync(join(tmpdir(), 'hallpass-faults-sqlite-'))
  let files = 0
  return {
    name: 'sqlite',
    server: null,
    createPlace() {
      files += 1
      const path = join(folder, `${files}.db`)
      return () => ({ kind: 'sqlite', path })
    },
    async stop() {
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** `appendfsync always`: what is acknowledged is on the disk. */
async function startRedis(): Promise<DatabaseServer> {
  if (!hasRedisServer()) throw new Error('no redis-server could be started')
  const server = await startRedisServer(DURABLE)
  const toUrl = (port: number): string => `redis://127.0.0.1:${port}`
  return { ...server, port: Number(new URL(server.url).port), toUrl }
}
