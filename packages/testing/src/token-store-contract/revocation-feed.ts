import type { RevocationEntry } from '@hallpass/core'
import { describe, expect, test } from 'vitest'
import type { StoreAccess } from '../describe-token-store.ts'
import { createStoredToken } from '../stored-token.ts'

const AT = new Date('2026-11-21T12:30:00.000Z')
const EARLIER = new Date('2026-11-21T12:45:00.000Z')

/** Cursors that the feed did not make. The last is beyond its end: the data must have been replaced. */
const TAMPERED: readonly (readonly [id: string, cursor: string])[] = [
  ['STO-19', ''],
  ['STO-20', 'null'],
  ['STO-21', '-1'],
  ['STO-22', '1e3'],
  ['STO-23', '0 OR 1=1'],
  ['STO-24', '99999999999999999999'],
  ['STO-25', '1000'],
]

export function describeRevocationFeed({ store, second }: StoreAccess): void {
  /** All entries after the cursor, page by page. */
  async function readFeed(from: string | null, limit: number): Promise<{ ids: string[]; cursor: string }> {
    const ids: string[] = []
    for (let cursor = from; ; ) {
      const page = await store().revokedSince(cursor, limit)
      ids.push(...page.entries.map(({ id }) => id))
      if (page.more && page.cursor === cursor) throw new Error('the feed does not go on')
      cursor = page.cursor
      if (!page.more) return { ids, cursor }
    }
  }

  describe('revocation feed', () => {
    test('an empty feed has a cursor to go on from', async () => {
      const page = await store().revokedSince(null, 10)
      expect(page).toMatchObject({ entries: [], more: false })
      const token = createStoredToken()
      await store().insert([token], {})
      await store().revoke('default', token.id, AT)
      const next = await store().revokedSince(page.cursor, 10)
      expect(next.entries.map(({ id }) => id)).toEqual([token.id])
    })

    test('says what is refused, from when, and until when that matters', async () => {
      const [revoked, shortened, endless] = [
        createStoredToken({ project: 'acme' }),
        createStoredToken(),
        createStoredToken({ expiresAt: null }),
      ]
      await store().insert([revoked, shortened, endless], {})
      await store().revoke('acme', revoked.id, AT)
      await store().update('default', shortened.id, { expiresAt: EARLIER, at: AT })
      await store().update('default', endless.id, { expiresAt: EARLIER, at: AT })
      const expected: RevocationEntry[] = [
        {
          project: 'acme',
          id: revoked.id,
          reason: 'revoked',
          refusedFrom: AT,
          signedExpiresAt: revoked.signedExpiresAt,
        },
        {
          project: 'default',
          id: shortened.id,
          reason: 'expired',
          refusedFrom: EARLIER,
          signedExpiresAt: shortened.signedExpiresAt,
        },
        {
          project: 'default',
          id: endless.id,
          reason: 'expired',
          refusedFrom: EARLIER,
          signedExpiresAt: null,
        },
      ]
      expect((await store().revokedSince(null, 10)).entries).toStrictEqual(expected)
      expect((await (await second()).revokedSince(null, 10)).entries).toStrictEqual(expected)
    })

    test('a change that does not move the expiry adds nothing', async () => {
      const token = createStoredToken({ credits: { limit: 1, remaining: 1 } })
      await store().insert([token], {})
      const expiresAt = token.expiresAt ?? EARLIER
      await store().update('default', token.id, { name: 'x', addCredits: 1, expiresAt, at: AT })
      expect((await store().revokedSince(null, 10)).entries).toEqual([])
    })

    test('page by page: in order, none twice, none missing, `more` until the end', async () => {
      const tokens = Array.from({ length: 11 }, () => createStoredToken())
      await store().insert(tokens, {})
      for (const token of tokens.slice(0, 10)) await store().revoke('default', token.id, AT)
      const ids = tokens.slice(0, 10).map(({ id }) => id)
      expect((await readFeed(null, 3)).ids).toEqual(ids)
      expect((await store().revokedSince(null, 9)).more).toBe(true)
      expect((await store().revokedSince(null, 10)).more).toBe(false)
      const { cursor } = await readFeed(null, 5)
      expect(await store().revokedSince(cursor, 5)).toEqual({ entries: [], cursor, more: false })
      const last = tokens.at(-1)?.id ?? ''
      await store().revoke('default', last, AT)
      expect((await readFeed(cursor, 5)).ids).toEqual([last])
    })

    test('a reader that polls while two connections revoke skips nothing', async () => {
      const tokens = Array.from({ length: 60 }, () => createStoredToken())
      await store().insert(tokens, {})
      const other = await second()
      let done = false
      const writing = Promise.all(
        tokens.map(async ({ id }, index) => (index % 2 === 0 ? store() : other).revoke('default', id, AT)),
      ).finally(() => {
        done = true
      })
      const seen: string[] = []
      let cursor: string | null = null
      for (let last = false; !last; ) {
        // One more round after the last write was answered.
        last = done
        const page = await readFeed(cursor, 7)
        seen.push(...page.ids)
        cursor = page.cursor
        await new Promise(setImmediate)
      }
      await writing
      expect(seen.toSorted()).toEqual(tokens.map(({ id }) => id).toSorted())
    })

    test('may tell of a change or not; ending the watch twice, or after close, is nothing', async () => {
      const token = createStoredToken()
      await store().insert([token], {})
      let told = 0
      const end = store().watchRevocations(() => {
        told += 1
      })
      const endOther = store().watchRevocations(() => {})
      await store().revoke('default', token.id, AT)
      end()
      end()
      const toldUntilEnd = told
      const other = createStoredToken()
      await store().insert([other], {})
      await store().revoke('default', other.id, AT)
      expect((await store().revokedSince(null, 10)).entries).toHaveLength(2)
      await store().close()
      endOther()
      expect(told).toBe(toldUntilEnd)
    })

    for (const [id, cursor] of TAMPERED) {
      test(`${id} the cursor ${JSON.stringify(cursor)} is refused`, async () => {
        const token = createStoredToken()
        await store().insert([token], {})
        await store().revoke('default', token.id, AT)
        await expect((async () => store().revokedSince(cursor, 10))()).rejects.toThrow(/cursor/)
      })
    }
  })
}
