import type { TokenStore } from '@hallpass/core'
import { createStoredToken } from '@hallpass/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createSqliteStore } from '../src/index.ts'
import { beforeEachWithPath } from './temporary-folder.ts'

const AT = new Date('2026-11-21T12:30:00.000Z')

let path = ''
beforeEachWithPath((given) => {
  path = given
})
let store: TokenStore
beforeEach(async () => {
  store = await createSqliteStore(path)
})
afterEach(() => store.close())

/** How many other writes are answered, one after the other, before `long` is. */
async function countTurnsDuring(long: Promise<unknown>): Promise<number> {
  let over = false
  const ended = long.finally(() => {
    over = true
  })
  let turns = 0
  for (; !over; turns += 1) await store.insert([createStoredToken({ project: 'other' })], {})
  await ended
  return turns
}

test('revoking 2000 tokens lets others write in between', async () => {
  await store.insert(
    Array.from({ length: 1000 }, () => createStoredToken()),
    {},
  )
  await store.insert(
    Array.from({ length: 1000 }, () => createStoredToken()),
    {},
  )
  expect(
    await countTurnsDuring(Promise.resolve(store.revokeAll('default', null, AT))),
    // At least every second step, also where a slow disk makes each a transaction of its own.
  ).toBeGreaterThanOrEqual(4)
  expect((await store.revokedSince(null, 5000)).entries).toHaveLength(2000)
})

test('what is issued while all is revoked is not meant, and does not keep it going', async () => {
  await store.insert(
    Array.from({ length: 600 }, () => createStoredToken()),
    {},
  )
  const revoking = Promise.resolve(store.revokeAll('default', null, AT))
  let over = false
  const ended = revoking.finally(() => {
    over = true
  })
  const fresh: string[] = []
  while (!over) {
    const token = createStoredToken()
    await store.insert([token], {})
    fresh.push(token.id)
  }
  await ended
  expect(await revoking).toBeLessThanOrEqual(601)
  const last = fresh.at(-1) ?? ''
  expect((await store.find('default', last))?.revokedAt).toBeNull()
})

test('purging 1000 tokens lets others write in between', async () => {
  await store.insert(
    Array.from({ length: 1000 }, () => createStoredToken({ expiresAt: new Date(0) })),
    {},
  )
  const purging = Promise.resolve(store.purge({ tokensBefore: AT, receiptsBefore: AT, feedBefore: AT }))
  expect(await countTurnsDuring(purging)).toBeGreaterThanOrEqual(5)
  expect(await purging).toBe(1000)
})
