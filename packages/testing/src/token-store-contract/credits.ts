import type { Counter, Spend, SpendResult, StoredToken } from '@hallpass/core'
import { describe, expect, test } from 'vitest'
import type { StoreAccess } from '../describe-token-store.ts'
import { createStoredToken, createTokenId } from '../stored-token.ts'

const AT = new Date('2026-11-21T12:30:00.000Z')

export function describeCredits({ store, second }: StoreAccess): void {
  async function insertMetered(
    limit: number,
    more: Partial<StoredToken> = {},
  ): Promise<Counter & { id: string }> {
    const token = createStoredToken({ credits: { limit, remaining: limit }, ...more })
    await store().insert([token], {})
    return { project: token.project, id: token.id }
  }

  async function insertPool(name: string, limit: number): Promise<Counter> {
    await store().createPool({ project: 'default', name, limit, remaining: limit })
    return { project: 'default', pool: name }
  }

  async function spend(
    counters: readonly Counter[],
    amount: number,
    more: Partial<Spend> = {},
  ): Promise<SpendResult> {
    return store().spend({ receipt: createTokenId(AT), counters, amount, at: AT, ...more })
  }

  async function remainingOf(counter: Counter): Promise<number | undefined> {
    if ('pool' in counter) return (await store().findPool(counter.project, counter.pool))?.remaining
    return (await store().find(counter.project, counter.id))?.credits?.remaining
  }

  describe('spend', () => {
    test('takes the amount and says what is left, down to nothing', async () => {
      const token = await insertMetered(10)
      expect(await spend([token], 3)).toStrictEqual({ outcome: 'spent', remaining: [7] })
      expect(await spend([token], 7)).toStrictEqual({ outcome: 'spent', remaining: [0] })
      expect(await spend([token], 1)).toStrictEqual({
        outcome: 'refused',
        counter: 0,
        reason: 'empty',
        remaining: 0,
      })
      expect((await store().find('default', token.id))?.credits).toEqual({ limit: 10, remaining: 0 })
    })

    test('an amount beyond what is left takes nothing', async () => {
      const token = await insertMetered(5)
      expect(await spend([token], 6)).toStrictEqual({
        outcome: 'refused',
        counter: 0,
        reason: 'empty',
        remaining: 5,
      })
      expect(await remainingOf(token)).toBe(5)
    })

    test('the greatest numbers stay exact', async () => {
      const token = await insertMetered(Number.MAX_SAFE_INTEGER)
      expect(await spend([token], 1)).toEqual({ outcome: 'spent', remaining: [Number.MAX_SAFE_INTEGER - 1] })
      expect(await spend([token], 1_000_000)).toEqual({
        outcome: 'spent',
        remaining: [Number.MAX_SAFE_INTEGER - 1_000_001],
      })
    })

    test('a revoked token refuses, from any connection, and keeps its credits', async () => {
      const token = await insertMetered(5)
      await (await second()).revoke('default', token.id, AT)
      const refused = { outcome: 'refused', counter: 0, reason: 'revoked', remaining: 5 }
      expect(await spend([token], 1)).toStrictEqual(refused)
      expect(await spend([token], 6)).toStrictEqual(refused)
      expect(await remainingOf(token)).toBe(5)
    })

    test('an expired token refuses from the moment of its expiry', async () => {
      const token = await insertMetered(5, { expiresAt: AT })
      const refused = { outcome: 'refused', counter: 0, reason: 'expired', remaining: 5 }
      expect(await spend([token], 1)).toStrictEqual(refused)
      expect(await spend([token], 1, { at: new Date(AT.getTime() - 1) })).toEqual({
        outcome: 'spent',
        remaining: [4],
      })
      const endless = await insertMetered(5, { expiresAt: null })
      expect(await spend([endless], 1)).toEqual({ outcome: 'spent', remaining: [4] })
    })

    test('a token that is revoked and expired is revoked; one that is expired and empty is expired', async () => {
      const revoked = await insertMetered(5, { expiresAt: AT, revokedAt: AT })
      expect(await spend([revoked], 1)).toMatchObject({ reason: 'revoked' })
      const empty = await insertMetered(0, { expiresAt: AT })
      expect(await spend([empty], 1)).toMatchObject({ reason: 'expired' })
    })

    test('CRD-01 what is not there, foreign or not metered is unknown', async () => {
      const token = await insertMetered(5)
      const unmetered = createStoredToken()
      await store().insert([unmetered], {})
      const unknown = { outcome: 'refused', counter: 0, reason: 'unknown', remaining: 0 }
      expect(await spend([{ project: 'default', id: 'nobody' }], 1)).toStrictEqual(unknown)
      expect(await spend([{ project: 'yours', id: token.id }], 1)).toStrictEqual(unknown)
      expect(await spend([{ project: 'default', id: unmetered.id }], 1)).toStrictEqual(unknown)
      expect(await spend([{ project: 'default', pool: 'none' }], 1)).toStrictEqual(unknown)
      await insertPool('monthly', 5)
      expect(await spend([{ project: 'yours', pool: 'monthly' }], 1)).toStrictEqual(unknown)
      expect(await remainingOf(token)).toBe(5)
      expect((await store().find('default', unmetered.id))?.credits).toBeNull()
    })

    test('a pool of a name and a token of that id are two counters', async () => {
      const id = createTokenId()
      const token = await insertMetered(3, { id })
      const pool = await insertPool(id, 9)
      expect(await spend([pool, token], 2)).toEqual({ outcome: 'spent', remaining: [7, 1] })
    })

    test('several counters: from each the amount, the answers in their order', async () => {
      const counters = [await insertMetered(10), await insertPool('a', 20), await insertPool('b', 30)]
      expect(await spend(counters, 4)).toStrictEqual({ outcome: 'spent', remaining: [6, 16, 26] })
    })

    test('CRD-02 several counters: all or nothing, in either order, naming the first at fault', async () => {
      const full = await insertMetered(10)
      const low = await insertPool('low', 2)
      const gone = await insertMetered(10, { revokedAt: AT })
      expect(await spend([full, low], 3)).toStrictEqual({
        outcome: 'refused',
        counter: 1,
        reason: 'empty',
        remaining: 2,
      })
      expect(await spend([low, full], 3)).toMatchObject({ counter: 0, reason: 'empty', remaining: 2 })
      expect(await spend([full, low, gone], 1)).toMatchObject({ counter: 2, reason: 'revoked' })
      expect(await spend([gone, full, low], 1)).toMatchObject({ counter: 0, reason: 'revoked' })
      expect(await spend([full, { project: 'default', pool: 'none' }, gone], 1)).toMatchObject({
        counter: 1,
        reason: 'unknown',
      })
      expect(await remainingOf(full)).toBe(10)
      expect(await remainingOf(low)).toBe(2)
      expect(await remainingOf(gone)).toBe(10)
    })

    test('the same receipt again is counted once and gets the first answer', async () => {
      const token = await insertMetered(10)
      const receipt = createTokenId(AT)
      expect(await spend([token], 3, { receipt })).toEqual({ outcome: 'spent', remaining: [7] })
      expect(await spend([token], 1)).toEqual({ outcome: 'spent', remaining: [6] })
      const again = await (await second()).spend({ receipt, counters: [token], amount: 3, at: AT })
      expect(again).toEqual({ outcome: 'spent', remaining: [7] })
      expect(await remainingOf(token)).toBe(6)
    })

    test('CRD-03 the same receipt many times in parallel is counted once', async () => {
      const token = await insertMetered(10)
      const other = await second()
      const sent = { receipt: createTokenId(AT), counters: [token], amount: 1, at: AT }
      const answers = await Promise.all(
        Array.from({ length: 20 }, async (_, index) => (index % 2 === 0 ? store() : other).spend(sent)),
      )
      for (const answer of answers) expect(answer).toEqual({ outcome: 'spent', remaining: [9] })
      expect(await remainingOf(token)).toBe(9)
    })

    test('a refused spend leaves no receipt: the same one counts once there are credits', async () => {
      const token = await insertMetered(1)
      const receipt = createTokenId(AT)
      expect(await spend([token], 2, { receipt })).toMatchObject({ outcome: 'refused' })
      await store().update('default', token.id, { addCredits: 1, at: AT })
      expect(await spend([token], 2, { receipt })).toEqual({ outcome: 'spent', remaining: [0] })
    })

    test('CRD-04 64 parallel spends on 50 credits grant exactly 50', async () => {
      const token = await insertMetered(50)
      const other = await second()
      const answers = await Promise.all(
        Array.from({ length: 64 }, async (_, index) =>
          (index % 2 === 0 ? store() : other).spend({
            receipt: createTokenId(AT),
            counters: [token],
            amount: 1,
            at: AT,
          }),
        ),
      )
      const left = answers.flatMap((answer) => (answer.outcome === 'spent' ? answer.remaining : []))
      expect(left.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index))
      expect(await remainingOf(token)).toBe(0)
    })

    test('CRD-05 parallel spends over a shared pool never take from one and not from the other', async () => {
      const tokens = [await insertMetered(30), await insertMetered(30)]
      const pool = await insertPool('shared', 40)
      const other = await second()
      const answers = await Promise.all(
        Array.from({ length: 64 }, async (_, index) => {
          const token = tokens[index % 2] ?? pool
          // Both orders at once: a store that locks in the order given would deadlock or leave halves.
          const counters = index % 4 < 2 ? [token, pool] : [pool, token]
          return (index % 3 === 0 ? other : store()).spend({
            receipt: createTokenId(AT),
            counters,
            amount: 1,
            at: AT,
          })
        }),
      )
      expect(answers.filter(({ outcome }) => outcome === 'spent')).toHaveLength(40)
      expect(await remainingOf(pool)).toBe(0)
      const left = await Promise.all(tokens.map(remainingOf))
      expect((left[0] ?? 0) + (left[1] ?? 0)).toBe(20)
    })

    test('a spend never passes a revocation that was answered', async () => {
      const token = await insertMetered(1000)
      const other = await second()
      const spends: Promise<SpendResult>[] = []
      for (let index = 0; index < 10; index += 1) spends.push(spend([token], 1))
      await other.revoke('default', token.id, AT)
      expect(await spend([token], 1)).toMatchObject({ outcome: 'refused', reason: 'revoked' })
      const spent = (await Promise.all(spends)).filter(({ outcome }) => outcome === 'spent')
      expect(await remainingOf(token)).toBe(1000 - spent.length)
    })
  })
}
