import type { TokenStore } from '@hallpass/core'
import { createStoredToken, createTokenId } from '@hallpass/testing'
import { expect, test } from 'vitest'
import { createPostgresStore } from '../src/index.ts'
import { wrapPool } from './held-pool.ts'
import { createSchemaName, useDatabase } from './test-database.ts'

const AT = new Date('2026-11-21T12:30:00.000Z')
const database = useDatabase()
const DEADLOCK = { code: '40P01', severity: 'ERROR' }

interface Disturbed {
  readonly store: TokenStore
  /** Called before each statement; what it throws is the statement's failure. */
  disturb(how: ((text: string) => Promise<void> | void) | null): void
}

async function openDisturbed(schema: string): Promise<Disturbed> {
  let disturb: ((text: string) => Promise<void> | void) | null = null
  const pool = wrapPool(database.openPool(), async (client, query) => {
    await disturb?.(query.text)
    return client.query(query)
  })
  return {
    store: await createPostgresStore(pool, { schema }),
    disturb(how) {
      disturb = how
    },
  }
}

/** Fails so many times, then no more. */
function failTimes(times: number, isMeant: (text: string) => boolean): (text: string) => void {
  let left = times
  return (text) => {
    if (left === 0 || !isMeant(text)) return
    left -= 1
    throw Object.assign(new Error('deadlock detected'), DEADLOCK)
  }
}

test('what the server undid because of another transaction is done again, and counted once', async () => {
  const { store, disturb } = await openDisturbed(createSchemaName())
  const token = createStoredToken({ credits: { limit: 9, remaining: 9 } })
  await store.insert([token], {})
  disturb(failTimes(2, (text) => text.includes('INSERT INTO')))
  const spend = {
    receipt: createTokenId(),
    counters: [{ project: 'default', id: token.id }],
    amount: 2,
    at: AT,
  }
  expect(await store.spend(spend)).toEqual({ outcome: 'spent', remaining: [7] })
  disturb(failTimes(2, (text) => text === 'COMMIT'))
  const change = { addCredits: 1, at: new Date(0) }
  expect(await store.update('default', token.id, change)).toMatchObject({ outcome: 'updated' })
  disturb(null)
  expect((await store.find('default', token.id))?.credits).toEqual({ limit: 10, remaining: 8 })
  await store.close()
})

test('a conflict that does not end is an error', async () => {
  const { store, disturb } = await openDisturbed(createSchemaName())
  const token = createStoredToken()
  await store.insert([token], {})
  disturb(failTimes(100, () => true))
  await expect(store.revoke('default', token.id, AT)).rejects.toMatchObject({ sqlState: '40P01' })
  disturb(null)
  expect((await store.find('default', token.id))?.revokedAt).toBeNull()
  await store.close()
})

test('a spend that was refused for what is no longer so is tried again', async () => {
  const schema = createSchemaName()
  const other = await database.openStore({ schema })
  const { store, disturb } = await openDisturbed(schema)
  const token = createStoredToken({ credits: { limit: 1, remaining: 0 } })
  await other.insert([token], {})
  // The credits come between the spend and the look at why it was refused.
  disturb(async (text) => {
    if (!text.includes('AS spent')) return
    disturb(null)
    await other.update('default', token.id, { addCredits: 1, at: AT })
  })
  const counters = [{ project: 'default', id: token.id }]
  const spend = { receipt: createTokenId(), counters, amount: 1, at: AT }
  expect(await store.spend(spend)).toEqual({ outcome: 'spent', remaining: [0] })
  await store.close()
})

test('a name that is given free between the insert and the look at who has it is taken', async () => {
  const schema = createSchemaName()
  const other = await database.openStore({ schema })
  const { store, disturb } = await openDisturbed(schema)
  const holder = createStoredToken({ name: 'build' })
  await other.insert([holder], { uniqueName: true })
  disturb(async (text) => {
    if (!text.includes('LIMIT 1')) return
    disturb(null)
    await other.revoke('default', holder.id, AT)
  })
  const next = createStoredToken({ name: 'build' })
  expect(await store.insert([next], { uniqueName: true })).toEqual({ outcome: 'inserted' })
  await store.close()
})

test('a name that is taken between the look and the change is refused by the index', async () => {
  const schema = createSchemaName()
  const other = await database.openStore({ schema })
  const { store, disturb } = await openDisturbed(schema)
  const token = createStoredToken({ name: 'mine' })
  await other.insert([token], { uniqueName: true })
  disturb(async (text) => {
    if (!text.includes('SET name')) return
    disturb(null)
    await other.insert([createStoredToken({ name: 'build' })], { uniqueName: true })
  })
  expect(await store.update('default', token.id, { name: 'build', at: AT })).toEqual({
    outcome: 'name_taken',
  })
  expect((await store.find('default', token.id))?.name).toBe('mine')
  await store.close()
})

test('a connection that is lost while a transaction is undone goes to nobody else', async () => {
  const { store, disturb } = await openDisturbed(createSchemaName())
  const token = createStoredToken()
  await store.insert([token], {})
  disturb((text) => {
    if (text === 'ROLLBACK') throw new Error('Connection terminated unexpectedly')
    if (text === 'COMMIT') throw Object.assign(new Error('disk full'), { code: '53100', severity: 'ERROR' })
  })
  await expect(store.update('default', token.id, { name: 'x', at: new Date(0) })).rejects.toMatchObject({
    code: 'failed',
    message: 'the database failed: Connection terminated unexpectedly',
  })
  disturb(null)
  expect((await store.find('default', token.id))?.name).toBeNull()
  expect(await store.update('default', token.id, { name: 'y', at: new Date(0) })).toMatchObject({
    outcome: 'updated',
  })
  await store.close()
})
