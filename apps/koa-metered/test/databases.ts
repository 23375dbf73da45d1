import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { afterAll } from 'vitest'
import { startPostgres } from '../../../packages/store-postgres/test/postgres-server.ts'
import { hasRedisServer, startRedisServer } from '../../../packages/store-redis/test/redis-server.ts'

export { hasRedisServer }

/** Real servers for the tests of a file, each started when it is first asked for. Call it at the top level. */
export function useDatabases(): { postgres(): Promise<string>; redis(): Promise<string> } {
  const cleanUps: (() => Promise<unknown>)[] = []
  let server: ReturnType<typeof startPostgres> | null = null
  afterAll(async () => {
    for (const cleanUp of cleanUps.toReversed()) await cleanUp()
    await (await server)?.stop()
  })

  return {
    /** URL of an empty database. */
    async postgres() {
      server ??= startPostgres()
      const { url } = await server
      const owner = new pg.Client({ connectionString: url })
      await owner.connect()
      const name = `koa_metered_${randomBytes(6).toString('hex')}`
      await owner.query(`CREATE DATABASE ${name}`)
      cleanUps.push(async () => {
        await owner.query(`DROP DATABASE ${name} WITH (FORCE)`)
        await owner.end()
      })
      const own = new URL(url)
      own.pathname = `/${name}`
      return own.href
    },
    /** URL of an empty server. */
    async redis() {
      const redis = await startRedisServer()
      cleanUps.push(redis.stop)
      return redis.url
    },
  }
}
