import type { Counter } from '@hallpass/core'
import { describe, expect, test } from 'vitest'
import type { StoreAccess } from '../describe-token-store.ts'
import { createStoredToken, createTokenId } from '../stored-token.ts'

const AT = new Date('2026-11-21T12:30:00.000Z')

export function describeRefunds({ store, second }: StoreAccess): void {
  async function spendFrom(counters: readonly Counter[], amount: number): Promise<string> {
    const receipt = createTokenId(AT)
    expect(await store().spend({ receipt, counters, amount, at: AT })).toMatchObject({ outcome: 'spent' })
    return receipt
  }

  async function insertMetered(limit: number, remaining: number = limit): Promise<Counter & { id: string }> {
    const token = createStoredToken({ credits: { limit, remaining } })
    await store().insert([token], {})
    return { project: token.project, id: token.id }
  }

  const creditsOf = async (id: string) => (await store().find('default', id))?.credits

  describe('refund', () => {
    test('gives back what the receipt took, to every counter', async () => {
      const token = await insertMetered(10)
      await store().createPool({ project: 'default', name: 'monthly', limit: 20, remaining: 20 })
      const receipt = await spendFrom([token, { project: 'default', pool: 'monthly' }], 4)
      expect(await store().refund(receipt, AT)).toBe('refunded')
      expect(await creditsOf(token.id)).toEqual({ limit: 10, remaining: 10 })
      expect((await store().findPool('default', 'monthly'))?.remaining).toBe(20)
    })

    test('CRD-06 only once, from whichever connection', async () => {
      const token = await insertMetered(10)
      const receipt = await spendFrom([token], 4)
      await spendFrom([token], 4)
      expect(await store().refund(receipt, AT)).toBe('refunded')
      expect(await (await second()).refund(receipt, AT)).toBe('already_refunded')
      expect(await creditsOf(token.id)).toEqual({ limit: 10, remaining: 6 })
    })

    test('CRD-07 parallel refunds of one receipt count once', async () => {
      const token = await insertMetered(10)
      const receipt = await spendFrom([token], 1)
      await spendFrom([token], 9)
      const other = await second()
      const answers = await Promise.all(
        Array.from({ length: 10 }, async (_, index) =>
          (index % 2 === 0 ? store() : other).refund(receipt, AT),
        ),
      )
      expect(answers.filter((answer) => answer === 'refunded')).toHaveLength(1)
      expect(answers.filter((answer) => answer === 'already_refunded')).toHaveLength(9)
      expect(await creditsOf(token.id)).toEqual({ limit: 10, remaining: 1 })
    })

    test('a receipt of nobody is unknown', async () => {
      expect(await store().refund(createTokenId(AT), AT)).toBe('unknown')
      expect(await store().refund('', AT)).toBe('unknown')
    })

    test('CRD-67 a spend that comes after its refund takes nothing, for as long as receipts are kept', async () => {
      const token = await insertMetered(10)
      const spend = { receipt: createTokenId(AT), counters: [token], amount: 4, at: AT }
      const other = await second()
      expect(await other.refund(spend.receipt, AT)).toBe('unknown')
      expect(await store().refund(spend.receipt, AT)).toBe('already_refunded')
      const cancelled = { outcome: 'refused', counter: 0, reason: 'cancelled', remaining: 0 }
      expect(await store().spend(spend)).toEqual(cancelled)
      expect(await other.spend(spend)).toEqual(cancelled)
      expect(await creditsOf(token.id)).toEqual({ limit: 10, remaining: 10 })
      await store().purge({ tokensBefore: null, receiptsBefore: new Date(AT.getTime() + 1), feedBefore: AT })
      expect(await store().spend(spend)).toEqual({ outcome: 'spent', remaining: [6] })
    })

    test('CRD-67 a spend and its refund at the same time: nothing is taken in the end', async () => {
      const token = await insertMetered(1000)
      const other = await second()
      await Promise.all(
        Array.from({ length: 50 }, async () => {
          const spend = { receipt: createTokenId(AT), counters: [token], amount: 4, at: AT }
          await Promise.all([store().spend(spend), other.refund(spend.receipt, AT)])
        }),
      )
      expect(await creditsOf(token.id)).toEqual({ limit: 1000, remaining: 1000 })
    })

    test('CRD-08 a spend that is sent again after its refund takes nothing more', async () => {
      const token = await insertMetered(10)
      const receipt = await spendFrom([token], 4)
      await store().refund(receipt, AT)
      expect(await store().spend({ receipt, counters: [token], amount: 4, at: AT })).toEqual({
        outcome: 'spent',
        remaining: [6],
      })
      expect(await creditsOf(token.id)).toEqual({ limit: 10, remaining: 10 })
    })

    test('after a top-up the limit is the new one', async () => {
      const token = await insertMetered(10)
      const receipt = await spendFrom([token], 10)
      await store().update('default', token.id, { addCredits: 5, at: AT })
      expect(await store().refund(receipt, AT)).toBe('refunded')
      expect(await creditsOf(token.id)).toEqual({ limit: 15, remaining: 15 })
    })

    test('of a revoked or expired token: it gets its credits back and stays refused', async () => {
      const token = await insertMetered(10)
      const receipt = await spendFrom([token], 4)
      await store().revoke('default', token.id, AT)
      expect(await store().refund(receipt, AT)).toBe('refunded')
      expect(await store().find('default', token.id)).toMatchObject({
        revokedAt: AT,
        credits: { limit: 10, remaining: 10 },
      })
    })

    test('of a token that was purged meanwhile: the other counters get theirs', async () => {
      const token = createStoredToken({
        credits: { limit: 10, remaining: 10 },
        expiresAt: new Date(AT.getTime() + 1),
      })
      await store().insert([token], {})
      await store().createPool({ project: 'default', name: 'monthly', limit: 20, remaining: 20 })
      const receipt = await spendFrom(
        [
          { project: 'default', id: token.id },
          { project: 'default', pool: 'monthly' },
        ],
        4,
      )
      await store().purge({ tokensBefore: new Date(AT.getTime() + 2), receiptsBefore: AT, feedBefore: AT })
      expect(await store().find('default', token.id)).toBeNull()
      expect(await store().refund(receipt, AT)).toBe('refunded')
      expect((await store().findPool('default', 'monthly'))?.remaining).toBe(20)
    })

    test('CRD-11 never above a limit, not even of a token that has come back under its id', async () => {
      const past = { credits: { limit: 10, remaining: 10 }, expiresAt: new Date(AT.getTime() + 1) }
      const token = createStoredToken(past)
      await store().insert([token], {})
      const receipt = await spendFrom([{ project: 'default', id: token.id }], 4)
      await store().purge({ tokensBefore: new Date(AT.getTime() + 2), receiptsBefore: AT, feedBefore: AT })
      await store().insert([{ ...token, credits: { limit: 10, remaining: 9 } }], {})
      expect(await store().refund(receipt, AT)).toBe('refunded')
      expect(await creditsOf(token.id)).toEqual({ limit: 10, remaining: 10 })
    })
  })
}
