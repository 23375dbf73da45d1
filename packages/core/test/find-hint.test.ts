import { expect, test } from 'vitest'
import { createMemoryStore, type FindHint } from '../src/index.ts'
import { authorizeOutcome, startService, verifyOutcome } from './start-service.ts'

test('a guard and a verification look a token up with one hint, which is of no other token', async () => {
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
  const [mine, yours] = [await service.issue({}), await service.issue({})]
  for (const { token } of [mine, yours, mine]) {
    // What a text says is kept from its second time on.
    for (let time = 0; time < 3; time += 1) expect(await authorizeOutcome(service, token)).toBe('allowed')
    expect(await verifyOutcome(service, token)).toBe('allowed')
  }
  expect(hints.map((hint) => hint?.hint)).toEqual(
    [mine, yours, mine].flatMap(({ record }) => Array.from({ length: 4 }, () => record.id)),
  )
  // The first time of each is read anew; from then on it is one.
  expect(new Set(hints).size).toBe(4)
})
