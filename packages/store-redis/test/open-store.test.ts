import { ConfigurationError } from '@hallpass/core'
import { RESP_TYPES } from 'redis'
import { afterEach, describe, expect, test } from 'vitest'
import { createRedisStore, type RedisClient, RedisStoreError } from '../src/index.ts'
import { connect } from './connect.ts'
import { DURABLE, hasRedisServer, type RedisServer, startRedisServer } from './redis-server.ts'

/** What the server is started with, and what the refusal has to name. */
const UNSAFE: readonly (readonly [id: string, what: string, parameters: readonly string[], says: RegExp])[] =
  [
    ['STO-85', 'without an append-only file, as by default', [], /append-only file.*set appendonly yes/],
    [
      'STO-86',
      'that evicts any key',
      [...DURABLE, '--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'],
      /allkeys-lru.*set maxmemory-policy noeviction/,
    ],
    [
      'STO-87',
      'that would evict as soon as it has a limit',
      [...DURABLE, '--maxmemory-policy', 'volatile-ttl'],
      /volatile-ttl.*set maxmemory-policy noeviction/,
    ],
    [
      'STO-88',
      'that is a replica',
      [...DURABLE, '--replicaof', '127.0.0.1 1'],
      /replica: connect to the master/,
    ],
  ]

describe.skipIf(!hasRedisServer())('createRedisStore', () => {
  const ends: (() => unknown)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })

  async function start(parameters: readonly string[] = DURABLE): Promise<RedisServer> {
    const server = await startRedisServer(parameters)
    ends.push(server.stop)
    return server
  }

  async function connectTo({ url }: RedisServer): ReturnType<typeof connect> {
    const client = await connect(url)
    ends.push(() => client.destroy())
    return client
  }

  for (const [id, what, parameters, says] of UNSAFE) {
    test(`${id} a server ${what} is refused, unless that is accepted`, async () => {
      const client = await connectTo(await start(parameters))
      const refused = createRedisStore(client)
      await expect(refused).rejects.toThrow(ConfigurationError)
      await expect(refused).rejects.toThrow(says)
      await expect(refused).rejects.toThrow(/durability: 'accepted'/)
      expect(await client.keys('*')).toEqual([])
      const accepted = createRedisStore(client, { durability: 'accepted' })
      if (id === 'STO-88') await expect(accepted).rejects.toThrow(/READONLY/)
      else expect((await accepted).persistent).toBe(true)
    })
  }

  test('STO-89 a server before Redis 7 is refused, whatever is accepted', async () => {
    const answer = ['text', 7, null, '# Server\r\nredis_version:6.2.14\r\nrole:master\r\naof_enabled:1\r\n']
    const old: RedisClient = {
      eval: async () => answer,
      evalSha: async () => {
        throw new Error('nothing else may be asked of it')
      },
    }
    for (const options of [{}, { durability: 'accepted' } as const]) {
      await expect(createRedisStore(old, options)).rejects.toThrow(/Redis 6\.2\.14.*needs Redis 7/)
    }
  })

  test('STO-90 a client that answers with Buffers or texts for numbers is refused', async () => {
    const client = await connectTo(await start())
    for (const mapping of [{ [RESP_TYPES.BLOB_STRING]: Buffer }, { [RESP_TYPES.NUMBER]: String }]) {
      const refused = createRedisStore(client.withTypeMapping(mapping))
      await expect(refused).rejects.toThrow(ConfigurationError)
      await expect(refused).rejects.toThrow(/without a type mapping/)
    }
  })

  test('STO-91 data of a later release is refused and left as it is', async () => {
    const client = await connectTo(await start())
    await client.set('{hallpass}:schema', '2')
    await expect(createRedisStore(client)).rejects.toThrow(/later release.*layout 2.*update the package/)
    expect(await client.keys('*')).toEqual(['{hallpass}:schema'])
    expect(await client.get('{hallpass}:schema')).toBe('2')
  })

  test('STO-92 a prefix with braces, spaces, nothing or too much is refused', async () => {
    const client = await connectTo(await start())
    for (const prefix of ['', ':', '{a}', 'a}b', 'a b', 'a\n', 'é', 'a'.repeat(65)]) {
      await expect(createRedisStore(client, { prefix })).rejects.toThrow(/prefix must be/)
    }
    expect(await client.keys('*')).toEqual([])
  })

  test('an option that is not known is refused, and what is no client', async () => {
    const client = await connectTo(await start())
    const options: object = { durabilty: 'accepted' }
    await expect(createRedisStore(client, options)).rejects.toThrow(/no option `durabilty`/)
    for (const other of ['redis://127.0.0.1', undefined]) {
      const refused = createRedisStore(other as unknown as typeof client)
      await expect(refused).rejects.toThrow(/must be a client of `redis`/)
    }
  })

  test('an unknown word for durability is refused', async () => {
    const client = await connectTo(await start())
    const options = JSON.parse('{"durability":"none"}') as { durability: 'accepted' }
    await expect(createRedisStore(client, options)).rejects.toThrow(/durability must be/)
  })

  test('two prefixes are two stores; a colon at the end makes no difference', async () => {
    const client = await connectTo(await start())
    const stores = await Promise.all(
      ['acme', 'acme:', 'acme:eu'].map((prefix) => createRedisStore(client, { prefix })),
    )
    await stores[0]?.createPool({ project: 'default', name: 'monthly', limit: 1, remaining: 1 })
    const found = await Promise.all(stores.map((store) => store.findPool('default', 'monthly')))
    expect(found.map((pool) => pool !== null)).toEqual([true, true, false])
    expect((await client.keys('*')).every((key) => key.startsWith('{acme'))).toBe(true)
  })

  test('a client that is not connected is an error of the store, at the start and later', async () => {
    const server = await start()
    const client = await connectTo(server)
    const store = await createRedisStore(client)
    await server.kill()
    await expect((async () => store.find('default', 'a'))()).rejects.toThrow(RedisStoreError)
    await expect(createRedisStore(client)).rejects.toMatchObject({ name: 'RedisStoreError', code: 'failed' })
  })

  test('close leaves the client open and refuses what comes later', async () => {
    const client = await connectTo(await start())
    const store = await createRedisStore(client)
    await store.close()
    await expect((async () => store.keys())()).rejects.toMatchObject({
      name: 'RedisStoreError',
      code: 'closed',
    })
    expect(await client.ping()).toBe('PONG')
  })
})
