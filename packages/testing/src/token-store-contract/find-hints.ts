import type { FindHint } from '@hallpass/core'
import { describe, expect, test } from 'vitest'
import type { StoreAccess } from '../describe-token-store.ts'
import { createStoredToken, createTokenId } from '../stored-token.ts'

const AT = new Date('2026-11-21T12:10:00.000Z')

export function describeFindHints({ store, second }: StoreAccess): void {
  describe('find with a hint', () => {
    test('STO-112 a hint never hides what was changed, revoked or removed', async () => {
      const hint: FindHint = { hint: null }
      const find = (id: string) => store().find('default', id, hint)
      const token = createStoredToken({ name: 'old', credits: { limit: 5, remaining: 5 } })
      await store().insert([token], {})
      for (let round = 0; round < 2; round += 1) expect(await find(token.id)).toStrictEqual(token)
      const other = await second()
      const counter = { project: 'default', id: token.id }
      await other.update('default', token.id, { name: 'new', at: new Date(0) })
      await other.spend({ receipt: createTokenId(), amount: 2, counters: [counter], at: AT })
      const spent = { ...token, name: 'new', credits: { limit: 5, remaining: 3 } }
      expect(await find(token.id)).toStrictEqual(spent)
      await other.touch([{ project: 'default', id: token.id, at: AT }])
      await other.revoke('default', token.id, AT)
      expect(await find(token.id)).toStrictEqual({ ...spent, lastUsedAt: AT, revokedAt: AT })
      await other.purge({ tokensBefore: new Date(AT.getTime() + 1), receiptsBefore: AT, feedBefore: AT })
      expect(await find(token.id)).toBeNull()
      const again = createStoredToken({ id: token.id, subject: 'bob', tokenSha256: 'f'.repeat(64) })
      await other.insert([again], {})
      expect(await find(token.id)).toStrictEqual(again)
    })

    test('STO-113 with the hint of another token, or what is no hint at all, each token is itself', async () => {
      const mine = createStoredToken({ project: 'mine', subject: 'ann' })
      const yours = createStoredToken({ ...mine, project: 'yours', subject: 'bob' })
      const next = createStoredToken({ project: 'mine', subject: 'eve' })
      await store().insert([mine, yours, next], {})
      const taken: FindHint = { hint: null }
      for (const held of [taken, { hint: 'text' }, { hint: { rowid: 1 } }, { hint: 1 }, { hint: [] }]) {
        for (const token of [mine, yours, next, mine]) {
          expect(await store().find(token.project, token.id, held)).toStrictEqual(token)
        }
        expect(await store().find('theirs', mine.id, held)).toBeNull()
        expect(await store().find('mine', createTokenId(), held)).toBeNull()
        expect(await store().find('mine', '', held)).toBeNull()
      }
    })
  })
}
