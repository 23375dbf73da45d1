import { describe, expect, test } from 'vitest'
import type { StoreAccess } from '../describe-token-store.ts'
import { createStoredToken } from '../stored-token.ts'

const UNIQUE = { uniqueName: true }
const AT = new Date('2026-11-21T12:30:00.000Z')

export function describeUniqueNames({ store, second }: StoreAccess): void {
  describe('unique names', () => {
    test('a name is taken within its project and subject only', async () => {
      await store().insert([createStoredToken({ name: 'build' })], UNIQUE)
      const again = createStoredToken({ name: 'build' })
      expect(await store().insert([again], UNIQUE)).toEqual({ outcome: 'name_taken', name: 'build' })
      expect(await store().find('default', again.id)).toBeNull()
      for (const other of [{ subject: 'bob' }, { project: 'yours' }, { name: 'Build' }]) {
        const token = createStoredToken({ name: 'build', ...other })
        expect(await store().insert([token], UNIQUE)).toEqual({ outcome: 'inserted' })
      }
    })

    test('project, subject and name are told apart, however they are put together', async () => {
      await store().insert([createStoredToken({ project: 'a', subject: 'b","c', name: 'd' })], UNIQUE)
      const alike = createStoredToken({ project: 'a","b', subject: 'c', name: 'd' })
      expect(await store().insert([alike], UNIQUE)).toEqual({ outcome: 'inserted' })
    })

    test('no name is never taken', async () => {
      const tokens = [createStoredToken(), createStoredToken()]
      expect(await store().insert(tokens, UNIQUE)).toEqual({ outcome: 'inserted' })
    })

    test('all or nothing: one taken name refuses every token of the call', async () => {
      await store().insert([createStoredToken({ name: 'build' })], UNIQUE)
      const free = createStoredToken({ name: 'free' })
      const answer = await store().insert([free, createStoredToken({ name: 'build' })], UNIQUE)
      expect(answer).toEqual({ outcome: 'name_taken', name: 'build' })
      expect(await store().find('default', free.id)).toBeNull()
      expect(await store().insert([free], UNIQUE)).toEqual({ outcome: 'inserted' })
    })

    test('the same name twice in one call is taken', async () => {
      const tokens = [createStoredToken({ name: 'build' }), createStoredToken({ name: 'build' })]
      expect(await store().insert(tokens, UNIQUE)).toEqual({ outcome: 'name_taken', name: 'build' })
      expect(await store().list({ project: 'default' }, null, 10)).toEqual([])
    })

    test('tokens inserted without the condition neither take a name nor are refused one', async () => {
      await store().insert([createStoredToken({ name: 'build' })], {})
      expect(await store().insert([createStoredToken({ name: 'build' })], UNIQUE)).toEqual({
        outcome: 'inserted',
      })
      expect(await store().insert([createStoredToken({ name: 'build' })], {})).toEqual({
        outcome: 'inserted',
      })
    })

    test('a revoked token gives its name free, an expired one does not', async () => {
      const revoked = createStoredToken({ name: 'revoked' })
      const expired = createStoredToken({ name: 'expired', expiresAt: new Date('2020-01-01T00:00:00Z') })
      await store().insert([revoked, expired], UNIQUE)
      await store().revoke('default', revoked.id, AT)
      expect(await store().insert([createStoredToken({ name: 'revoked' })], UNIQUE)).toEqual({
        outcome: 'inserted',
      })
      expect(await store().insert([createStoredToken({ name: 'expired' })], UNIQUE)).toEqual({
        outcome: 'name_taken',
        name: 'expired',
      })
    })

    test('a token that is revoked when it is inserted neither takes a name nor is refused one', async () => {
      const revoked = () => createStoredToken({ name: 'build', revokedAt: AT })
      expect(await store().insert([revoked()], UNIQUE)).toEqual({ outcome: 'inserted' })
      const token = createStoredToken({ name: 'build' })
      expect(await store().insert([token], UNIQUE)).toEqual({ outcome: 'inserted' })
      expect(await store().insert([revoked()], UNIQUE)).toEqual({ outcome: 'inserted' })
      expect(await store().insert([createStoredToken({ name: 'build' })], UNIQUE)).toMatchObject({
        outcome: 'name_taken',
      })
    })

    test('revoking all gives all names free', async () => {
      await store().insert([createStoredToken({ name: 'build' })], UNIQUE)
      await store().revokeAll('default', 'default', AT)
      expect(await store().insert([createStoredToken({ name: 'build' })], UNIQUE)).toEqual({
        outcome: 'inserted',
      })
    })

    test('a purged token gives its name free', async () => {
      const token = createStoredToken({ name: 'build', expiresAt: new Date('2020-01-01T00:00:00Z') })
      await store().insert([token], UNIQUE)
      expect(await store().purge({ tokensBefore: AT, receiptsBefore: AT, feedBefore: AT })).toBe(1)
      expect(await store().insert([createStoredToken({ name: 'build' })], UNIQUE)).toEqual({
        outcome: 'inserted',
      })
    })

    test('of parallel inserts of one name exactly one wins', async () => {
      const other = await second()
      const answers = await Promise.all(
        Array.from({ length: 16 }, async (_, index) =>
          (index % 2 === 0 ? store() : other).insert([createStoredToken({ name: 'build' })], UNIQUE),
        ),
      )
      expect(answers.filter(({ outcome }) => outcome === 'inserted')).toHaveLength(1)
      expect(await store().list({ project: 'default' }, null, 20)).toHaveLength(1)
    })

    test('a rename into a taken name is refused, into a free one moves the claim', async () => {
      const [first, moving] = [createStoredToken({ name: 'one' }), createStoredToken({ name: 'two' })]
      await store().insert([first, moving], UNIQUE)
      expect(await store().update('default', moving.id, { name: 'one', at: AT })).toEqual({
        outcome: 'name_taken',
      })
      expect((await store().find('default', moving.id))?.name).toBe('two')
      expect(await store().update('default', moving.id, { name: 'three', at: AT })).toMatchObject({
        outcome: 'updated',
      })
      expect(await store().insert([createStoredToken({ name: 'two' })], UNIQUE)).toEqual({
        outcome: 'inserted',
      })
      const refused = await store().insert([createStoredToken({ name: 'three' })], UNIQUE)
      expect(refused).toEqual({ outcome: 'name_taken', name: 'three' })
    })

    test('a rename to its own name is no conflict; a token that loses its name gives it free', async () => {
      const token = createStoredToken({ name: 'one' })
      await store().insert([token], UNIQUE)
      expect(await store().update('default', token.id, { name: 'one', at: AT })).toMatchObject({
        outcome: 'updated',
      })
      expect(await store().update('default', token.id, { name: null, at: AT })).toMatchObject({
        outcome: 'updated',
        token: { name: null },
      })
      const next = createStoredToken({ name: 'one' })
      expect(await store().insert([next], UNIQUE)).toEqual({ outcome: 'inserted' })
      expect(await store().update('default', token.id, { name: 'one', at: AT })).toEqual({
        outcome: 'name_taken',
      })
    })

    test('a token inserted without the condition may be renamed into a taken name', async () => {
      const loose = createStoredToken({ name: 'loose' })
      await store().insert([loose], {})
      await store().insert([createStoredToken({ name: 'build' })], UNIQUE)
      expect(await store().update('default', loose.id, { name: 'build', at: AT })).toMatchObject({
        outcome: 'updated',
      })
    })
  })
}
