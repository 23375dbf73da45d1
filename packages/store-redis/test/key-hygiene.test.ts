import type { TokenStore } from '@hallpass/core'
import { createStoredToken } from '@hallpass/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createRedisStore } from '../src/index.ts'
import { type Client, connect } from './connect.ts'
import { hasRedisServer, type RedisServer, startRedisServer } from './redis-server.ts'

const AT = new Date('2026-11-21T12:30:00.000Z')
const LATER = new Date('2027-01-01T00:00:00.000Z')

describe.skipIf(!hasRedisServer())('keys', () => {
  let server: RedisServer
  let client: Client
  let store: TokenStore
  beforeEach(async () => {
    server = await startRedisServer()
    client = await connect(server.url)
    store = await createRedisStore(client)
  })
  afterEach(async () => {
    client.destroy()
    await server.stop()
  })

  test('all begin with the prefix in braces, so that a cluster keeps them together', async () => {
    await fill()
    const keys = await client.keys('*')
    expect(keys.length).toBeGreaterThan(15)
    for (const key of keys) expect(key).toMatch(/^\{hallpass\}:/)
  })

  test('nothing expires by the clock of the server: what is kept is for the service to say', async () => {
    await fill()
    for (const key of await client.keys('*')) expect([key, await client.ttl(key)]).toEqual([key, -1])
  })

  test('a purge leaves no trace of tokens, receipts, revocations and usage', async () => {
    await fill()
    const before = { tokensBefore: LATER, receiptsBefore: LATER, feedBefore: LATER }
    expect(await store.purge(before)).toBe(4)
    expect(await client.keys('*')).toContain('{hallpass}:usage:7:default2026-11-21')
    await store.purge({ ...before, usageBefore: '2026-11-22' })
    expect(await store.deleteUnusedKey('default', 'key-1')).toBe(true)
    const left = (await client.keys('*')).map((key) => key.replace('{hallpass}:', '')).toSorted()
    expect(left).toEqual(['feed', 'leases', 'pool:7:defaultmonthly', 'pools:7:default', 'projects', 'schema'])
    expect(await client.xLen('{hallpass}:feed')).toBe(0)
  })

  test('a token that the server has evicted, where that was accepted, harms nothing but itself', async () => {
    const ids = await fill()
    await client.del(`{hallpass}:token:7:default${ids[0]}`)
    expect(await store.find('default', ids[0] ?? '')).toBeNull()
    expect(await store.list({ project: 'default' }, null, 10)).toHaveLength(3)
    expect(
      await store.insert([createStoredToken()], { idempotency: { keySha256: 'a', requestSha256: 'b' } }),
    ).toEqual({
      outcome: 'inserted',
    })
    expect(await store.revokeAll('default', null, AT)).toBe(2)
    expect(await store.purge({ tokensBefore: LATER, receiptsBefore: LATER, feedBefore: LATER })).toBe(5)
    expect(await store.list({ project: 'default' }, null, 10)).toEqual([])
  })

  /** Something of everything. @returns the ids of its four tokens; the first has an idempotency key */
  async function fill(): Promise<string[]> {
    const tokens = [
      createStoredToken({ name: 'a', credits: { limit: 5, remaining: 5 } }),
      createStoredToken({ name: 'b', subject: 'ann' }),
      createStoredToken({ name: 'c', expiresAt: new Date(AT.getTime() + 1) }),
      createStoredToken({ name: 'd', application: 'ci' }),
    ]
    const [first, second, third, fourth] = tokens
    if (!first || !second || !third || !fourth) throw new Error('four tokens were made')
    await store.insert([first], { uniqueName: true, idempotency: { keySha256: 'a', requestSha256: 'b' } })
    await store.insert([second, third, fourth], { uniqueName: true })
    await store.createPool({ project: 'default', name: 'monthly', limit: 5, remaining: 5 })
    const counters = [
      { project: 'default', id: first.id },
      { project: 'default', pool: 'monthly' },
    ]
    await store.spend({ receipt: 'kept', counters, amount: 1, at: AT })
    await store.update('default', third.id, { name: 'e', expiresAt: AT, at: new Date(0) })
    await store.revoke('default', second.id, AT)
    await store.insertKey({
      id: 'key-1',
      project: 'default',
      profile: 'native',
      algorithm: 'EdDSA',
      version: 1,
      createdAt: AT,
      activatesAt: AT,
      sealed: 'a.b.c.d.e',
    })
    const usage = {
      project: 'default',
      day: '2026-11-21',
      application: 'ci',
      subject: 'ann',
      tokenId: first.id,
    }
    await store.addUsage([{ ...usage, calls: 1, credits: 1 }])
    await store.lease('purge', 'a', AT, LATER)
    return tokens.map(({ id }) => id)
  }
})
