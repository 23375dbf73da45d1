import { describe, expect, test } from 'vitest'
import { createMemoryStore, type SpendReceipt, type TokenService, type TokenStore } from '../src/index.ts'
import { authorizeOutcome, REQUEST, startService, toOutcome, verifyOutcome } from './start-service.ts'

async function spend(service: TokenService, token: string, cost: number): Promise<SpendReceipt> {
  const decision = await service.authorize(token, { ...REQUEST, cost })
  if (!decision.allowed || decision.spend === null) throw new Error('nothing was spent')
  return decision.spend
}

test('exactly the granted number of requests, and the answer says what is left', async () => {
  const { service } = await startService()
  const { token, record } = await service.issue({ credits: 3 })
  for (const remaining of [2, 1, 0]) {
    expect(await service.authorize(token, { ...REQUEST, cost: 1 })).toMatchObject({
      allowed: true,
      record: { credits: { limit: 3, remaining }, status: remaining === 0 ? 'exhausted' : 'active' },
      spend: { cost: 1, remaining, poolRemaining: null },
    })
  }
  expect(await authorizeOutcome(service, token, { cost: 1 })).toBe('credits_exhausted')
  expect(await service.get('default', record.id)).toMatchObject({ status: 'exhausted' })
})

test('CRD-62 a cost above what is left takes nothing', async () => {
  const { service } = await startService()
  const { token } = await service.issue({ credits: 3 })
  expect(await service.authorize(token, { ...REQUEST, cost: 4 })).toMatchObject({
    code: 'credits_exhausted',
    details: { remaining: 3, cost: 4 },
  })
  expect(await spend(service, token, 3)).toMatchObject({ remaining: 0 })
})

test('CRD-63 200 requests at once on 1 credit: one is allowed', async () => {
  const memory = createMemoryStore()
  const { service } = await startService({
    store: {
      ...memory,
      find: async (project, id) => memory.find(project, id),
      spend: async (asked) => memory.spend(asked),
    },
  })
  const { token } = await service.issue({ credits: 1 })
  const decisions = await Promise.all(
    Array.from({ length: 200 }, () => service.authorize(token, { ...REQUEST, cost: 1 })),
  )
  const outcomes = decisions.map(toOutcome)
  expect(outcomes.filter((outcome) => outcome === 'allowed')).toHaveLength(1)
  expect(outcomes.filter((outcome) => outcome === 'credits_exhausted')).toHaveLength(199)
})

test('CRD-64 a token that is revoked, expires or vanishes between the look and the spend is refused', async () => {
  const memory = createMemoryStore()
  let between = async (_id: string): Promise<void> => {}
  const { service, clock } = await startService({
    store: {
      ...memory,
      async find(project, id) {
        const found = await memory.find(project, id)
        await between(id)
        return found
      },
    },
  })
  const revoked = await service.issue({ credits: 5 })
  between = async (id) => void (await memory.revoke('default', id, clock.now()))
  expect(await authorizeOutcome(service, revoked.token, { cost: 1 })).toBe('token_revoked')

  const shortened = await service.issue({ credits: 5 })
  between = async (id) => {
    await memory.update('default', id, { expiresAt: clock.now(), at: clock.now() })
  }
  expect(await authorizeOutcome(service, shortened.token, { cost: 1 })).toBe('token_expired')

  const gone = await service.issue({ credits: 5, expiresIn: 60 })
  between = async () => {
    const later = new Date(clock.now().getTime() + 61_000)
    await memory.purge({ tokensBefore: later, receiptsBefore: clock.now(), feedBefore: clock.now() })
  }
  expect(await authorizeOutcome(service, gone.token, { cost: 1 })).toBe('token_unknown')
})

describe('refund', () => {
  test('gives back once, never above the limit', async () => {
    const { service } = await startService()
    const { token, record } = await service.issue({ credits: 5 })
    const receipt = await spend(service, token, 2)
    expect(await service.refund(receipt)).toBe('refunded')
    expect(await service.refund(receipt)).toBe('already_refunded')
    expect(await service.get('default', record.id)).toMatchObject({ credits: { limit: 5, remaining: 5 } })
  })

  test('CRD-65 a receipt that was never given is unknown', async () => {
    const { service } = await startService()
    const receipt = { cost: 5, remaining: 0, poolRemaining: null }
    expect(await service.refund({ ...receipt, receipt: '01890000-0000-7000-8000-000000000000' })).toBe(
      'unknown',
    )
    expect(await service.refund({ ...receipt, receipt: '__proto__\u0000' })).toBe('unknown')
  })

  test('is possible for one day', async () => {
    const { service, clock } = await startService()
    const { token } = await service.issue({ credits: 5, expiresIn: '1 week' })
    const first = await spend(service, token, 1)
    clock.advance(1)
    const second = await spend(service, token, 1)
    clock.advance(86_400)
    await service.purge()
    expect(await service.refund(first)).toBe('unknown')
    expect(await service.refund(second)).toBe('refunded')
  })
})

describe('a pool', () => {
  test('is shared by its tokens, and a token may be metered by both', async () => {
    const { service } = await startService()
    expect(await service.createPool('default', 'team', 5)).toBe(true)
    expect(await service.createPool('default', 'team', 9)).toBe(false)
    const pooled = await service.issue({ pool: 'team' })
    const both = await service.issue({ pool: 'team', credits: 2 })
    expect(await spend(service, pooled.token, 2)).toMatchObject({ remaining: null, poolRemaining: 3 })
    expect(await spend(service, both.token, 2)).toMatchObject({ remaining: 0, poolRemaining: 1 })
    expect(await authorizeOutcome(service, both.token, { cost: 1 })).toBe('credits_exhausted')
    expect(await service.findPool('default', 'team')).toMatchObject({ limit: 5, remaining: 1 })
    expect(await service.authorize(pooled.token, { ...REQUEST, cost: 2 })).toMatchObject({
      code: 'credits_exhausted',
      details: { remaining: 1, cost: 2 },
    })
    expect(await service.addPoolCredits('default', 'team', 1)).toMatchObject({ limit: 6, remaining: 2 })
    expect(await spend(service, pooled.token, 2)).toMatchObject({ poolRemaining: 0 })
  })

  test('verify says so of an empty pool, and of one that is gone', async () => {
    const memory = createMemoryStore()
    let isGone = false
    const findPool: TokenStore['findPool'] = (project, name) =>
      isGone ? null : memory.findPool(project, name)
    const { service } = await startService({ store: { ...memory, findPool } })
    await service.createPool('default', 'team', 1)
    const { token } = await service.issue({ pool: 'team' })
    expect(await verifyOutcome(service, token)).toBe('allowed')
    expect(await spend(service, token, 1)).toMatchObject({ poolRemaining: 0 })
    expect(await verifyOutcome(service, token)).toBe('credits_exhausted')
    await service.addPoolCredits('default', 'team', 1)
    expect(await verifyOutcome(service, token)).toBe('allowed')
    isGone = true
    expect(await verifyOutcome(service, token)).toBe('credits_exhausted')
  })

  test('an empty pool leaves the credits of the token alone', async () => {
    const { service } = await startService()
    await service.createPool('default', 'empty', 0)
    const { token, record } = await service.issue({ pool: 'empty', credits: 2 })
    expect(await authorizeOutcome(service, token, { cost: 1 })).toBe('credits_exhausted')
    expect(await service.get('default', record.id)).toMatchObject({ credits: { remaining: 2 } })
  })

  test('a pool that is gone is an empty one', async () => {
    const store = createMemoryStore()
    const { service } = await startService({
      store: { ...store, spend: () => ({ outcome: 'refused', counter: 0, reason: 'unknown', remaining: 0 }) },
    })
    await service.createPool('default', 'team', 1)
    const { token } = await service.issue({ pool: 'team' })
    expect(await authorizeOutcome(service, token, { cost: 1 })).toBe('credits_exhausted')
  })

  test('CRD-66 pools of other projects, unknown pools and bad amounts', async () => {
    const { service } = await startService()
    await service.createPool('a', 'team', 1)
    await expect(service.issue({ project: 'b', pool: 'team' })).rejects.toMatchObject({
      code: 'invalid_request',
      field: 'pool',
    })
    expect(await service.findPool('b', 'team')).toBeNull()
    await expect(service.addPoolCredits('b', 'team', 1)).rejects.toMatchObject({ code: 'not_found' })
    await expect(service.addPoolCredits('a', 'team', Number.MAX_SAFE_INTEGER)).rejects.toMatchObject({
      code: 'invalid_request',
      field: 'credits',
    })
    for (const amount of [-1, 0.5, Number.NaN, 2 ** 53]) {
      await expect(service.createPool('a', 'other', amount)).rejects.toMatchObject({ field: 'credits' })
      await expect(service.addPoolCredits('a', 'team', amount)).rejects.toMatchObject({ field: 'credits' })
    }
    await expect(service.addPoolCredits('a', 'team', 0)).rejects.toMatchObject({ field: 'credits' })
    await expect(service.createPool('a', 'x\u0000', 1)).rejects.toMatchObject({ field: 'pool' })
    await expect(service.findPool('a\u0000', 'x')).rejects.toMatchObject({ field: 'project' })
    await expect(service.addPoolCredits('a', '\u0000', 1)).rejects.toMatchObject({ field: 'pool' })
  })
})
