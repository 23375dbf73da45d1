import type { UsageEntry } from '@hallpass/core'
import { describe, expect, test } from 'vitest'
import type { StoreAccess } from '../describe-token-store.ts'

const ENTRY: UsageEntry = {
  project: 'default',
  day: '2026-11-21',
  application: 'ci',
  subject: 'ann',
  tokenId: 't1',
  calls: 1,
  credits: 0,
}
const DAYS = { project: 'default', from: '2026-11-01', to: '2026-11-30' }

export function describeUsage({ store, second }: StoreAccess): void {
  describe('usage', () => {
    test('calls and credits of one token and day add up, from every connection', async () => {
      await store().addUsage([{ ...ENTRY, credits: 2 }, ENTRY])
      await (await second()).addUsage([{ ...ENTRY, calls: 5, credits: 3 }])
      expect(await store().usage({ ...DAYS, by: 'token' })).toStrictEqual([
        { key: 't1', calls: 7, credits: 5 },
      ])
    })

    test('sums by application, subject or token', async () => {
      await store().addUsage([
        { ...ENTRY, calls: 1, credits: 10 },
        { ...ENTRY, tokenId: 't2', calls: 2, credits: 20 },
        { ...ENTRY, application: 'web', subject: 'bob', tokenId: 't3', calls: 4, credits: 40 },
        { ...ENTRY, application: 'web', tokenId: 't1', calls: 8, credits: 80 },
      ])
      expect(await store().usage({ ...DAYS, by: 'application' })).toEqual([
        { key: 'web', calls: 12, credits: 120 },
        { key: 'ci', calls: 3, credits: 30 },
      ])
      expect(await store().usage({ ...DAYS, by: 'subject' })).toEqual([
        { key: 'ann', calls: 11, credits: 110 },
        { key: 'bob', calls: 4, credits: 40 },
      ])
      expect(await store().usage({ ...DAYS, by: 'token' })).toEqual([
        { key: 't1', calls: 9, credits: 90 },
        { key: 't3', calls: 4, credits: 40 },
        { key: 't2', calls: 2, credits: 20 },
      ])
    })

    test('only the project, the days (both included) and the subject that were asked for', async () => {
      await store().addUsage([
        { ...ENTRY, day: '2026-10-31' },
        { ...ENTRY, day: '2026-11-01' },
        { ...ENTRY, day: '2026-11-30', subject: 'bob' },
        { ...ENTRY, day: '2026-12-01' },
        { ...ENTRY, project: 'yours' },
      ])
      expect(await store().usage({ ...DAYS, by: 'subject' })).toEqual([
        { key: 'ann', calls: 1, credits: 0 },
        { key: 'bob', calls: 1, credits: 0 },
      ])
      expect(await store().usage({ ...DAYS, by: 'application', subject: 'bob' })).toEqual([
        { key: 'ci', calls: 1, credits: 0 },
      ])
      expect(await store().usage({ ...DAYS, by: 'token', subject: 'nobody' })).toEqual([])
      expect(await store().usage({ ...DAYS, project: 'nobody', by: 'token' })).toEqual([])
    })

    test('sorted by credits, then calls, descending, then key; at most 1000', async () => {
      await store().addUsage([
        { ...ENTRY, tokenId: 'b', credits: 5 },
        { ...ENTRY, tokenId: 'a', credits: 5 },
        { ...ENTRY, tokenId: 'c', credits: 5, calls: 2 },
        { ...ENTRY, tokenId: 'd', credits: 6 },
        ...Array.from({ length: 1100 }, (_, index) => ({
          ...ENTRY,
          tokenId: `x${String(index).padStart(4, '0')}`,
        })),
      ])
      const totals = await store().usage({ ...DAYS, by: 'token' })
      expect(totals).toHaveLength(1000)
      expect(totals.slice(0, 6).map(({ key }) => key)).toEqual(['d', 'c', 'a', 'b', 'x0000', 'x0001'])
    })

    test('keys of equal counts are sorted by the bytes of their UTF-8', async () => {
      const tokenIds = ['a', 'é', '\uff5e', '\u{1f600}']
      await store().addUsage(tokenIds.toReversed().map((tokenId) => ({ ...ENTRY, tokenId })))
      expect((await store().usage({ ...DAYS, by: 'token' })).map(({ key }) => key)).toEqual(tokenIds)
    })

    test('counts stop at 2^53 - 1', async () => {
      const most = Number.MAX_SAFE_INTEGER
      const entry = { ...ENTRY, calls: 3, credits: most }
      await store().addUsage([entry])
      await store().addUsage([{ ...entry, credits: 2 }])
      await store().addUsage([{ ...entry, tokenId: 'other' }])
      const [total, ...others] = await store().usage({ ...DAYS, by: 'application' })
      expect(total).toEqual({ key: ENTRY.application, calls: 9, credits: most })
      expect(others).toEqual([])
      expect(await store().usage({ ...DAYS, by: 'token' })).toContainEqual({
        key: ENTRY.tokenId,
        calls: 6,
        credits: most,
      })
    })

    test('nothing to add is nothing', async () => {
      await store().addUsage([])
      expect(await store().usage({ ...DAYS, by: 'token' })).toEqual([])
    })

    test('STO-26 keys that are no plain names', async () => {
      const names = ['__proto__', "'", '"]', 'constructor']
      await store().addUsage(
        names.map((application, index) => ({ ...ENTRY, application, credits: 10 - index })),
      )
      const totals = await store().usage({ ...DAYS, by: 'application' })
      expect(totals.map(({ key }) => key)).toEqual(names)
    })
  })
}
