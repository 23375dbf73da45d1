import { randomUUID } from 'node:crypto'
import { describeTokenStore } from '@hallpass/testing'
import { afterAll, beforeAll, describe } from 'vitest'
import { createRedisStore } from '../src/index.ts'
import { type Client, connect } from './connect.ts'
import { hasRedisServer, type RedisServer, startRedisServer } from './redis-server.ts'

/** A server that is given is used as it is, whatever it keeps; one that is started here keeps everything. */
const given = process.env.REDIS_URL

describe.skipIf(given === undefined && !hasRedisServer())('on a real server', () => {
  let own: RedisServer | null = null
  beforeAll(async () => {
    if (given === undefined) own = await startRedisServer()
  })
  afterAll(() => own?.stop())

  describeTokenStore('redis', async () => {
    const prefix = `test-${randomUUID()}:`
    const clients: Client[] = []
    const open = async (): ReturnType<typeof createRedisStore> => {
      const client = await connect(given ?? own?.url ?? '')
      clients.push(client)
      return createRedisStore(client, { prefix, ...(given === undefined ? {} : { durability: 'accepted' }) })
    }
    return {
      store: await open(),
      reopen: open,
      async dispose() {
        const [first] = clients
        if (first !== undefined) await removeKeys(first, prefix)
        for (const client of clients) client.destroy()
      },
    }
  })
})

async function removeKeys(client: Client, prefix: string): Promise<void> {
  const pattern = `{${prefix.slice(0, -1)}}:*`
  for await (const keys of client.scanIterator({ MATCH: pattern, COUNT: 1000 })) {
    if (keys.length > 0) await client.unlink(keys)
  }
}
