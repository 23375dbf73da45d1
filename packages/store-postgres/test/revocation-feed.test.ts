import { createStoredToken, createTokenId } from '@hallpass/testing'
import pg from 'pg'
import { expect, test, vi } from 'vitest'
import { createPostgresStore } from '../src/index.ts'
import { holdOpen } from './held-pool.ts'
import { createSchemaName, useDatabase } from './test-database.ts'

const AT = new Date('2026-11-21T12:30:00.000Z')
const database = useDatabase()

const isFeeding = (text: string): boolean => text.includes('pg_advisory_xact_lock')

/** How many statements wait for the lock of the feed. */
async function countWaiting(): Promise<number> {
  const [row] = await database.query(
    `SELECT count(*)::int AS count FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`,
  )
  return Number(row?.count)
}

test('STO-77 one revoke held open while others commit: nothing is skipped, and nothing else waits', async () => {
  const schema = createSchemaName()
  const store = await database.openStore({ schema })
  const held = holdOpen(database.openPool(), isFeeding)
  const slow = await createPostgresStore(held.pool, { schema })
  const tokens = Array.from({ length: 5 }, () =>
    createStoredToken({ credits: { limit: 5, remaining: 5 }, subject: 'ann' }),
  )
  const [first, second, third, fourth, fifth] = tokens.map(({ id }) => id)
  if (!first || !second || !third || !fourth || !fifth) throw new Error('five tokens were made')
  await store.insert(tokens, {})

  const holding = slow.revoke('default', first, AT)
  await held.reached
  let answered = 0
  const waiting = [
    store.revoke('default', second, AT),
    store.update('default', third, { expiresAt: AT, at: new Date(0) }),
    store.revokeAll('default', 'ann', AT),
  ].map(async (writing) => {
    await writing
    answered += 1
  })
  await vi.waitFor(async () => expect(await countWaiting()).toBeGreaterThanOrEqual(2))
  // What is not for the feed commits meanwhile.
  const other = createStoredToken({ project: 'other' })
  expect(await store.insert([other], {})).toEqual({ outcome: 'inserted' })
  expect(await store.createPool({ project: 'other', name: 'p', limit: 1, remaining: 1 })).toBe(true)
  const before = await store.revokedSince(null, 10)
  expect(before.entries).toEqual([])
  expect(answered).toBe(0)

  held.letGo()
  expect((await holding)?.id).toBe(first)
  await Promise.all(waiting)
  const after = await store.revokedSince(before.cursor, 10)
  expect(after.entries.map(({ id }) => id)[0]).toBe(first)
  expect(new Set(after.entries.map(({ id }) => id))).toEqual(new Set([first, second, third, fourth, fifth]))
  await slow.close()
})

test('a revocation waits only for others of its own schema', async () => {
  const held = holdOpen(database.openPool(), isFeeding)
  const schema = createSchemaName()
  const slow = await database.openStore({ schema })
  const elsewhere = await database.openStore()
  const token = createStoredToken()
  await slow.insert([token], {})
  await elsewhere.insert([token], {})
  const holder = await createPostgresStore(held.pool, { schema })
  const holding = holder.revoke('default', token.id, AT)
  await held.reached
  expect((await elsewhere.revoke('default', token.id, AT))?.revokedAt).toEqual(AT)
  held.letGo()
  await holding
  await holder.close()
})

test('of two parallel revocations with tokens in common neither waits for the other for ever', async () => {
  const schema = createSchemaName()
  const [one, two] = [await database.openStore({ schema }), await database.openStore({ schema })]
  const tokens = Array.from({ length: 600 }, () => createStoredToken({ subject: 'ann' }))
  await one.insert(tokens, {})
  const singles = tokens.toReversed().slice(0, 60)
  const [all, more] = await Promise.all([
    one.revokeAll('default', 'ann', AT),
    two.revokeAll('default', null, AT),
    ...singles.map(({ id }, index) => (index % 2 ? one : two).revoke('default', id, AT)),
  ])
  expect(all + more).toBeGreaterThanOrEqual(540)
  expect((await one.revokedSince(null, 1000)).entries).toHaveLength(600)
})

test('what expires within the tolerance of a clock is revoked with the rest', async () => {
  const store = await database.openStore()
  const token = createStoredToken({ expiresAt: AT })
  await store.insert([token], {})
  expect(await store.revokeAll('default', null, AT)).toBe(0)
  expect(await store.revokeAll('default', null, AT, new Date(AT.getTime() - 1))).toBe(1)
  expect((await store.find('default', token.id))?.revokedAt).toEqual(AT)
})

test('who listens is told of what another process adds, of nothing else, and not after the end', async () => {
  const schema = createSchemaName()
  const listen = (): pg.Client => new pg.Client(database.url())
  const listening = await database.openStore({ schema, listen })
  const elsewhere = await database.openStore({ schema })
  const tokens = Array.from({ length: 3 }, () => createStoredToken({ credits: { limit: 9, remaining: 9 } }))
  const [first, second, third] = tokens.map(({ id }) => id)
  if (!first || !second || !third) throw new Error('three tokens were made')
  await elsewhere.insert(tokens, {})
  let told = 0
  const end = listening.watchRevocations(() => {
    told += 1
  })
  // The first time when it begins to listen.
  await vi.waitFor(() => expect(told).toBe(1))
  const counters = [{ project: 'default', id: first }]
  await elsewhere.spend({ receipt: createTokenId(), counters, amount: 1, at: AT })
  await elsewhere.update('default', first, { name: 'x', at: AT })
  expect(await elsewhere.revoke('default', 'nobody', AT)).toBeNull()
  await elsewhere.revoke('default', first, AT)
  await vi.waitFor(() => expect(told).toBe(2))
  await elsewhere.update('default', second, { expiresAt: new Date(AT.getTime() + 1), at: AT })
  await vi.waitFor(() => expect(told).toBe(3))

  // The connection is lost and found again: what happened meanwhile is told of.
  await database.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = $1', [
    `LISTEN "${schema}_revocations"`,
  ])
  await vi.waitFor(() => expect(told).toBe(4), { timeout: 5000 })
  await elsewhere.revoke('default', third, AT)
  await vi.waitFor(() => expect(told).toBe(5))

  end()
  await vi.waitFor(async () => {
    const rows = await database.query('SELECT 1 FROM pg_stat_activity WHERE query = $1', [
      `LISTEN "${schema}_revocations"`,
    ])
    expect(rows).toEqual([])
  })
  await elsewhere.revokeAll('default', null, AT)
  expect(told).toBe(5)
})

test('a listener that cannot be made or cannot connect is no failure of the store', async () => {
  let made = 0
  const listen = (): pg.Client => {
    made += 1
    if (made === 1) throw new Error('no client')
    return new pg.Client({ host: '127.0.0.1', port: 1 })
  }
  const store = await database.openStore({ listen })
  store.watchRevocations(() => {
    throw new Error('it must not be told')
  })
  await vi.waitFor(() => expect(made).toBeGreaterThanOrEqual(3), { timeout: 5000 })
  const token = createStoredToken()
  await store.insert([token], {})
  await store.revoke('default', token.id, AT)
  expect((await store.revokedSince(null, 1)).entries).toHaveLength(1)
  await store.close()
  const count = made
  store.watchRevocations(() => {})
  expect(made).toBe(count)
})
