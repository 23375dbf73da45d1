import { randomUUID } from 'node:crypto'
import type { TokenStore } from '@hallpass/core'
import { createStoredToken } from '@hallpass/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createRedisStore, type RedisClient } from '../src/index.ts'
import { type Client, connect } from './connect.ts'
import { hasRedisServer, type RedisServer, startRedisServer } from './redis-server.ts'

const AT = new Date('2026-11-21T12:30:00.000Z')

describe.skipIf(!hasRedisServer())('a server that changes while the store is open', () => {
  let server: RedisServer
  let client: Client
  /** As an operator has it. */
  let operator: Client
  let store: TokenStore
  beforeEach(async () => {
    server = await startRedisServer()
    client = await connect(server.url)
    operator = await connect(server.url)
    store = await createRedisStore(client)
  })
  afterEach(async () => {
    await store.close()
    client.destroy()
    operator.destroy()
    await server.stop()
  })

  test('STO-93 a server that has become a replica answers nothing, not even what it still knows', async () => {
    const token = createStoredToken()
    await store.insert([token], {})
    await operator.sendCommand(['REPLICAOF', '127.0.0.1', '1'])
    expect(await operator.hGet(`{hallpass}:token:7:default${token.id}`, 'subject')).toBe('default')
    const asked: readonly (() => unknown)[] = [
      () => store.find('default', token.id),
      () => store.list({ project: 'default' }, null, 10),
      () => store.revokedSince(null, 10),
      () => store.keys(),
      () => store.revoke('default', token.id, AT),
    ]
    for (const ask of asked) {
      await expect((async () => ask())()).rejects.toThrow(/READONLY.*connect to the master/)
    }
    await operator.sendCommand(['REPLICAOF', 'NO', 'ONE'])
    expect(await store.find('default', token.id)).toStrictEqual(token)
  })

  test('STO-94 a full server refuses to issue and to spend, whole, and still revokes and gives back', async () => {
    const token = createStoredToken({ credits: { limit: 5, remaining: 5 } })
    const counters = [{ project: 'default', id: token.id }]
    await store.insert([token], {})
    await store.spend({ receipt: 'before', counters, amount: 1, at: AT })
    const keys = await operator.dbSize()
    await operator.configSet('maxmemory', '1')
    const more = [createStoredToken(), createStoredToken({ name: 'b' })]
    await expect((async () => store.insert(more, { uniqueName: true }))()).rejects.toThrow(/OOM.*maxmemory/)
    await expect(
      (async () => store.spend({ receipt: 'full', counters, amount: 1, at: AT }))(),
    ).rejects.toThrow(/OOM/)
    expect(await operator.dbSize()).toBe(keys)
    expect((await store.find('default', token.id))?.credits).toEqual({ limit: 5, remaining: 4 })
    expect(await store.refund('before', AT)).toBe('refunded')
    expect(await store.lease('purge', 'a', AT, AT)).toBe(true)
    expect((await store.revoke('default', token.id, AT))?.revokedAt).toEqual(AT)
    expect((await store.revokedSince(null, 10)).entries).toHaveLength(1)
    await operator.configSet('maxmemory', '0')
    expect(await store.insert(more, { uniqueName: true })).toEqual({ outcome: 'inserted' })
    expect(await store.refund('full', AT)).toBe('unknown')
  })

  test('scripts that the server forgets are sent again', async () => {
    const token = createStoredToken({ credits: { limit: 5, remaining: 5 } })
    await store.insert([token], {})
    const counters = [{ project: 'default', id: token.id }]
    for (let left = 4; left >= 0; left -= 1) {
      await operator.scriptFlush()
      const spent = await store.spend({ receipt: randomUUID(), counters, amount: 1, at: AT })
      expect(spent).toEqual({ outcome: 'spent', remaining: [left] })
    }
  })

  test('STO-95 a cursor from before the data was emptied is refused', async () => {
    const token = createStoredToken()
    await store.insert([token], {})
    await store.revoke('default', token.id, AT)
    const { cursor } = await store.revokedSince(null, 10)
    expect(await store.revokedSince(cursor, 10)).toEqual({ entries: [], cursor, more: false })
    await operator.flushAll()
    await expect((async () => store.revokedSince(cursor, 10))()).rejects.toThrow(/cursor/)
    expect(await store.revokedSince(null, 10)).toEqual({ entries: [], cursor: '0-0', more: false })
  })

  test('a cursor outlives the entries it has seen, a rewrite of the append-only file and a crash', async () => {
    const token = createStoredToken({ expiresAt: AT })
    await store.insert([token], {})
    await store.revoke('default', token.id, AT)
    const { cursor } = await store.revokedSince(null, 10)
    const later = new Date(AT.getTime() + 1)
    await store.purge({ tokensBefore: later, receiptsBefore: later, feedBefore: later })
    await operator.sendCommand(['BGREWRITEAOF'])
    while (/aof_rewrite_(in_progress|scheduled):1/.test(await operator.info('persistence'))) {
      await new Promise(setImmediate)
    }
    await server.kill()
    await server.start()
    const other = await connect(server.url)
    const reader = await createRedisStore(other)
    expect(await reader.revokedSince(cursor, 10)).toEqual({ entries: [], cursor, more: false })
    await reader.insert([token], {})
    await reader.revoke('default', token.id, AT)
    expect((await reader.revokedSince(cursor, 10)).entries).toHaveLength(1)
    other.destroy()
  })

  test('STO-96 what a stream would read as a range is no cursor', async () => {
    const token = createStoredToken()
    await store.insert([token], {})
    await store.revoke('default', token.id, AT)
    for (const cursor of [
      '-',
      '+',
      '$',
      '(0-0',
      '0',
      '00-0',
      '0-0 ',
      '0-0\n',
      '0-*',
      '1e3-0',
      '0-99999999999999999',
    ]) {
      await expect((async () => store.revokedSince(cursor, 10))()).rejects.toThrow(RangeError)
    }
    const last = (await store.revokedSince(null, 10)).cursor
    const [time, sequence] = last.split('-').map(Number)
    for (const cursor of [`${(time ?? 0) + 1}-0`, `${time}-${(sequence ?? 0) + 1}`]) {
      await expect((async () => store.revokedSince(cursor, 10))()).rejects.toThrow(RangeError)
    }
  })

  test('STO-97 an error reply that repeats arguments does not come through', async () => {
    const secret = 'a-name-that-nobody-else-should-read'
    const replies = [
      `ERR unknown command 'EVALSHA', with args beginning with: '${secret}'`,
      `NOPERM User ${secret} has no permissions to access one of the keys`,
      `WRONGTYPE ${secret}`,
    ]
    for (const reply of replies) {
      let failing = false
      const client: RedisClient = {
        eval: (text, call) => operator.eval(text, call),
        evalSha: (sha1, call) => (failing ? Promise.reject(new Error(reply)) : operator.evalSha(sha1, call)),
      }
      const other = await createRedisStore(client)
      failing = true
      const error: unknown = await (async () => other.find('default', secret))().catch(
        (thrown: unknown) => thrown,
      )
      expect(error).toMatchObject({ name: 'RedisStoreError', code: 'failed' })
      expect(String(error)).toContain(reply.split(' ')[0])
      const all = JSON.stringify(error, Object.getOwnPropertyNames(error))
      expect(all).not.toContain(secret)
    }
  })

  test('STO-98 a user without the right to the channel revokes nevertheless', async () => {
    const token = createStoredToken()
    await store.insert([token], {})
    // As the README says, but for the channel.
    const rights = '+@all -@admin -@dangerous +info ~{hallpass}:* resetchannels'.split(' ')
    await operator.sendCommand(['ACL', 'SETUSER', 'store', 'on', '>secret', ...rights])
    const limited = await connect(server.url.replace('redis://', 'redis://store:secret@'))
    const own = await createRedisStore(limited)
    expect((await own.revoke('default', token.id, AT))?.revokedAt).toEqual(AT)
    expect((await own.revokedSince(null, 10)).entries).toHaveLength(1)
    expect(await own.list({ project: 'default' }, null, 10)).toHaveLength(1)
    await expect(limited.get('somebody-elses')).rejects.toThrow(/NOPERM/)
    limited.destroy()
  })

  test('STO-99 a date that is none is refused before anything is written', async () => {
    const never = new Date(Number.NaN)
    const token = createStoredToken()
    await store.insert([token], {})
    const before = await operator.dbSize()
    const asked: readonly (() => unknown)[] = [
      () => store.insert([createStoredToken(), createStoredToken({ revokedAt: never })], {}),
      () => store.insert([createStoredToken({ notBefore: never })], {}),
      () => store.revoke('default', token.id, never),
      () => store.revokeAll('default', null, never),
      () => store.update('default', token.id, { expiresAt: never, at: AT }),
    ]
    for (const ask of asked) await expect((async () => ask())()).rejects.toThrow(RangeError)
    expect(await operator.dbSize()).toBe(before)
    expect(await store.find('default', token.id)).toStrictEqual(token)
  })
})
