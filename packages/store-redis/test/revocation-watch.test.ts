import type { TokenStore } from '@hallpass/core'
import { createStoredToken } from '@hallpass/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createRedisStore, type RedisSubscriber } from '../src/index.ts'
import { type Client, connect } from './connect.ts'
import { hasRedisServer, type RedisServer, startRedisServer } from './redis-server.ts'

const AT = new Date('2026-11-21T12:30:00.000Z')

describe.skipIf(!hasRedisServer())('watchRevocations', () => {
  let server: RedisServer
  const clients: Client[] = []
  let store: TokenStore
  /** Of another process, as it were. */
  let other: TokenStore

  async function open(subscriber?: RedisSubscriber): Promise<TokenStore> {
    const client = await connect(server.url)
    clients.push(client)
    return createRedisStore(client, subscriber === undefined ? {} : { subscriber })
  }

  beforeEach(async () => {
    server = await startRedisServer()
    const subscriber = await connect(server.url)
    clients.push(subscriber)
    store = await open(subscriber)
    other = await open()
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy()
    await server.stop()
  })

  /** Resolves with each call; the server tells at most once for each script. */
  function watch(of: TokenStore): { told: () => Promise<void>; count: () => number; end: () => void } {
    let count = 0
    const waiting: (() => void)[] = []
    const end = of.watchRevocations(() => {
      count += 1
      for (const resolve of waiting.splice(0)) resolve()
    })
    return { told: () => new Promise((resolve) => waiting.push(resolve)), count: () => count, end }
  }

  async function subscribers(): Promise<number> {
    const reply = await clients[1]?.pubSubNumSub('{hallpass}:revocations')
    return Number(Object.values(reply ?? {})[0])
  }

  async function untilSubscribed(count: number): Promise<void> {
    while ((await subscribers()) !== count) await new Promise(setImmediate)
  }

  test('tells of a revocation, an earlier expiry and a whole subject, and the entry is there by then', async () => {
    const tokens = [createStoredToken(), createStoredToken(), createStoredToken({ subject: 'ann' })]
    await store.insert(tokens, {})
    const watched = watch(store)
    await untilSubscribed(1)
    const changes: readonly (() => unknown)[] = [
      () => other.revoke('default', tokens[0]?.id ?? '', AT),
      () => other.update('default', tokens[1]?.id ?? '', { expiresAt: AT, at: new Date(0) }),
      () => other.revokeAll('default', 'ann', AT),
    ]
    for (const [index, change] of changes.entries()) {
      const told = watched.told()
      await change()
      await told
      expect((await store.revokedSince(null, 10)).entries).toHaveLength(index + 1)
    }
    expect(watched.count()).toBe(3)
  })

  test('says nothing where nothing was refused, nor after it ended', async () => {
    const [token, next, last] = [createStoredToken(), createStoredToken(), createStoredToken()]
    await store.insert([token, next, last], {})
    const [ended, watched] = [watch(store), watch(store)]
    await untilSubscribed(1)
    await other.update('default', token.id, { name: 'x', at: AT })
    await other.revoke('default', 'nobody', AT)
    ended.end()
    ended.end()
    const told = watched.told()
    await other.revoke('default', token.id, AT)
    await told
    expect([ended.count(), watched.count()]).toEqual([0, 1])
    await store.close()
    await untilSubscribed(0)
    await other.revoke('default', next.id, AT)
    expect(watched.count()).toBe(1)
  })

  test('without a subscriber, or with one that fails, the polls go on', async () => {
    const failing: RedisSubscriber = {
      subscribe: () => Promise.reject(new Error('offline')),
      unsubscribe: () => Promise.reject(new Error('offline')),
    }
    const throwing: RedisSubscriber = {
      subscribe: () => {
        throw new Error('not connected')
      },
      unsubscribe: () => {
        throw new Error('not connected')
      },
    }
    for (const deaf of [await open(), await open(failing), await open(throwing)]) {
      const token = createStoredToken()
      await deaf.insert([token], {})
      const watched = watch(deaf)
      await other.revoke('default', token.id, AT)
      expect((await deaf.revokedSince(null, 10)).entries.map(({ id }) => id)).toContain(token.id)
      expect(watched.count()).toBe(0)
      watched.end()
      await deaf.close()
    }
  })
})
