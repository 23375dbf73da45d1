import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { createMemoryStore, type FindHint, type TokenService } from '../src/index.ts'
import { authorizeOutcome, startService, verifyOutcome } from './start-service.ts'

/** What the store is handed, in turn. */
async function startWatched(): Promise<{ service: TokenService; hints: (FindHint | undefined)[] }> {
  const store = createMemoryStore()
  const hints: (FindHint | undefined)[] = []
  const { service } = await startService({
    store: {
      ...store,
      find: (project, id, hint) => {
        hints.push(hint)
        if (hint !== undefined) hint.hint ??= id
        return store.find(project, id)
      },
    },
  })
  return { service, hints }
}

test('a token that comes again is looked up with one hint, which is of no other token', async () => {
  const { service, hints } = await startWatched()
  const [mine, yours] = [await service.issue({}), await service.issue({})]
  for (const { token } of [mine, yours, mine]) {
    for (let time = 0; time < 3; time += 1) expect(await authorizeOutcome(service, token)).toBe('allowed')
    expect(await verifyOutcome(service, token)).toBe('allowed')
  }
  const [m, y] = [mine.record.id, yours.record.id]
  // What a text says is kept from its second time on.
  expect(hints.map((hint) => hint?.hint)).toEqual([undefined, m, m, m, undefined, y, y, y, m, m, m, m])
  expect(new Set(hints).size).toBe(3)
})

test('SEC-100 a store is handed neither the text of a token nor its key', async () => {
  const { service, hints } = await startWatched()
  const { token } = await service.issue({})
  for (let time = 0; time < 3; time += 1) await authorizeOutcome(service, token)
  expect(hints.length).toBe(3)
  for (const hint of hints) {
    expect(structuredClone(hint)).toEqual(hint)
    expect(inspect(hint, { depth: 9, showHidden: true })).not.toContain(token.split('.')[1])
  }
})
