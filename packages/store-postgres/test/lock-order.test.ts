import type { Counter, TokenStore } from '@hallpass/core'
import { createStoredToken, createTokenId } from '@hallpass/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createPostgresStore, type PostgresPool } from '../src/index.ts'
import { toLockOrder } from '../src/spend-statement.ts'
import { wrapPool } from './held-pool.ts'
import { createSchemaName, useDatabase } from './test-database.ts'

const AT = new Date('2026-11-21T12:30:00.000Z')
const database = useDatabase()

/** A pool that notes the codes of the errors that the server answers: the store would try again in silence. */
function notePool(codes: string[]): PostgresPool {
  return wrapPool(database.openPool({ max: 16 }), (client, query) =>
    client.query(query).catch((error: unknown) => {
      codes.push(String(Object(error).code))
      throw error
    }),
  )
}

test('whatever is done to the same tokens and pools at once, in whatever order, no two calls block each other', async () => {
  const schema = createSchemaName()
  const codes: string[] = []
  const stores = await Promise.all([1, 2].map(() => createPostgresStore(notePool(codes), { schema })))
  const [store, other] = stores
  if (!store || !other) throw new Error('two stores were opened')
  const tokens = Array.from({ length: 6 }, (_, index) =>
    createStoredToken({ subject: 'ann', name: `n${index}`, credits: { limit: 1e6, remaining: 1e6 } }),
  )
  await store.insert(tokens, { uniqueName: true })
  const pools = ['a', 'b', 'c']
  for (const name of pools) await store.createPool({ project: 'default', name, limit: 1e6, remaining: 1e6 })
  const counters: Counter[] = [
    ...tokens.map(({ id }): Counter => ({ project: 'default', id })),
    ...pools.map((pool): Counter => ({ project: 'default', pool })),
  ]
  const day = { project: 'default', day: '2026-11-21', application: 'a', subject: 's', calls: 1, credits: 1 }
  const usage = tokens.map(({ id }) => ({ ...day, tokenId: id }))
  const touches = tokens.map(({ id }, index) => ({
    project: 'default',
    id,
    at: new Date(AT.getTime() + index),
  }))

  /** A few of the list from anywhere, in any direction: the same every time the test runs. */
  function some<T>(list: readonly T[], seed: number, count: number): T[] {
    const turned = [...list.slice(seed % list.length), ...list.slice(0, seed % list.length)]
    return (seed % 2 === 0 ? turned : turned.toReversed()).slice(0, count)
  }

  async function work(on: TokenStore, seed: number): Promise<void> {
    const receipt = createTokenId()
    const spend = { receipt, counters: some(counters, seed, 2 + (seed % 7)), amount: 1, at: AT }
    const answers = await Promise.all([on.spend(spend), on.spend(spend)])
    expect(answers[0]).toMatchObject({ outcome: 'spent' })
    expect(answers[1]).toEqual(answers[0])
    await on.touch(
      some(touches, seed + 1, 5).map((touch) => ({ ...touch, at: new Date(AT.getTime() + seed) })),
    )
    await on.addUsage(some(usage, seed + 2, 5))
    await on.update('default', tokens[seed % tokens.length]?.id ?? '', { addCredits: 1, at: new Date(0) })
    const named = some(['x', 'y', 'z'], seed, 3).map((name) => createStoredToken({ subject: 'bob', name }))
    await on.insert(named, { uniqueName: true })
    expect(await on.refund(receipt, AT)).toBe('refunded')
  }

  for (let round = 0; round < 4; round += 1) {
    await Promise.all(
      Array.from({ length: 30 }, (_, seed) => work(seed % 2 ? store : other, seed + 30 * round)),
    )
    await Promise.all([store.revokeAll('default', 'bob', AT), other.revokeAll('default', 'bob', AT)])
  }
  await Promise.all([
    ...Array.from({ length: 10 }, (_, seed) => store.touch(some(touches, seed, 6))),
    store.revokeAll('default', null, AT),
    other.revokeAll('default', 'ann', AT),
    ...tokens.toReversed().map(({ id }) => other.revoke('default', id, AT)),
  ])
  // Unique violations are the last word on a name or a receipt; a deadlock would be 40P01.
  expect([...new Set(codes)].filter((code) => code !== '23505')).toEqual([])
  for (const { id } of tokens) {
    const credits = (await store.find('default', id))?.credits
    expect(credits?.remaining).toBe(credits?.limit)
  }
  for (const name of pools) expect((await store.findPool('default', name))?.remaining).toBe(1e6)
  for (const one of stores) await one.close()
  await database.dropSchema(schema)
})

test('the order depends on the counters alone, not on how they are given (property)', () => {
  const text = fc.string({ unit: 'binary' })
  const counter = fc.oneof(
    fc.record({ project: text, id: text }),
    fc.record({ project: text, pool: text }),
  ) as fc.Arbitrary<Counter>
  const list = fc.uniqueArray(counter, { minLength: 1, maxLength: 8, selector: (one) => JSON.stringify(one) })
  fc.assert(
    fc.property(list, (counters) => {
      const sorted = (given: readonly Counter[]): unknown[] => toLockOrder(given).map((index) => given[index])
      expect(sorted(counters.toReversed())).toEqual(sorted(counters))
      expect(toLockOrder(counters).toSorted()).toEqual(counters.map((_, index) => index))
    }),
  )
})
