import { describe, expect, test } from 'vitest'
import type { StoreAccess } from '../describe-token-store.ts'
import { createStoredToken } from '../stored-token.ts'

const AT = new Date('2026-11-21T12:30:00.000Z')
const EARLIER = new Date('2026-11-21T12:45:00.000Z')
const LATER = new Date('2026-11-21T14:00:00.000Z')

export function describeUpdates({ store, second }: StoreAccess): void {
  describe('update', () => {
    test('name, credits and expiry change together; the answer is what is stored', async () => {
      const token = createStoredToken({ name: 'old', credits: { limit: 10, remaining: 3 } })
      await store().insert([token], {})
      const changed = { ...token, name: 'new', credits: { limit: 15, remaining: 8 }, expiresAt: EARLIER }
      const change = { name: 'new', addCredits: 5, expiresAt: EARLIER, at: AT }
      expect(await store().update('default', token.id, change)).toStrictEqual({
        outcome: 'updated',
        token: changed,
      })
      expect(await store().find('default', token.id)).toStrictEqual(changed)
      expect(await (await second()).find('default', token.id)).toStrictEqual(changed)
    })

    test('what is not named stays; a change of nothing is an update', async () => {
      const token = createStoredToken({ name: 'old', credits: { limit: 10, remaining: 3 } })
      await store().insert([token], {})
      expect(await store().update('default', token.id, { at: AT })).toStrictEqual({
        outcome: 'updated',
        token,
      })
    })

    test('STO-17 a token of another project, or of nobody, is not found', async () => {
      const token = createStoredToken()
      await store().insert([token], {})
      expect(await store().update('yours', token.id, { name: 'mine', at: AT })).toEqual({
        outcome: 'not_found',
      })
      expect(await store().update('default', 'nobody', { name: 'mine', at: AT })).toEqual({
        outcome: 'not_found',
      })
      expect(await store().find('default', token.id)).toStrictEqual(token)
    })

    test('a revoked token is inactive, an expired one from the moment of its expiry', async () => {
      const [revoked, expired] = [createStoredToken(), createStoredToken({ expiresAt: AT })]
      await store().insert([revoked, expired], {})
      await store().revoke('default', revoked.id, AT)
      expect(await store().update('default', revoked.id, { name: 'x', at: AT })).toEqual({
        outcome: 'inactive',
      })
      expect(await store().update('default', expired.id, { name: 'x', at: AT })).toEqual({
        outcome: 'inactive',
      })
      const before = new Date(AT.getTime() - 1)
      expect(await store().update('default', expired.id, { name: 'x', at: before })).toMatchObject({
        outcome: 'updated',
      })
    })

    test('credits cannot be added where there are none, nor beyond 2^53 - 1', async () => {
      const free = createStoredToken()
      const rich = createStoredToken({ credits: { limit: Number.MAX_SAFE_INTEGER - 1, remaining: 0 } })
      await store().insert([free, rich], {})
      expect(await store().update('default', free.id, { addCredits: 1, at: AT })).toEqual({
        outcome: 'not_metered',
      })
      expect(await store().update('default', rich.id, { addCredits: 2, at: AT })).toEqual({
        outcome: 'credits_overflow',
      })
      expect(await store().update('default', rich.id, { addCredits: 1, at: AT })).toMatchObject({
        token: { credits: { limit: Number.MAX_SAFE_INTEGER, remaining: 1 } },
      })
    })

    test('STO-110 parallel additions of credits stop at the highest limit', async () => {
      const [token, free] = [createStoredToken({ credits: { limit: 4, remaining: 1 } }), createStoredToken()]
      await store().insert([token, free], {})
      const other = await second()
      const results = await Promise.all(
        Array.from({ length: 10 }, async (_, index) =>
          (index % 2 === 0 ? store() : other).update('default', token.id, {
            addCredits: 3,
            maxCreditLimit: 10,
            at: AT,
          }),
        ),
      )
      const outcomes = results.map(({ outcome }) => outcome)
      expect(outcomes.filter((outcome) => outcome === 'updated')).toHaveLength(2)
      expect(outcomes.filter((outcome) => outcome === 'credit_limit_exceeded')).toHaveLength(8)
      expect(await store().find('default', token.id)).toMatchObject({ credits: { limit: 10, remaining: 7 } })
      const tooMany = { addCredits: 2, maxCreditLimit: 1, at: AT }
      expect(await store().update('default', free.id, tooMany)).toEqual({ outcome: 'credit_limit_exceeded' })
      expect(
        await store().update('default', token.id, { name: 'x', maxCreditLimit: 1, at: AT }),
      ).toMatchObject({
        outcome: 'updated',
      })
    })

    test('an expiry may only move earlier; a token without one may get one', async () => {
      const [token, endless] = [createStoredToken(), createStoredToken({ expiresAt: null })]
      await store().insert([token, endless], {})
      expect(await store().update('default', token.id, { expiresAt: LATER, at: AT })).toEqual({
        outcome: 'not_earlier',
      })
      expect(await store().update('default', endless.id, { expiresAt: LATER, at: AT })).toMatchObject({
        token: { expiresAt: LATER, signedExpiresAt: null },
      })
      expect(await store().update('default', token.id, { expiresAt: EARLIER, at: AT })).toMatchObject({
        token: { expiresAt: EARLIER, signedExpiresAt: token.signedExpiresAt },
      })
      expect(
        await store().update('default', token.id, { expiresAt: token.expiresAt ?? LATER, at: AT }),
      ).toEqual({
        outcome: 'not_earlier',
      })
    })

    test('a refused change changes nothing, not even the part that was in order', async () => {
      const token = createStoredToken({ name: 'old' })
      await store().insert([token], {})
      const change = { name: 'new', addCredits: 1, expiresAt: EARLIER, at: AT }
      expect(await store().update('default', token.id, change)).toEqual({ outcome: 'not_metered' })
      expect(await store().find('default', token.id)).toStrictEqual(token)
      expect((await store().revokedSince(null, 10)).entries).toEqual([])
    })

    test('parallel additions of credits all count', async () => {
      const token = createStoredToken({ credits: { limit: 0, remaining: 0 } })
      await store().insert([token], {})
      const other = await second()
      await Promise.all(
        Array.from({ length: 20 }, async (_, index) =>
          (index % 2 === 0 ? store() : other).update('default', token.id, { addCredits: index + 1, at: AT }),
        ),
      )
      expect((await store().find('default', token.id))?.credits).toEqual({ limit: 210, remaining: 210 })
    })

    test('spending and adding at once lose nothing of each other', async () => {
      const token = createStoredToken({ credits: { limit: 100, remaining: 100 } })
      await store().insert([token], {})
      const other = await second()
      await Promise.all(
        Array.from({ length: 20 }, async (_, index) =>
          index % 2 === 0
            ? store().update('default', token.id, { addCredits: 10, at: AT })
            : other.spend({
                receipt: `receipt-${index}`,
                counters: [{ project: 'default', id: token.id }],
                amount: 7,
                at: AT,
              }),
        ),
      )
      expect((await store().find('default', token.id))?.credits).toEqual({ limit: 200, remaining: 130 })
    })
  })

  describe('touch', () => {
    test('sets the last use, and only ever to a later time', async () => {
      const token = createStoredToken()
      await store().insert([token], {})
      const touch = async (at: Date): Promise<Date | null | undefined> => {
        await store().touch([{ project: 'default', id: token.id, at }])
        return (await store().find('default', token.id))?.lastUsedAt
      }
      expect(await touch(AT)).toEqual(AT)
      expect(await touch(new Date(AT.getTime() - 1))).toEqual(AT)
      expect(await touch(EARLIER)).toEqual(EARLIER)
    })

    test('many at once; what is not there is passed over', async () => {
      const tokens = [createStoredToken(), createStoredToken()]
      await store().insert(tokens, {})
      await store().touch([
        { project: 'yours', id: tokens[0]?.id ?? '', at: AT },
        { project: 'default', id: 'nobody', at: AT },
        ...tokens.map(({ project, id }) => ({ project, id, at: AT })),
      ])
      for (const { id } of tokens) expect((await store().find('default', id))?.lastUsedAt).toEqual(AT)
      await store().touch([])
    })
  })
}
