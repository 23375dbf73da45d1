import type { ListFilter, StoredToken } from '@hallpass/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { StoreAccess } from '../describe-token-store.ts'
import { createStoredToken, createTokenId } from '../stored-token.ts'

const AT = new Date('2026-11-21T12:30:00.000Z')

export function describeLists({ store }: StoreAccess): void {
  /** Ids of all pages, one after the other. */
  async function readPages(filter: ListFilter, limit: number): Promise<string[]> {
    const ids: string[] = []
    for (let after: string | null = null; ; after = ids.at(-1) ?? null) {
      const page = await store().list(filter, after, limit)
      ids.push(...page.map(({ id }) => id))
      if (new Set(ids).size < ids.length) throw new Error('a token came twice')
      if (page.length < limit) return ids
    }
  }

  describe('list', () => {
    test('newest first by id, whatever the order of the inserts', async () => {
      const ids = Array.from({ length: 20 }, () => createTokenId())
      for (const index of [3, 0, 19, 7, 1, 2, 18, 4, 5, 6, 17, 8, 9, 10, 16, 11, 12, 13, 15, 14]) {
        await store().insert([createStoredToken({ id: ids[index] ?? '' })], {})
      }
      expect(await readPages({ project: 'default' }, 20)).toEqual(ids.toReversed())
      expect(await readPages({ project: 'default' }, 3)).toEqual(ids.toReversed())
    })

    test('`after` is left out itself, and need not be there any more', async () => {
      const ids = [1, 2, 3, 4].map(() => createTokenId())
      const [one, two, gone, four] = ids
      if (!one || !two || !gone || !four) throw new Error('four ids were made')
      await store().insert(
        [one, two, four].map((id) => createStoredToken({ id })),
        {},
      )
      expect((await store().list({ project: 'default' }, two, 10)).map(({ id }) => id)).toEqual([one])
      expect((await store().list({ project: 'default' }, gone, 10)).map(({ id }) => id)).toEqual([two, one])
      expect(await store().list({ project: 'default' }, one, 10)).toEqual([])
    })

    test('inserts between two pages make no token come twice and none be missing', async () => {
      const filter = { project: 'default', subject: 'ann' }
      const first = Array.from({ length: 9 }, () => createStoredToken({ subject: 'ann' }))
      await store().insert(first, {})
      const seen = (await store().list(filter, null, 4)).map(({ id }) => id)
      for (let round = 0; round < 3; round += 1) {
        await store().insert(
          [createStoredToken({ subject: 'ann' }), createStoredToken({ subject: 'bob' })],
          {},
        )
        seen.push(...(await store().list(filter, seen.at(-1) ?? null, 4)).map(({ id }) => id))
      }
      expect(seen).toEqual(first.map(({ id }) => id).toReversed())
    })

    test('filters by project, subject, application and name, and by all of them together', async () => {
      const tokens = [
        createStoredToken({ subject: 'ann', application: 'ci', name: 'build' }),
        createStoredToken({ subject: 'ann', application: 'web', name: 'build' }),
        createStoredToken({ subject: 'bob', application: 'ci', name: 'build' }),
        createStoredToken({ subject: 'bob', application: 'ci', name: null }),
        createStoredToken({ project: 'yours', subject: 'ann', application: 'ci', name: 'build' }),
      ]
      await store().insert(tokens, {})
      const project = 'default'
      const listed = async (filter: Omit<ListFilter, 'project'>): Promise<number[]> => {
        const page = await store().list({ project, ...filter }, null, 10)
        return page.map(({ id }) => tokens.findIndex((token) => token.id === id))
      }
      expect(await listed({})).toEqual([3, 2, 1, 0])
      expect(await listed({ subject: 'ann' })).toEqual([1, 0])
      expect(await listed({ application: 'ci' })).toEqual([3, 2, 0])
      expect(await listed({ name: 'build' })).toEqual([2, 1, 0])
      expect(await listed({ subject: 'ann', application: 'ci' })).toEqual([0])
      expect(await listed({ subject: 'bob', name: 'build' })).toEqual([2])
      expect(await listed({ application: 'web', name: 'build' })).toEqual([1])
      expect(await listed({ subject: 'bob', application: 'web', name: 'build' })).toEqual([])
      expect(await listed({ subject: 'nobody' })).toEqual([])
      expect(await store().list({ project: 'nobody' }, null, 10)).toEqual([])
    })

    test('a token that is renamed moves from one name to the other', async () => {
      const token = createStoredToken({ name: 'before' })
      await store().insert([token], {})
      await store().update('default', token.id, { name: 'after', at: AT })
      expect(await store().list({ project: 'default', name: 'before' }, null, 10)).toEqual([])
      expect(await store().list({ project: 'default', name: 'after' }, null, 10)).toMatchObject([
        { id: token.id },
      ])
    })

    test('revoked and expired tokens stay listed', async () => {
      const [revoked, expired] = [createStoredToken(), createStoredToken({ expiresAt: new Date(0) })]
      await store().insert([revoked, expired], {})
      await store().revoke('default', revoked.id, AT)
      expect((await readPages({ project: 'default' }, 10)).toSorted()).toEqual(
        [revoked.id, expired.id].toSorted(),
      )
    })

    test('any tokens, any filter, any page size (property)', async () => {
      const facet = fc.constantFrom('a', 'b', 'c')
      const shape = fc.record({ subject: facet, application: facet, name: fc.option(facet) })
      const wanted = fc.record({ subject: facet, application: facet, name: facet }, { requiredKeys: [] })
      let run = 0
      await fc.assert(
        fc.asyncProperty(
          fc.array(shape, { maxLength: 25 }),
          wanted,
          fc.integer({ min: 1, max: 7 }),
          async (shapes, filter, limit) => {
            run += 1
            const project = `run-${run}`
            const tokens = shapes.map((given) => createStoredToken({ project, ...given }))
            if (tokens.length > 0) await store().insert(tokens, {})
            const passes = (token: StoredToken): boolean =>
              (filter.subject === undefined || filter.subject === token.subject) &&
              (filter.application === undefined || filter.application === token.application) &&
              (filter.name === undefined || filter.name === token.name)
            const expected = tokens.filter(passes).map(({ id }) => id)
            expect(await readPages({ project, ...filter }, limit)).toEqual(expected.toSorted().toReversed())
          },
        ),
        { numRuns: 40 },
      )
    })
  })
}
