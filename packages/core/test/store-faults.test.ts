import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createMemoryStore, type SpendResult, type TokenStore } from '../src/index.ts'
import { createStoreCall } from '../src/store-call.ts'
import { Deferred, never } from './deferred.ts'
import { authorizeOutcome, REQUEST, type Started, startService } from './start-service.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})

afterEach(() => {
  vi.useRealTimers()
})

const DOWN = new Error('connection to 10.0.0.7 as admin:hunter2 refused')

const FAULTS: [id: string, what: string, fault: () => Promise<never>][] = [
  ['STO-58', 'hangs', () => never()],
  ['STO-59', 'rejects', () => Promise.reject(DOWN)],
  [
    'STO-60',
    'throws at once',
    () => {
      throw DOWN
    },
  ],
]

type Method =
  | 'find'
  | 'insert'
  | 'list'
  | 'update'
  | 'revoke'
  | 'spend'
  | 'refund'
  | 'usage'
  | 'findPool'
  | 'createPool'

describe.each(FAULTS)('%s a store that %s is unavailable', (_id, _what, fault) => {
  /** A service whose store fails in one method. */
  const withFault = (method: Method): Promise<Started> =>
    startService({ store: { ...createMemoryStore(), [method]: fault } })

  /** The answer, when the time for the store is up. */
  async function settle<T>(answer: T | Promise<T>): Promise<T> {
    const settled = Promise.resolve(answer)
    settled.catch(() => {})
    await vi.advanceTimersByTimeAsync(2000)
    return settled
  }

  test('authorize refuses with 503, never allows', async () => {
    const { service, errors } = await withFault('find')
    const { token } = await service.issue({})
    expect(await settle(service.authorize(token, REQUEST))).toMatchObject({ code: 'store_unavailable' })
    expect(errors).toMatchObject([{ where: 'store' }])
  })

  test('a spend that fails refuses', async () => {
    const { service, store } = await withFault('spend')
    const { token, record } = await service.issue({ credits: 5 })
    expect(await settle(service.authorize(token, { ...REQUEST, cost: 1 }))).toMatchObject({
      code: 'store_unavailable',
    })
    expect(await store.find('default', record.id)).toMatchObject({ credits: { remaining: 5 } })
  })

  const calls: [Method, (started: Started) => Promise<unknown>][] = [
    ['insert', ({ service }) => service.issue({})],
    ['find', async ({ service }) => service.verify((await service.issue({})).token)],
    ['find', ({ service }) => service.get('default', '01890000-0000-7000-8000-000000000000')],
    ['list', ({ service }) => service.list({ project: 'default' })],
    [
      'update',
      ({ service }) => service.update('default', '01890000-0000-7000-8000-000000000000', { name: 'x' }),
    ],
    ['revoke', ({ service }) => service.revoke('default', '01890000-0000-7000-8000-000000000000')],
    ['usage', ({ service }) => service.usage({ project: 'default' })],
    ['findPool', ({ service }) => service.issue({ pool: 'team' })],
    ['createPool', ({ service }) => service.createPool('default', 'team', 1)],
    [
      'refund',
      ({ service }) =>
        service.refund({
          receipt: '01890000-0000-7000-8000-000000000000',
          cost: 1,
          remaining: 1,
          poolRemaining: null,
        }),
    ],
  ]
  test.each(calls)('%s says so without saying why', async (method, run) => {
    const started = await withFault(method)
    const failure = await settle(
      run(started).then(
        () => null,
        (error: unknown) => error,
      ),
    )
    expect(failure).toMatchObject({ name: 'TokenRequestError', code: 'store_unavailable' })
    expect(failure).not.toHaveProperty('cause')
    expect(String(failure)).not.toContain('hunter2')
    expect(started.errors.map(({ where }) => where)).toEqual(['store'])
  })
})

describe('a refused request costs nothing', () => {
  /** A metered token, and a store whose spends the test answers. */
  async function openSlowSpend() {
    const memory = createMemoryStore()
    const answer = new Deferred<SpendResult>()
    let spent: SpendResult | null = null
    const store: TokenStore = {
      ...memory,
      async spend(spend) {
        spent = await memory.spend(spend)
        return answer.promise
      },
    }
    const started = await startService({ store })
    const { token, record } = await started.service.issue({ credits: 5 })
    const left = async () => (await memory.find('default', record.id))?.credits?.remaining
    const refused = started.service.authorize(token, { ...REQUEST, cost: 2 })
    return {
      ...started,
      answer,
      left,
      refused,
      result: () => spent ?? { outcome: 'spent' as const, remaining: [] },
    }
  }

  test('STO-61 a spend that is answered too late, or never, is given back with the refusal', async () => {
    const { answer, left, refused, result } = await openSlowSpend()
    await vi.advanceTimersByTimeAsync(1999)
    expect(await left()).toBe(3)
    await vi.advanceTimersByTimeAsync(1)
    expect(await refused).toMatchObject({ code: 'store_unavailable' })
    expect(await left()).toBe(5)
    answer.resolve(result())
    await vi.advanceTimersByTimeAsync(0)
    expect(await left()).toBe(5)
  })

  test('STO-62 a spend that was written and whose answer was lost is given back', async () => {
    const { answer, left, refused } = await openSlowSpend()
    answer.reject(DOWN)
    expect(await refused).toMatchObject({ code: 'store_unavailable' })
    await vi.advanceTimersByTimeAsync(0)
    expect(await left()).toBe(5)
  })

  test('a spend that is answered in time is kept', async () => {
    const { answer, left, refused, result } = await openSlowSpend()
    await vi.advanceTimersByTimeAsync(1999)
    answer.resolve(result())
    expect(await refused).toMatchObject({ allowed: true, spend: { remaining: 3 } })
    await vi.advanceTimersByTimeAsync(5000)
    expect(await left()).toBe(3)
  })

  test('a refund that fails is reported, and made again when it turns out that the spend was written', async () => {
    const memory = createMemoryStore()
    const answers: Deferred<SpendResult>[] = []
    const refund = vi.fn(() => {
      throw DOWN
    })
    const spend = (): Promise<SpendResult> => {
      const answer = new Deferred<SpendResult>()
      answers.push(answer)
      return answer.promise
    }
    const { service, errors } = await startService({ store: { ...memory, refund, spend } })
    const { token } = await service.issue({ credits: 5 })
    const decisions = [1, 2].map((cost) => service.authorize(token, { ...REQUEST, cost }))
    await vi.advanceTimersByTimeAsync(2000)
    expect(refund).toHaveBeenCalledTimes(2)
    answers[0]?.resolve({ outcome: 'refused', counter: 0, reason: 'empty', remaining: 0 })
    await vi.advanceTimersByTimeAsync(0)
    expect(refund).toHaveBeenCalledTimes(2)
    answers[1]?.resolve({ outcome: 'spent', remaining: [3] })
    await vi.advanceTimersByTimeAsync(0)
    expect(await Promise.all(decisions)).toMatchObject([{ allowed: false }, { allowed: false }])
    expect(refund).toHaveBeenCalledTimes(3)
    expect(errors.map(({ where }) => where).toSorted()).toEqual([
      'refund',
      'refund',
      'refund',
      'store',
      'store',
    ])
  })
})

test('STO-63 a store that fails once is asked again for the next request', async () => {
  const memory = createMemoryStore()
  let down = false
  const { service } = await startService({
    store: { ...memory, find: (...place) => (down ? Promise.reject(DOWN) : memory.find(...place)) },
  })
  const { token } = await service.issue({})
  down = true
  expect(await authorizeOutcome(service, token)).toBe('store_unavailable')
  down = false
  expect(await authorizeOutcome(service, token)).toBe('allowed')
})

describe('a request that the store never sees is the fault of the caller, not of the store', () => {
  test.each([
    [{ name: 'a\nb' }, 'name'],
    [{ credits: { add: 0 } }, 'credits.add'],
    [{ expiresAt: new Date(Number.NaN) }, 'expiresAt'],
    [{}, null],
  ])('update with %j', async (change, field) => {
    const { service, errors } = await startService()
    const { record } = await service.issue({ credits: 1 })
    await expect(service.update('default', record.id, change)).rejects.toMatchObject({
      code: 'invalid_request',
      field,
    })
    expect(errors).toEqual([])
  })

  test('issue with an idempotency key of another form', async () => {
    const { service, errors } = await startService()
    await expect(service.issue({ idempotencyKey: 'two words' })).rejects.toMatchObject({
      code: 'invalid_request',
      field: 'idempotencyKey',
    })
    expect(errors).toEqual([])
  })
})

describe('a call of a store', () => {
  test('is answered at once where the store answers at once, and leaves no timer behind', async () => {
    const call = createStoreCall(1000, () => {})
    expect(call(() => 7)).toBe(7)
    expect(await call(async () => 8)).toBe(8)
    await expect(call(() => Promise.reject(DOWN))).rejects.toMatchObject({ code: 'store_unavailable' })
    expect(vi.getTimerCount()).toBe(0)
  })

  test('without a limit waits as long as it takes', async () => {
    const call = createStoreCall(null, () => {})
    const answer = new Deferred<number>()
    const result = call(() => answer.promise)
    await vi.advanceTimersByTimeAsync(1_000_000)
    answer.resolve(9)
    expect(await result).toBe(9)
  })
})
