import type { Counter } from '@hallpass/core'
import { createStoredToken, type ScriptProcess, startScript } from '@hallpass/testing'
import { afterEach, expect, test } from 'vitest'
import { createSchemaName, useDatabase } from './test-database.ts'

const PROCESSES = 3
const CLIENTS = 64
const database = useDatabase()

const startProcess = (script: string, ...parameters: readonly string[]): ScriptProcess =>
  startScript(new URL(`processes/${script}`, import.meta.url), ...parameters)

let running: ScriptProcess[] = []
afterEach(async () => {
  for (const { child } of running) child.stdin.end()
  await Promise.all(running.map(({ ended }) => ended))
  running = []
})

/** Processes that opened the store at the same moment. */
async function startServers(schema: string, clients: number): Promise<readonly ScriptProcess[]> {
  running = Array.from({ length: PROCESSES }, () =>
    startProcess('serve.ts', database.url(), schema, String(clients)),
  )
  for (const server of running) expect(await server.line()).toBe('ready')
  for (const server of running) server.write('open')
  for (const server of running) expect(await server.line()).toBe('opened')
  return running
}

/** Every client of every process spends at once; what was left each time. */
async function spendEverywhere(
  servers: readonly ScriptProcess[],
  toCounters: (index: number) => readonly Counter[],
): Promise<number[][]> {
  const lists = JSON.stringify(Array.from({ length: CLIENTS }, (_, index) => toCounters(index)))
  for (const server of servers) server.write(`spend ${lists}`)
  const answers = await Promise.all(servers.map((server) => server.line()))
  return answers.flatMap((line) => JSON.parse(line) as number[][])
}

const countDown = (from: number): number[] => Array.from({ length: from }, (_, index) => index)

test('64 clients in each of three processes that start on an empty database spend exactly what was granted', async () => {
  const schema = createSchemaName()
  const servers = await startServers(schema, CLIENTS)
  const store = await database.openStore({ schema })
  for (const limit of [50, 150, 191]) {
    const token = createStoredToken({ credits: { limit, remaining: limit } })
    await store.insert([token], {})
    const left = await spendEverywhere(servers, () => [{ project: 'default', id: token.id }])
    // Each number was left exactly once: no two spends took the same credit.
    expect(left.flat().toSorted((a, b) => a - b)).toEqual(countDown(limit))
    expect((await store.find('default', token.id))?.credits).toEqual({ limit, remaining: 0 })
  }
})

test('over tokens and a shared pool, in opposite orders, nothing is taken from one alone', async () => {
  const schema = createSchemaName()
  const servers = await startServers(schema, CLIENTS)
  const store = await database.openStore({ schema })
  const tokens = [40, 40, 200].map((limit) => createStoredToken({ credits: { limit, remaining: limit } }))
  await store.insert(tokens, {})
  const granted = 100
  await store.createPool({ project: 'default', name: 'shared', limit: granted, remaining: granted })
  const ids = tokens.map(({ id }) => id)
  const pool: Counter = { project: 'default', pool: 'shared' }
  const orders: readonly (readonly Counter[])[] = ids
    .map((id): Counter => ({ project: 'default', id }))
    .flatMap((token, index, all): Counter[][] => {
      const other = all[(index + 1) % all.length] ?? token
      return [
        [token, pool],
        [pool, token],
        [token, other, pool],
        [pool, other, token],
      ]
    })
  const left = await spendEverywhere(servers, (index) => orders[index % orders.length] ?? [])
  const remaining = (await store.findPool('default', 'shared'))?.remaining ?? Number.NaN
  expect(left).toHaveLength(granted - remaining)
  let taken = 0
  for (const { id } of tokens) {
    const credits = (await store.find('default', id))?.credits
    taken += (credits?.limit ?? 0) - (credits?.remaining ?? 0)
  }
  expect(taken).toBe(left.reduce((sum, list) => sum + list.length - 1, 0))
})

test('a revocation in one process is seen and obeyed at once in the others', async () => {
  const schema = createSchemaName()
  const [first, second, third] = await startServers(schema, 4)
  if (!first || !second || !third) throw new Error('three processes were started')
  const store = await database.openStore({ schema })
  for (let round = 0; round < 10; round += 1) {
    const token = createStoredToken({ credits: { limit: 9, remaining: 9 } })
    await store.insert([token], {})
    const spend = `spend ${JSON.stringify([[{ project: 'default', id: token.id }]])}`
    second.write(spend)
    expect(await second.line()).toBe('[[8]]')
    first.write(`revoke ${token.id}`)
    expect(await first.line()).toBe('"1970-01-01T00:00:00.000Z"')
    second.write(spend)
    third.write(`find ${token.id}`)
    expect(await second.line()).toBe('[]')
    expect(await third.line()).toBe('"1970-01-01T00:00:00.000Z"')
  }
})

test('STO-82 kill -9 of a writing process, 4 rounds: nothing that was acknowledged is lost or half done', async () => {
  const limit = 1_000_000
  const metered = createStoredToken({ credits: { limit, remaining: limit }, expiresAt: null })
  const schema = createSchemaName()
  const store = await database.openStore({ schema })
  await store.insert([metered], {})
  const template = JSON.stringify(createStoredToken())
  const rounds = 4
  const acknowledged = {
    insert: new Set<string>(),
    spend: new Set<string>(),
    update: new Set<string>(),
    revoke: new Set<string>(),
  }
  for (let round = 0; round < rounds; round += 1) {
    const writer = startProcess('write.ts', database.url(), schema, metered.id, template)
    for (let count = 30 + 17 * round; count > 0; count -= 1) await writer.line()
    writer.child.kill('SIGKILL')
    await writer.ended
    for (const line of writer.lines) {
      const [what, id] = line.split(' ')
      if (id?.length !== 36) continue
      if (what === 'insert' || what === 'spend' || what === 'update' || what === 'revoke')
        acknowledged[what].add(id)
    }
  }

  expect(acknowledged.revoke.size).toBeGreaterThan(rounds)
  const { entries } = await store.revokedSince(null, 1_000_000)
  const revoked = new Set(entries.filter(({ reason }) => reason === 'revoked').map(({ id }) => id))
  const shortened = new Set(entries.filter(({ reason }) => reason === 'expired').map(({ id }) => id))
  for (const id of acknowledged.insert) expect(await store.find('default', id)).not.toBeNull()
  for (const id of acknowledged.update) {
    expect((await store.find('default', id))?.name).toBe('changed')
    expect(shortened.has(id)).toBe(true)
  }
  for (const id of acknowledged.revoke) {
    expect((await store.find('default', id))?.revokedAt).toBeInstanceOf(Date)
    expect(revoked.has(id)).toBe(true)
  }
  const spent = limit - ((await store.find('default', metered.id))?.credits?.remaining ?? limit)
  // Each of the four loops of a round may have had one spend that was done and not yet acknowledged.
  expect(spent).toBeGreaterThanOrEqual(acknowledged.spend.size)
  expect(spent).toBeLessThanOrEqual(acknowledged.spend.size + rounds * 4)
  for (const receipt of acknowledged.spend) expect(await store.refund(receipt, new Date())).toBe('refunded')
  // No lock of a dead process is left: the feed takes entries at once.
  const last = createStoredToken()
  await store.insert([last], {})
  expect((await store.revoke('default', last.id, new Date()))?.id).toBe(last.id)
})
