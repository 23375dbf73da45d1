import { describe, expect, test } from 'vitest'
import type { StoreAccess } from '../describe-token-store.ts'
import { createStoredToken } from '../stored-token.ts'

export function describeClose({ store, second }: StoreAccess): void {
  describe('close', () => {
    test('is idempotent, also in parallel', async () => {
      await Promise.all([store().close(), store().close()])
      await store().close()
    })

    test('waits for what was accepted', async () => {
      const other = await second()
      const tokens = Array.from({ length: 20 }, () => createStoredToken())
      const pending = Promise.all(tokens.map(async (token) => store().insert([token], {})))
      if (other === store()) {
        await pending
      } else {
        await store().close()
      }
      for (const { id } of tokens) expect((await other.find('default', id))?.id).toBe(id)
      expect(await pending).toEqual(tokens.map(() => ({ outcome: 'inserted' })))
    })

    test('says whether it is persistent', () => {
      expect(typeof store().persistent).toBe('boolean')
    })
  })
}
