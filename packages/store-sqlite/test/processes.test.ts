import { setTimeout as delay } from 'node:timers/promises'
import { createStoredToken, type ScriptProcess, startScript } from '@hallpass/testing'
import { expect, test } from 'vitest'
import { createSqliteStore } from '../src/index.ts'
import { beforeEachWithPath } from './temporary-folder.ts'

let path = ''
beforeEachWithPath((given) => {
  path = given
})

const start = (script: string, ...parameters: readonly string[]): ScriptProcess =>
  startScript(new URL(`processes/${script}`, import.meta.url), ...parameters)

test('CRD-10 64 parallel spenders in three processes on 50 credits grant exactly 50', async () => {
  const store = await createSqliteStore(path)
  const token = createStoredToken({ credits: { limit: 50, remaining: 50 } })
  await store.insert([token], {})
  const spenders = ['22', '21', '21'].map((times) => start('spend.ts', path, token.id, times))
  for (const spender of spenders) expect(await spender.line()).toBe('ready')
  for (const spender of spenders) spender.write('go')
  const left = await Promise.all(
    spenders.map(async (spender) => JSON.parse(await spender.line()) as number[]),
  )
  // Each number of credits was left exactly once: no two spends took the same one.
  expect(left.flat().toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index))
  expect(left.map(({ length }) => length).every((granted) => granted <= 22)).toBe(true)
  await Promise.all(spenders.map(({ ended }) => ended))
  expect((await store.find('default', token.id))?.credits).toEqual({ limit: 50, remaining: 0 })
  await store.close()
})

test('three processes that open an empty path at once all find a working database', async () => {
  const openers = ['a', 'b', 'c'].map((name) => start('open.ts', path, name))
  for (const opener of openers) expect(await opener.line()).toBe('ready')
  for (const opener of openers) opener.write('go')
  for (const opener of openers) expect(await opener.line()).toBe('opened')
  await Promise.all(openers.map(({ ended }) => ended))
  const store = await createSqliteStore(path)
  for (const name of ['a', 'b', 'c']) expect((await store.findPool('default', name))?.limit).toBe(1)
  await store.close()
})

test.each([
  ['that shares the file', false],
  ['that has the file for itself', true],
])(
  'STO-47 kill -9 of a writing process %s, 20 rounds: nothing that was acknowledged is lost',
  async (_name, exclusive) => {
    const limit = 1_000_000
    const metered = createStoredToken({ credits: { limit, remaining: limit }, expiresAt: null })
    let store = await createSqliteStore(path)
    await store.insert([metered], {})
    if (exclusive) await store.close()
    const template = JSON.stringify(createStoredToken())
    const acknowledged = { insert: new Set<string>(), revoke: new Set<string>(), spend: new Set<string>() }

    for (let round = 0; round < 20; round += 1) {
      const writer = start('write.ts', path, metered.id, template, String(exclusive))
      await writer.line()
      await delay(5 + 3 * round)
      writer.child.kill('SIGKILL')
      await writer.ended
      for (const line of writer.lines) {
        const [what, id] = line.split(' ')
        if (id?.length === 36 && (what === 'insert' || what === 'revoke' || what === 'spend'))
          acknowledged[what].add(id)
      }
    }

    // Whoever was killed keeps nobody out.
    if (exclusive) store = await createSqliteStore(path)
    expect(acknowledged.revoke.size).toBeGreaterThan(20)
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
    expect(spent).toBeLessThanOrEqual(acknowledged.spend.size + 20 * 4)
    for (const receipt of acknowledged.spend) expect(await store.refund(receipt, new Date())).toBe('refunded')
    await store.close()
  },
)
