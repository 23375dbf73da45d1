import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { TokenStore, UsageEntry } from '@hallpass/core'
import Database from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createSqliteStore, type SqliteDatabase } from '../src/index.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

const DAYS = { project: 'default', from: '2026-11-01', to: '2026-11-30' }
const MAX = Number.MAX_SAFE_INTEGER

function toEntry(tokenId: string, calls = 1, credits = 0): UsageEntry {
  return { project: 'default', day: '2026-11-21', application: 'ci', subject: 'ann', tokenId, calls, credits }
}

describeOnClient('node:sqlite', (path) => new DatabaseSync(path))
describeOnClient('better-sqlite3', (path) => new Database(path))

function describeOnClient(
  name: string,
  connect: (path: string) => SqliteDatabase & { close(): unknown },
): void {
  /** In a folder of its own, both gone when the test is over. */
  async function openStore(): Promise<TokenStore> {
    const folder = createTemporaryFolder()
    const client = connect(join(folder.path, 'tokens.db'))
    const store = await createSqliteStore(client)
    onTestFinished(async () => {
      await store.close()
      client.close()
      folder.remove()
    })
    return store
  }

  describe(`usage of many tokens in ${name}`, () => {
    test('each entry counts once, however many there are', async () => {
      const store = await openStore()
      for (const length of [1, 9, 10, 11, 20, 57]) {
        const project = `of ${length}`
        const entries = Array.from({ length }, (_, index) => ({
          ...toEntry(`t${index}`, index + 1),
          project,
        }))
        await store.addUsage(entries)
        await store.addUsage(entries.toReversed())
        const totals = await store.usage({ ...DAYS, project, by: 'token' })
        const wanted = entries.map(({ tokenId: key, calls }) => ({ key, calls: calls * 2, credits: 0 }))
        expect(totals).toEqual(wanted.toReversed())
      }
    })

    test('entries of one key that come together all count, up to what a number holds', async () => {
      const store = await openStore()
      await store.addUsage(Array.from({ length: 34 }, (_, index) => toEntry(`t${index % 2}`, index, 1)))
      expect(await store.usage({ ...DAYS, by: 'token' })).toEqual([
        { key: 't1', calls: 289, credits: 17 },
        { key: 't0', calls: 272, credits: 17 },
      ])
      await store.addUsage(Array.from({ length: 12 }, () => toEntry('t0', MAX, MAX)))
      expect((await store.usage({ ...DAYS, by: 'token' }))[0]).toEqual({
        key: 't0',
        calls: MAX,
        credits: MAX,
      })
    })

    test('of entries that cannot all be written none counts, and what is written beside them does', async () => {
      const store = await openStore()
      const broken = Array.from({ length: 25 }, (_, index) => toEntry(`t${index}`, index === 17 ? 0.5 : 1))
      const [first, failing, last] = await Promise.allSettled([
        store.addUsage([toEntry('first')]),
        store.addUsage(broken),
        store.addUsage([toEntry('last')]),
      ])
      expect([first.status, last.status]).toEqual(['fulfilled', 'fulfilled'])
      expect(failing).toMatchObject({ status: 'rejected', reason: { code: 'failed' } })
      expect((await store.usage({ ...DAYS, by: 'token' })).map(({ key }) => key)).toEqual(['first', 'last'])
    })
  })
}
