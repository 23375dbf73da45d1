import { describe, expect, test } from 'vitest'
import type { StoreAccess } from '../describe-token-store.ts'

const POOL = { project: 'default', name: 'monthly', limit: 100, remaining: 60 }

export function describePools({ store, second }: StoreAccess): void {
  describe('pools', () => {
    test('a pool is created once for its project and name', async () => {
      expect(await store().createPool(POOL)).toBe(true)
      expect(await (await second()).createPool({ ...POOL, limit: 1, remaining: 1 })).toBe(false)
      expect(await store().createPool({ ...POOL, project: 'yours' })).toBe(true)
      expect(await store().createPool({ ...POOL, name: 'Monthly' })).toBe(true)
      expect(await store().findPool('default', 'monthly')).toStrictEqual(POOL)
    })

    test('of parallel creations one wins', async () => {
      const other = await second()
      const created = await Promise.all(
        Array.from({ length: 8 }, async (_, index) =>
          (index % 2 === 0 ? store() : other).createPool({
            ...POOL,
            limit: 100 + index,
            remaining: 100 + index,
          }),
        ),
      )
      expect(created.filter((won) => won)).toHaveLength(1)
      expect((await store().findPool('default', 'monthly'))?.limit).toBe(100 + created.indexOf(true))
    })

    test('a pool of another project, or of nobody, is null', async () => {
      await store().createPool(POOL)
      expect(await store().findPool('yours', 'monthly')).toBeNull()
      expect(await store().findPool('default', 'none')).toBeNull()
      expect(await store().addPoolCredits('yours', 'monthly', 1)).toBeNull()
      expect(await store().addPoolCredits('default', 'none', 1)).toBeNull()
    })

    test('credits are added to the limit and to what remains', async () => {
      await store().createPool(POOL)
      const grown = { ...POOL, limit: 140, remaining: 100 }
      expect(await store().addPoolCredits('default', 'monthly', 40)).toStrictEqual(grown)
      expect(await store().findPool('default', 'monthly')).toStrictEqual(grown)
    })

    test('CRD-09 never beyond 2^53 - 1', async () => {
      await store().createPool({ ...POOL, limit: Number.MAX_SAFE_INTEGER - 5, remaining: 0 })
      expect(await store().addPoolCredits('default', 'monthly', 6)).toBe('overflow')
      expect(await store().addPoolCredits('default', 'monthly', Number.MAX_SAFE_INTEGER)).toBe('overflow')
      expect(await store().findPool('default', 'monthly')).toMatchObject({ remaining: 0 })
      expect(await store().addPoolCredits('default', 'monthly', 5)).toMatchObject({
        limit: Number.MAX_SAFE_INTEGER,
        remaining: 5,
      })
    })
  })
}
