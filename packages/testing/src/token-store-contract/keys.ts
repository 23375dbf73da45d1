import type { StoredKey } from '@hallpass/core'
import { describe, expect, test } from 'vitest'
import type { StoreAccess } from '../describe-token-store.ts'
import { createStoredToken } from '../stored-token.ts'

const AT = new Date('2026-11-21T12:30:00.000Z')
const KEY: StoredKey = {
  id: 'key-1',
  project: 'default',
  profile: 'native',
  algorithm: 'EdDSA',
  version: 1,
  createdAt: new Date('2026-11-21T12:00:00.001Z'),
  activatesAt: new Date('2026-11-21T12:10:00.002Z'),
  sealed: 'a.b.c.d.e',
}

export function describeKeys({ store, second }: StoreAccess): void {
  describe('keys', () => {
    test('come back as they went in, on every connection', async () => {
      expect(await store().keys()).toEqual([])
      expect(await store().insertKey(KEY)).toBe(true)
      expect(await store().keys()).toStrictEqual([KEY])
      expect(await (await second()).keys()).toStrictEqual([KEY])
    })

    test('a version of a project and profile is taken once', async () => {
      await store().insertKey(KEY)
      expect(await store().insertKey({ ...KEY, id: 'key-2', sealed: 'other' })).toBe(false)
      expect(await store().keys()).toStrictEqual([KEY])
      for (const [index, other] of [{ version: 2 }, { profile: 'i3d' }, { project: 'yours' }].entries()) {
        expect(await store().insertKey({ ...KEY, id: `other-${index}`, ...other })).toBe(true)
      }
      expect(await store().keys()).toHaveLength(4)
    })

    test('the same key again is false, and its id for another version an error', async () => {
      await store().insertKey(KEY)
      expect(await store().insertKey(KEY)).toBe(false)
      await expect((async () => store().insertKey({ ...KEY, version: 2 }))()).rejects.toThrow()
      expect(await store().keys()).toStrictEqual([KEY])
    })

    test('of parallel inserts of one version one wins, and all read the same key', async () => {
      const other = await second()
      const won = await Promise.all(
        Array.from({ length: 12 }, async (_, index) =>
          (index % 2 === 0 ? store() : other).insertKey({ ...KEY, id: `key-${index}` }),
        ),
      )
      expect(won.filter((one) => one)).toHaveLength(1)
      expect((await other.keys()).map(({ id }) => id)).toEqual([`key-${won.indexOf(true)}`])
    })

    test('resealing replaces the sealed text of one key and nothing else', async () => {
      const another = { ...KEY, id: 'key-2', version: 2 }
      await store().insertKey(KEY)
      await store().insertKey(another)
      await store().resealKey('key-1', 'new')
      await store().resealKey('nobody', 'lost')
      const keys = (await store().keys()).toSorted((a, b) => a.version - b.version)
      expect(keys).toStrictEqual([{ ...KEY, sealed: 'new' }, another])
    })

    test('a key is removed only when no stored token was signed with it', async () => {
      await store().insertKey(KEY)
      const token = createStoredToken({ keyId: 'key-1', expiresAt: new Date(0) })
      const elsewhere = createStoredToken({ keyId: 'key-1', project: 'yours' })
      await store().insert([token, elsewhere], {})
      expect(await store().deleteUnusedKey('default', 'key-1')).toBe(false)
      await store().purge({ tokensBefore: AT, receiptsBefore: AT, feedBefore: AT })
      expect(await store().deleteUnusedKey('yours', 'key-1')).toBe(false)
      expect(await store().keys()).toHaveLength(1)
      expect(await store().deleteUnusedKey('default', 'key-1')).toBe(true)
      expect(await store().deleteUnusedKey('default', 'key-1')).toBe(false)
      expect(await store().keys()).toEqual([])
      expect(await store().insertKey(KEY)).toBe(true)
    })
  })
}
