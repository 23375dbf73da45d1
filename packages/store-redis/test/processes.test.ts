import { setTimeout as delay } from 'node:timers/promises'
import type { TokenStore } from '@hallpass/core'
import { createStoredToken, type ScriptProcess, startScript } from '@hallpass/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createRedisStore } from '../src/index.ts'
import { type Client, connect } from './connect.ts'
import { hasRedisServer, type RedisServer, startRedisServer } from './redis-server.ts'

const PROCESSES = 3
const CLIENTS = 64

const runProcess = (script: string, ...parameters: readonly string[]): ScriptProcess =>
  startScript(new URL(`processes/${script}`, import.meta.url), ...parameters)

describe.skipIf(!hasRedisServer())('processes', () => {
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

  test('64 clients in each of three processes, on a token and a pool in both orders, get exactly what there is', async () => {
    const limit = 1000
    const token = createStoredToken({ credits: { limit: 2 * limit, remaining: 2 * limit } })
    await store.insert([token], {})
    await store.createPool({ project: 'default', name: 'monthly', limit, remaining: limit })
    const spenders = Array.from({ length: PROCESSES }, () =>
      runProcess('spend.ts', server.url, token.id, 'monthly', String(CLIENTS)),
    )
    for (const spender of spenders) expect(await spender.line()).toBe('ready')
    const answers = await Promise.all(spenders.map((spender) => spender.ask('go')))
    const left = answers.flatMap((answer) => JSON.parse(answer) as number[])
    // Each number of credits was left exactly once: no two spends took the same one.
    expect(left.toSorted((a, b) => a - b)).toEqual(Array.from({ length: limit }, (_, index) => limit + index))
    expect((await store.find('default', token.id))?.credits).toEqual({ limit: 2 * limit, remaining: limit })
    expect((await store.findPool('default', 'monthly'))?.remaining).toBe(0)
  })

  test('a revocation is seen by the very next look of every other process', async () => {
    const token = createStoredToken({ expiresAt: null })
    await store.insert([token], {})
    const others = Array.from({ length: PROCESSES }, () => runProcess('look.ts', server.url, token.id))
    for (const other of others) expect(await other.line()).toBe('ready')
    for (const other of others) expect(await other.ask('look')).toBe('open')
    await store.revoke('default', token.id, new Date())
    for (const other of others) expect(await other.ask('look')).toBe('revoked')
    for (const other of others) other.child.kill()
    await Promise.all(others.map(({ ended }) => ended))
  })

  for (const [whose, rounds] of [
    ['the server', 3],
    ['a writing process', 5],
  ] as const) {
    test(`kill -9 of ${whose}, ${rounds} rounds: nothing that was acknowledged is lost`, async () => {
      const limit = 1_000_000
      const metered = createStoredToken({ credits: { limit, remaining: limit }, expiresAt: null })
      await store.insert([metered], {})
      const template = JSON.stringify(createStoredToken())
      const acknowledged = { insert: new Set<string>(), revoke: new Set<string>(), spend: new Set<string>() }

      for (let round = 0; round < rounds; round += 1) {
        const writer = runProcess('write.ts', server.url, metered.id, template)
        await writer.line()
        await delay(50 + 30 * round)
        if (whose === 'the server') await server.kill()
        else writer.child.kill('SIGKILL')
        await writer.ended
        for (const line of writer.lines) {
          const [what, id] = line.split(' ')
          if (id?.length === 36 && (what === 'insert' || what === 'revoke' || what === 'spend'))
            acknowledged[what].add(id)
        }
        if (whose === 'the server') await server.start()
        await untilAnswered(store)
      }

      expect(acknowledged.revoke.size).toBeGreaterThan(rounds)
      const { entries } = await store.revokedSince(null, 1_000_000)
      const revoked = new Set(entries.filter(({ reason }) => reason === 'revoked').map(({ id }) => id))
      for (const id of acknowledged.insert) expect(await store.find('default', id)).not.toBeNull()
      for (const id of acknowledged.revoke) {
        expect((await store.find('default', id))?.revokedAt).toBeInstanceOf(Date)
        expect(revoked.has(id)).toBe(true)
      }
      const spent = limit - ((await store.find('default', metered.id))?.credits?.remaining ?? limit)
      // Each of the four loops of a round may have had one spend that was done and not yet acknowledged.
      expect(spent).toBeGreaterThanOrEqual(acknowledged.spend.size)
      expect(spent).toBeLessThanOrEqual(acknowledged.spend.size + rounds * 4)
      for (const receipt of acknowledged.spend)
        expect(await store.refund(receipt, new Date())).toBe('refunded')
    })
  }
})

/** The same store goes on by itself once its client has found the server again. */
async function untilAnswered(store: TokenStore): Promise<void> {
  for (const deadline = performance.now() + 10_000; ; ) {
    try {
      await store.keys()
      return
    } catch (error) {
      if (performance.now() > deadline) throw error
      await delay(20)
    }
  }
}
