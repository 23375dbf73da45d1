import { describe, expect, test } from 'vitest'
import type { StoreAccess } from '../describe-token-store.ts'
import { createStoredToken, createTokenId } from '../stored-token.ts'

const AT = new Date('2026-11-21T12:30:00.000Z')
const BEFORE = new Date(AT.getTime() - 1)
const NEVER = new Date(0)

export function describePurge({ store, second }: StoreAccess): void {
  describe('purge', () => {
    test('removes tokens that expired or were revoked before then, and counts them', async () => {
      const gone = [
        createStoredToken({ expiresAt: BEFORE }),
        createStoredToken({ revokedAt: BEFORE }),
        createStoredToken({ revokedAt: BEFORE, expiresAt: null, project: 'yours' }),
        createStoredToken({ expiresAt: BEFORE, revokedAt: BEFORE }),
      ]
      const kept = [
        createStoredToken(),
        createStoredToken({ expiresAt: null }),
        createStoredToken({ expiresAt: AT }),
        createStoredToken({ revokedAt: AT }),
        createStoredToken({ notBefore: AT }),
        createStoredToken({ credits: { limit: 1, remaining: 0 } }),
      ]
      await store().insert([...gone, ...kept], {})
      expect(await store().purge({ tokensBefore: AT, receiptsBefore: NEVER, feedBefore: NEVER })).toBe(4)
      for (const token of gone) expect(await store().find(token.project, token.id)).toBeNull()
      for (const token of kept) expect(await store().find(token.project, token.id)).toStrictEqual(token)
      expect(await store().list({ project: 'default' }, null, 20)).toHaveLength(kept.length)
      expect(await store().list({ project: 'yours' }, null, 20)).toEqual([])
      expect(await store().purge({ tokensBefore: AT, receiptsBefore: NEVER, feedBefore: NEVER })).toBe(0)
    })

    test('no time for tokens removes none', async () => {
      const token = createStoredToken({ expiresAt: NEVER, revokedAt: NEVER })
      await store().insert([token], {})
      expect(await store().purge({ tokensBefore: null, receiptsBefore: AT, feedBefore: AT })).toBe(0)
      expect(await store().find('default', token.id)).toStrictEqual(token)
    })

    test('more than one step, while others go on', async () => {
      await store().insert(
        Array.from({ length: 450 }, () => createStoredToken({ expiresAt: BEFORE, subject: 'ann' })),
        {},
      )
      const fresh = createStoredToken({ subject: 'ann' })
      const [removed] = await Promise.all([
        (async () => store().purge({ tokensBefore: AT, receiptsBefore: NEVER, feedBefore: NEVER }))(),
        (async () => (await second()).insert([fresh], {}))(),
      ])
      expect(removed).toBe(450)
      expect(await store().list({ project: 'default', subject: 'ann' }, null, 10)).toStrictEqual([fresh])
    })

    test('an idempotency key goes with its token', async () => {
      const once = { idempotency: { keySha256: 'a'.repeat(64), requestSha256: 'b'.repeat(64) } }
      await store().insert([createStoredToken({ expiresAt: BEFORE })], once)
      await store().purge({ tokensBefore: AT, receiptsBefore: NEVER, feedBefore: NEVER })
      expect(await store().insert([createStoredToken()], once)).toEqual({ outcome: 'inserted' })
    })

    test('receipts from before then are forgotten, later ones are not', async () => {
      const token = createStoredToken({ credits: { limit: 10, remaining: 10 } })
      await store().insert([token], {})
      const [old, recent] = [createTokenId(BEFORE), createTokenId(AT)]
      const counters = [{ project: 'default', id: token.id }]
      await store().spend({ receipt: old, counters, amount: 1, at: BEFORE })
      await store().spend({ receipt: recent, counters, amount: 1, at: AT })
      await store().purge({ tokensBefore: null, receiptsBefore: AT, feedBefore: NEVER })
      expect(await store().refund(old, AT)).toBe('unknown')
      expect(await store().refund(recent, AT)).toBe('refunded')
      expect((await store().find('default', token.id))?.credits?.remaining).toBe(9)
    })

    test('feed entries go when the signed text has expired, never those of texts that do not expire', async () => {
      const [over, open, endless, shortened] = [
        createStoredToken({ expiresAt: BEFORE }),
        createStoredToken(),
        createStoredToken({ expiresAt: null }),
        createStoredToken({ expiresAt: null }),
      ]
      await store().insert([over, open, endless, shortened], {})
      for (const { id } of [over, open, endless]) await store().revoke('default', id, NEVER)
      await store().update('default', shortened.id, { expiresAt: BEFORE, at: NEVER })
      const { cursor } = await store().revokedSince(null, 10)
      expect(await store().purge({ tokensBefore: AT, receiptsBefore: AT, feedBefore: AT })).toBe(4)
      const { entries } = await store().revokedSince(null, 10)
      expect(entries.map(({ id }) => id)).toEqual([open.id, endless.id, shortened.id])
      expect(await store().revokedSince(cursor, 10)).toEqual({ entries: [], cursor, more: false })
    })

    test('usage of days before then goes, project by project; that of later days stays', async () => {
      const used = { application: 'ci', subject: 'ann', calls: 1, credits: 2 }
      const projects = ['', 'default', 'mine', 'yours']
      for (const project of projects) {
        await store().addUsage([
          // More than a step removes.
          ...Array.from({ length: 300 }, (_, n) => ({
            ...used,
            project,
            day: '2026-11-01',
            tokenId: `t${n}`,
          })),
          { ...used, project, day: '2026-11-19', tokenId: 't1' },
          { ...used, project, day: '2026-11-20', tokenId: 't2' },
          { ...used, project, day: '2026-11-21', tokenId: 't3' },
        ])
      }
      await store().addUsage([{ ...used, project: 'zeta', day: '2026-11-19', tokenId: 't1' }])
      const before = { tokensBefore: null, receiptsBefore: NEVER, feedBefore: NEVER }
      const days = { from: '2026-01-01', to: '2026-12-31', by: 'token' } as const
      for (const none of [{}, { usageBefore: null }, { usageBefore: '2026-11-01' }]) {
        await store().purge({ ...before, ...none })
        expect(await store().usage({ ...days, project: 'zeta' })).toHaveLength(1)
        expect((await store().usage({ ...days, project: 'mine' })).length).toBe(300)
      }
      expect(await store().purge({ ...before, usageBefore: '2026-11-20' })).toBe(0)
      for (const project of projects) {
        expect(await store().usage({ ...days, project })).toEqual([
          { key: 't2', calls: 1, credits: 2 },
          { key: 't3', calls: 1, credits: 2 },
        ])
      }
      expect(await store().usage({ ...days, project: 'zeta' })).toEqual([])
    })

    test('a cursor stays good when all it has seen is forgotten', async () => {
      const [first, next] = [createStoredToken({ expiresAt: BEFORE }), createStoredToken()]
      await store().insert([first, next], {})
      await store().revoke('default', first.id, NEVER)
      const { cursor } = await store().revokedSince(null, 10)
      await store().purge({ tokensBefore: null, receiptsBefore: AT, feedBefore: AT })
      expect(await store().revokedSince(cursor, 10)).toEqual({ entries: [], cursor, more: false })
      await store().revoke('default', next.id, AT)
      const { entries } = await store().revokedSince(cursor, 10)
      expect(entries.map(({ id }) => id)).toEqual([next.id])
    })
  })

  describe('lease', () => {
    const until = new Date(AT.getTime() + 1000)

    test('is held by one until it ends or is given up', async () => {
      const other = await second()
      expect(await store().lease('purge', 'a', AT, until)).toBe(true)
      expect(await other.lease('purge', 'b', AT, until)).toBe(false)
      expect(await other.lease('purge', 'b', new Date(until.getTime() - 1), until)).toBe(false)
      expect(await other.lease('rotate', 'b', AT, until)).toBe(true)
      expect(await store().lease('purge', 'a', AT, new Date(until.getTime() + 1000))).toBe(true)
      expect(await other.lease('purge', 'b', until, new Date(until.getTime() + 1000))).toBe(false)
      expect(await store().lease('purge', 'a', AT, AT)).toBe(true)
      expect(await other.lease('purge', 'b', AT, until)).toBe(true)
      expect(await store().lease('purge', 'a', AT, until)).toBe(false)
    })

    test('ends at the moment it was taken until', async () => {
      await store().lease('purge', 'a', AT, until)
      expect(await store().lease('purge', 'b', until, new Date(until.getTime() + 1))).toBe(true)
    })

    test('of parallel holders one gets it', async () => {
      const other = await second()
      const got = await Promise.all(
        Array.from({ length: 10 }, async (_, index) =>
          (index % 2 === 0 ? store() : other).lease('purge', `holder-${index}`, AT, until),
        ),
      )
      expect(got.filter((has) => has)).toHaveLength(1)
    })
  })
}
