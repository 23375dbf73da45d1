import { randomUUID } from 'node:crypto'
import { createMemoryStore } from '@hallpass/core'
import { createStoredToken } from '@hallpass/testing'
import { expect, test } from 'vitest'
import { createLedger, takeStock } from '../faults/ledger.ts'
import type { LoadEvent } from '../faults/service-commands.ts'

const AT = new Date('2026-11-21T12:30:00.000Z')

/** A store with one metered token, and a ledger that heard these events. */
async function setUp(events: (meter: string) => readonly LoadEvent[]) {
  const store = createMemoryStore()
  const token = createStoredToken({ credits: { limit: 2, remaining: 2 } })
  await store.insert([token], {})
  const ledger = createLedger()
  ledger.follow({ onEvent: (listener) => events(token.id).forEach(listener) })
  const spend = (receipt: string) =>
    store.spend({ receipt, counters: [{ project: 'default', id: token.id }], amount: 1, at: AT })
  return { store, token, spend, takeStock: () => takeStock(store, ledger, [{ id: token.id, limit: 2 }]) }
}

const NOTHING = { acknowledged: 0, lost: 0, undone: 0, overSpent: 0, unanswered: 0 }

test('what was acknowledged and is there is in order', async () => {
  const receipt = randomUUID()
  const run = await setUp((id) => [
    { did: 'issue', id },
    { did: 'spend', id, receipt },
    { did: 'revoke', id },
    { did: 'see revoked', id },
    { did: 'refuse', code: 'store_unavailable' },
  ])
  await run.spend(receipt)
  await run.store.revoke('default', run.token.id, AT)
  expect(await run.takeStock()).toEqual({ ...NOTHING, acknowledged: 3 })
})

test('an acknowledged token that is not there is lost', async () => {
  const run = await setUp(() => [{ did: 'issue', id: randomUUID() }])
  expect(await run.takeStock()).toEqual({ ...NOTHING, acknowledged: 1, lost: 1 })
})

test('an acknowledged revocation that does not hold is undone, and so is one that let a request through', async () => {
  const run = await setUp((id) => [
    { did: 'revoke', id },
    { did: 'see allowed', id },
  ])
  expect(await run.takeStock()).toEqual({ ...NOTHING, acknowledged: 1, undone: 2 })
})

test('an acknowledged spend that was not charged is lost, one beyond the limit is over-spent', async () => {
  const receipts = [randomUUID(), randomUUID(), randomUUID()]
  const run = await setUp((id) => receipts.map((receipt) => ({ did: 'spend', id, receipt })))
  await run.spend(receipts[0] ?? '')
  await run.spend(receipts[1] ?? '')
  expect(await run.takeStock()).toEqual({ ...NOTHING, acknowledged: 3, lost: 1, overSpent: 1 })
})

test('a charge that nobody was told of is counted by itself', async () => {
  const run = await setUp(() => [])
  await run.spend(randomUUID())
  expect(await run.takeStock()).toEqual({ ...NOTHING, unanswered: 1 })
})
