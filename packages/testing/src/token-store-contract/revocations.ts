import { describe, expect, test } from 'vitest'
import type { StoreAccess } from '../describe-token-store.ts'
import { createStoredToken } from '../stored-token.ts'

const AT = new Date('2026-11-21T12:30:00.000Z')
const LATER = new Date('2026-11-21T12:40:00.000Z')

export function describeRevocations({ store, second }: StoreAccess): void {
  describe('revoke', () => {
    test('is seen at once by every connection, and answers with the token', async () => {
      const token = createStoredToken()
      await store().insert([token], {})
      const other = await second()
      expect(await other.find('default', token.id)).toStrictEqual(token)
      expect(await store().revoke('default', token.id, AT)).toStrictEqual({ ...token, revokedAt: AT })
      expect((await other.find('default', token.id))?.revokedAt).toEqual(AT)
    })

    test('the first time wins, and the feed gets one entry', async () => {
      const token = createStoredToken()
      await store().insert([token], {})
      const other = await second()
      await store().revoke('default', token.id, AT)
      expect((await other.revoke('default', token.id, LATER))?.revokedAt).toEqual(AT)
      expect((await store().revoke('default', token.id, new Date(0)))?.revokedAt).toEqual(AT)
      expect((await store().revokedSince(null, 10)).entries).toHaveLength(1)
    })

    test('parallel revocations agree on one time', async () => {
      const token = createStoredToken()
      await store().insert([token], {})
      const other = await second()
      const answers = await Promise.all(
        Array.from({ length: 10 }, async (_, index) =>
          (index % 2 === 0 ? store() : other).revoke('default', token.id, new Date(AT.getTime() + index)),
        ),
      )
      expect(new Set(answers.map((answer) => answer?.revokedAt?.getTime())).size).toBe(1)
      expect((await store().revokedSince(null, 20)).entries).toHaveLength(1)
    })

    test('STO-18 a token of another project, or of nobody, is null and stays as it is', async () => {
      const token = createStoredToken()
      await store().insert([token], {})
      expect(await store().revoke('yours', token.id, AT)).toBeNull()
      expect(await store().revoke('default', 'nobody', AT)).toBeNull()
      expect(await store().find('default', token.id)).toStrictEqual(token)
      expect((await store().revokedSince(null, 10)).entries).toEqual([])
    })

    test('an expired token may still be revoked', async () => {
      const token = createStoredToken({ expiresAt: new Date(0) })
      await store().insert([token], {})
      expect((await store().revoke('default', token.id, AT))?.revokedAt).toEqual(AT)
    })
  })

  describe('revokeAll', () => {
    test('revokes what the subject has and counts what was neither revoked nor expired', async () => {
      const ann = (more = {}) => createStoredToken({ subject: 'ann', ...more })
      const tokens = [ann(), ann({ expiresAt: null }), ann({ expiresAt: AT }), ann(), ann()]
      const others = [createStoredToken({ subject: 'bob' }), ann({ project: 'yours' })]
      await store().insert([...tokens, ...others], {})
      const [first, , expired, already] = tokens
      if (!first || !expired || !already) throw new Error('five tokens were made')
      await store().revoke('default', already.id, new Date(0))
      expect(await store().revokeAll('default', 'ann', AT)).toBe(3)
      expect((await store().find('default', first.id))?.revokedAt).toEqual(AT)
      expect((await store().find('default', already.id))?.revokedAt).toEqual(new Date(0))
      expect((await store().find('default', expired.id))?.revokedAt).toBeNull()
      for (const other of others) expect(await store().find(other.project, other.id)).toStrictEqual(other)
      expect(await store().revokeAll('default', 'ann', LATER)).toBe(0)
    })

    test('with a moment of expiry: what expired later than that is revoked too', async () => {
      const expired = createStoredToken({ subject: 'ann', expiresAt: new Date(AT.getTime() - 2000) })
      const tolerated = createStoredToken({ subject: 'ann', expiresAt: new Date(AT.getTime() - 1000) })
      await store().insert([expired, tolerated], {})
      const expiredBy = new Date(AT.getTime() - 2000)
      expect(await store().revokeAll('default', 'ann', AT, expiredBy)).toBe(1)
      expect((await store().find('default', tolerated.id))?.revokedAt).toEqual(AT)
      expect((await store().find('default', expired.id))?.revokedAt).toBeNull()
    })

    test('without a subject: the whole project, and only that', async () => {
      const other = createStoredToken({ project: 'yours' })
      await store().insert(
        [createStoredToken({ subject: 'ann' }), createStoredToken({ subject: 'bob' }), other],
        {},
      )
      expect(await store().revokeAll('default', null, AT)).toBe(2)
      expect(await store().find('yours', other.id)).toStrictEqual(other)
      expect(await store().revokeAll('nobody', null, AT)).toBe(0)
    })

    test('any number: each once in the feed, while others go on', async () => {
      const tokens = Array.from({ length: 900 }, (_, index) => {
        return createStoredToken({ subject: index % 3 === 0 ? 'bob' : 'ann' })
      })
      await store().insert(tokens, {})
      const fresh = createStoredToken({ project: 'yours' })
      const [count] = await Promise.all([
        (async () => store().revokeAll('default', 'ann', AT))(),
        (async () => store().insert([fresh], {}))(),
      ])
      expect(count).toBe(600)
      expect(await store().find('yours', fresh.id)).toStrictEqual(fresh)
      const { entries, more } = await store().revokedSince(null, 2000)
      expect(more).toBe(false)
      const expected = tokens.filter(({ subject }) => subject === 'ann').map(({ id }) => id)
      expect(entries.map(({ id }) => id).toSorted()).toEqual(expected.toSorted())
    })
  })
}
