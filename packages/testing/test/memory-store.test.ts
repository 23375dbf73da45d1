import { createMemoryStore } from '@hallpass/core'
import { expect, test } from 'vitest'
import { describeTokenStore } from '../src/describe-token-store.ts'

describeTokenStore('memory', async () => ({
  store: createMemoryStore(),
  reopen: () => null,
  dispose: () => {},
}))

test('the memory store is not persistent, and two of them share nothing', () => {
  expect(createMemoryStore().persistent).toBe(false)
  const [one, other] = [createMemoryStore(), createMemoryStore()]
  one.createPool({ project: 'default', name: 'monthly', limit: 1, remaining: 1 })
  expect(other.findPool('default', 'monthly')).toBeNull()
})
