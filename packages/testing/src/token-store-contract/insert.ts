import { describe, expect, test } from 'vitest'
import type { StoreAccess } from '../describe-token-store.ts'
import { createStoredToken } from '../stored-token.ts'

const KEY = 'a'.repeat(64)
const REQUEST = 'b'.repeat(64)

export function describeInsert({ store, second }: StoreAccess): void {
  describe('insert and find', () => {
    test('a token that was inserted is found at once, by every connection', async () => {
      const token = createStoredToken()
      expect(await store().insert([token], {})).toEqual({ outcome: 'inserted' })
      expect(await store().find(token.project, token.id)).toStrictEqual(token)
      expect(await (await second()).find(token.project, token.id)).toStrictEqual(token)
    })

    test('STO-16 another project, or an id of nobody, finds nothing', async () => {
      const token = createStoredToken({ project: 'mine' })
      await store().insert([token], {})
      expect(await store().find('yours', token.id)).toBeNull()
      expect(await store().find('mine', createStoredToken().id)).toBeNull()
      expect(await store().find('mine', '')).toBeNull()
    })

    test('the same id in two projects is two tokens', async () => {
      const mine = createStoredToken({ project: 'mine', subject: 'ann' })
      const yours = createStoredToken({ id: mine.id, project: 'yours', subject: 'bob' })
      await store().insert([mine, yours], {})
      await store().revoke('yours', mine.id, new Date('2026-11-21T12:10:00Z'))
      expect(await store().find('mine', mine.id)).toStrictEqual(mine)
      expect((await store().find('yours', mine.id))?.subject).toBe('bob')
    })

    test('a thousand tokens go in together', async () => {
      const tokens = Array.from({ length: 1000 }, () => createStoredToken())
      expect(await store().insert(tokens, {})).toEqual({ outcome: 'inserted' })
      for (const token of [tokens.at(0), tokens.at(-1)]) {
        expect(await store().find('default', token?.id ?? '')).toStrictEqual(token)
      }
      expect(await store().list({ project: 'default' }, null, 2000)).toHaveLength(1000)
    })

    test('all or nothing: an id that is there already refuses the whole call, and only that call', async () => {
      const [there, fresh, alongside, later] = [1, 2, 3, 4].map(() => createStoredToken())
      if (!there || !fresh || !alongside || !later) throw new Error('four tokens were made')
      await store().insert([there], {})
      const [refused, ...others] = await Promise.allSettled([
        (async () => store().insert([fresh, { ...there, subject: 'thief' }], {}))(),
        (async () => store().insert([alongside], {}))(),
        (async () => store().insert([later], {}))(),
      ])
      expect(refused.status).toBe('rejected')
      expect(others.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
      expect(await store().find('default', fresh.id)).toBeNull()
      expect(await store().find('default', there.id)).toStrictEqual(there)
      expect(await store().find('default', alongside.id)).toStrictEqual(alongside)
      expect(await store().find('default', later.id)).toStrictEqual(later)
    })

    test('all or nothing: the same id twice in one call', async () => {
      const [first, other] = [createStoredToken(), createStoredToken()]
      await expect((async () => store().insert([other, first, { ...first }], {}))()).rejects.toThrow()
      expect(await store().list({ project: 'default' }, null, 10)).toEqual([])
    })
  })

  describe('idempotency', () => {
    const once = { idempotency: { keySha256: KEY, requestSha256: REQUEST } }

    test('a key that was used answers with the token of the first call and writes nothing', async () => {
      const [first, again] = [createStoredToken(), createStoredToken()]
      expect(await store().insert([first], once)).toEqual({ outcome: 'inserted' })
      expect(
        await store().insert([again], { idempotency: { keySha256: KEY, requestSha256: 'c'.repeat(64) } }),
      ).toStrictEqual({ outcome: 'exists', token: first, requestSha256: REQUEST })
      expect(await store().find('default', again.id)).toBeNull()
    })

    test('the answer to a used key is the token as it is now', async () => {
      const first = createStoredToken()
      await store().insert([first], once)
      const at = new Date('2026-11-21T12:01:00Z')
      await store().revoke('default', first.id, at)
      const answer = await store().insert([createStoredToken()], once)
      expect(answer).toMatchObject({ outcome: 'exists', token: { id: first.id, revokedAt: at } })
    })

    test('comes before the name: a replay is not refused for its own name', async () => {
      const first = createStoredToken({ name: 'build' })
      await store().insert([first], { ...once, uniqueName: true })
      const answer = await store().insert([createStoredToken({ name: 'build' })], {
        ...once,
        uniqueName: true,
      })
      expect(answer).toMatchObject({ outcome: 'exists', token: { id: first.id } })
    })

    test('a call that was refused for its name leaves the key free', async () => {
      await store().insert([createStoredToken({ name: 'build' })], { uniqueName: true })
      const refused = await store().insert([createStoredToken({ name: 'build' })], {
        ...once,
        uniqueName: true,
      })
      expect(refused).toEqual({ outcome: 'name_taken', name: 'build' })
      expect(await store().insert([createStoredToken({ name: 'other' })], once)).toEqual({
        outcome: 'inserted',
      })
    })

    test('other keys do not meet', async () => {
      await store().insert([createStoredToken()], once)
      const other = { idempotency: { keySha256: 'd'.repeat(64), requestSha256: REQUEST } }
      expect(await store().insert([createStoredToken()], other)).toEqual({ outcome: 'inserted' })
    })

    test('of parallel calls with one key one inserts and all get its token', async () => {
      const other = await second()
      const answers = await Promise.all(
        Array.from({ length: 16 }, async (_, index) =>
          (index % 2 === 0 ? store() : other).insert([createStoredToken()], once),
        ),
      )
      expect(answers.filter(({ outcome }) => outcome === 'inserted')).toHaveLength(1)
      const stored = await store().list({ project: 'default' }, null, 20)
      expect(stored).toHaveLength(1)
      for (const answer of answers)
        if (answer.outcome === 'exists') expect(answer.token).toStrictEqual(stored[0])
    })
  })
}
