import type { ListFilter, TokenStore } from '@hallpass/core'
import { createStoredToken } from '@hallpass/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRedisStore } from '../src/index.ts'
import { type Client, connect } from './connect.ts'
import { hasRedisServer, type RedisServer, startRedisServer } from './redis-server.ts'

const AT = new Date('2026-11-21T12:30:00.000Z')
const FEW = 1000
const MANY = 10_000

describe.skipIf(!hasRedisServer())('what a call costs does not grow with what is stored', () => {
  let server: RedisServer
  let client: Client
  const stores = new Map<number, TokenStore>()

  beforeAll(async () => {
    server = await startRedisServer(['--appendonly', 'yes', '--appendfsync', 'no', '--save', ''])
    client = await connect(server.url)
    for (const size of [FEW, MANY]) {
      const store = await createRedisStore(client, { prefix: `of-${size}:` })
      stores.set(size, store)
      for (let made = 0; made < size; made += 500) {
        await store.insert(
          Array.from({ length: 500 }, (_, index) =>
            createStoredToken({
              subject: index % 5 === 0 ? 'ann' : 'bob',
              application: `a${index % 2}`,
              credits: { limit: 9, remaining: 9 },
            }),
          ),
          {},
        )
      }
    }
  })
  afterAll(async () => {
    client.destroy()
    await server.stop()
  })

  /** How often each command ran, inside of scripts as well; `eval` is a script that had to be brought. */
  async function countCommands(work: () => unknown): Promise<Record<string, number>> {
    await client.configResetStat()
    await work()
    const counts: Record<string, number> = {}
    for (const [, command = '', calls] of (await client.info('commandstats')).matchAll(
      /cmdstat_(\S+?):calls=(\d+)/g,
    )) {
      if (command !== 'info' && !command.startsWith('config')) counts[command] = Number(calls)
    }
    return counts
  }

  const filters: readonly Omit<ListFilter, 'project'>[] = [
    {},
    { subject: 'ann' },
    { application: 'a0' },
    { subject: 'ann', application: 'a1' },
  ]
  for (const filter of filters) {
    test(`a page of 50 by ${JSON.stringify(filter)}, first and later`, async () => {
      const costs = []
      for (const store of stores.values()) {
        let after: string | null = null
        for (let page = 0; page < 2; page += 1) {
          const cost = await countCommands(async () => {
            const tokens = await store.list({ project: 'default', ...filter }, after, 50)
            expect(tokens).toHaveLength(50)
            after = tokens.at(-1)?.id ?? null
          })
          costs.push(cost)
        }
      }
      const pages = costs.map(({ eval: _brought, ...cost }) => cost)
      expect(pages.slice(2)).toEqual(pages.slice(0, 2))
      expect(costs[0]?.hmget).toBe(50)
      expect(costs[0]?.evalsha).toBe(1)
    })
  }

  test('find, spend, revoke, update: the same few commands', async () => {
    const costs = []
    for (const store of stores.values()) {
      const [token] = await store.list({ project: 'default' }, null, 1)
      const id = token?.id ?? ''
      const counters = [{ project: 'default', id }]
      costs.push(
        await countCommands(async () => {
          await store.find('default', id)
          await store.spend({ receipt: id, counters, amount: 1, at: AT })
          await store.update('default', id, { name: 'x', addCredits: 1, at: AT })
          await store.revoke('default', id, AT)
        }),
      )
    }
    const [few, many] = costs.map(({ eval: _brought, ...cost }) => cost)
    expect(many).toEqual(few)
    expect(few?.evalsha).toBe(4)
  })

  test('every mutation of one thing is one call to the server', async () => {
    const store = stores.get(FEW)
    if (store === undefined) throw new Error('the store was opened')
    const token = createStoredToken()
    const key = {
      id: 'k',
      project: 'default',
      profile: 'native',
      algorithm: 'EdDSA',
      version: 1,
      createdAt: AT,
      activatesAt: AT,
      sealed: 'a.b.c.d.e',
    }
    const pool = { project: 'default', name: 'monthly', limit: 1, remaining: 1 }
    const usage = { project: 'default', day: '2026-11-21', application: 'ci', subject: 'ann', tokenId: 't' }
    const mutations: readonly (() => unknown)[] = [
      () => store.insert([token, createStoredToken({ name: 'a' })], { uniqueName: true }),
      () => store.update('default', token.id, { name: 'b', at: AT }),
      () => store.touch([{ project: 'default', id: token.id, at: AT }]),
      () => store.revoke('default', token.id, AT),
      () => store.createPool(pool),
      () => store.addPoolCredits('default', 'monthly', 1),
      () =>
        store.spend({ receipt: 'r', counters: [{ project: 'default', pool: 'monthly' }], amount: 1, at: AT }),
      () => store.refund('r', AT),
      () => store.addUsage([{ ...usage, calls: 1, credits: 1 }]),
      () => store.insertKey(key),
      () => store.resealKey('k', 'x'),
      () => store.deleteUnusedKey('default', 'k'),
      () => store.lease('purge', 'a', AT, AT),
    ]
    for (const mutate of mutations) {
      // The first time it may have to bring its text.
      const { evalsha = 0, eval: texts = 0 } = await countCommands(mutate)
      expect([evalsha, texts]).toSatisfy(([sha, text]) => sha === 1 && text <= 1)
    }
  })
})
