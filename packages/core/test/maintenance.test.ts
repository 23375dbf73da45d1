import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createMemoryStore, type TokenServiceOptions } from '../src/index.ts'
import { type Clock, createClock } from './clock.ts'
import { authorizeOutcome, startService } from './start-service.ts'

let clock: Clock

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] })
  clock = createClock()
})

afterEach(() => {
  vi.useRealTimers()
})

/** Lets time pass for the timers and for the service's clock alike. */
async function pass(seconds: number, step = 10): Promise<void> {
  for (let passed = 0; passed < seconds; passed += step) {
    clock.advance(step)
    await vi.advanceTimersByTimeAsync(step * 1000)
  }
}

function watchPurge() {
  const store = createMemoryStore()
  const purge = vi.fn(store.purge)
  return { store: { ...store, purge }, purge }
}

describe('by itself', () => {
  test('it purges once in the period, however often it looks', async () => {
    const { store, purge } = watchPurge()
    const { service } = await startService({
      store,
      clock,
      maintenance: { everySeconds: 3600 },
      retentionSeconds: 0,
    })
    const { record } = await service.issue({ expiresIn: 1 })
    await pass(60)
    expect(purge).toHaveBeenCalledTimes(1)
    expect(await service.get('default', record.id)).toBeNull()
    await pass(3540)
    expect(purge).toHaveBeenCalledTimes(1)
    await pass(120)
    expect(purge).toHaveBeenCalledTimes(2)
  })

  test('one process of several', async () => {
    const { store, purge } = watchPurge()
    const maintenance = { everySeconds: 3600 }
    for (let n = 0; n < 3; n++) await startService({ store, clock, maintenance })
    await pass(3600)
    expect(purge).toHaveBeenCalledTimes(1)
  })

  test('a short period is kept to', async () => {
    const { store, purge } = watchPurge()
    await startService({ store, clock, maintenance: { everySeconds: 20 } })
    await pass(60)
    expect(purge).toHaveBeenCalledTimes(3)
  })

  test('never, when maintenance is off or the service is closed', async () => {
    const { store, purge } = watchPurge()
    await startService({ store, clock, maintenance: false })
    const { service } = await startService({ store, clock, maintenance: { everySeconds: 20 } })
    await service.close()
    await pass(3600, 600)
    expect(purge).not.toHaveBeenCalled()
  })

  test('STO-69 a purge that fails is reported and tried again in the next period', async () => {
    const { store, purge } = watchPurge()
    purge.mockImplementationOnce(() => Promise.reject(new Error('down')))
    const { errors } = await startService({ store, clock, maintenance: { everySeconds: 60 } })
    await pass(60)
    expect(errors.map(({ where }) => where)).toEqual(['store', 'maintenance'])
    await pass(60)
    expect(purge).toHaveBeenCalledTimes(2)
    expect(errors).toHaveLength(2)
  })

  test('a process that does not purge forgets what it holds all the same', async () => {
    const store = createMemoryStore()
    const options: Partial<TokenServiceOptions> = {
      store,
      maintenance: { everySeconds: 60 },
      revocation: { mode: 'bounded', maxStalenessMs: 3_600_000 },
    }
    const first = await startService({ ...options, clock })
    const second = await startService({ ...options, clock })
    const { record, token } = await first.service.issue({ expiresIn: 30 })
    await second.service.revoke('default', record.id)
    expect(await authorizeOutcome(second.service, token)).toBe('token_revoked')
    await pass(2 * 3600, 60)
    // Set back, so that the text is good again: neither holds it any more.
    clock.set(record.createdAt)
    expect(await authorizeOutcome(first.service, token)).toBe('allowed')
    expect(await authorizeOutcome(second.service, token)).toBe('allowed')
  })
})

describe('retention', () => {
  test('expired and revoked tokens stay listed for so long', async () => {
    const { service } = await startService({ clock, retentionSeconds: 100 })
    const expired = await service.issue({ expiresIn: 10 })
    const revoked = await service.issue({ expiresIn: '1 day' })
    const active = await service.issue({ expiresIn: '1 day' })
    clock.advance(10)
    await service.revoke('default', revoked.record.id)
    clock.advance(100)
    expect(await service.purge()).toBe(0)
    expect((await service.list({ project: 'default' })).tokens).toHaveLength(3)
    clock.advance(0.001)
    expect(await service.purge()).toBe(2)
    expect((await service.list({ project: 'default' })).tokens.map(({ id }) => id)).toEqual([
      active.record.id,
    ])
    expect(await authorizeOutcome(service, expired.token)).toBe('token_expired')
    expect(await authorizeOutcome(service, revoked.token)).toBe('token_unknown')
  })

  test('30 days when nothing is said, for ever when it is null', async () => {
    const month = 30 * 86_400
    const { service } = await startService({ clock })
    const forever = await startService({ clock, retentionSeconds: null })
    for (const started of [service, forever.service]) await started.issue({ expiresIn: 10 })
    clock.advance(10 + month)
    expect(await service.purge()).toBe(0)
    clock.advance(1)
    expect(await service.purge()).toBe(1)
    clock.set('9999-01-01T00:00:00Z')
    expect(await forever.service.purge()).toBe(0)
    expect((await forever.service.list({ project: 'default', status: 'expired' })).tokens).toHaveLength(1)
  })

  test('usage is kept for ever, or for so many days', async () => {
    const used = {
      project: 'default',
      application: 'ci',
      subject: 'ann',
      tokenId: 't1',
      calls: 1,
      credits: 0,
    }
    const days = { project: 'default', from: '2026-11-01', to: '2026-11-30', by: 'token' } as const
    for (const [usageRetentionSeconds, kept] of [
      [undefined, 3],
      [null, 3],
      [7 * 86_400, 2],
      [86_400, 1],
    ] as const) {
      const store = createMemoryStore()
      // The clock says 2026-11-21.
      for (const day of ['2026-11-13', '2026-11-14', '2026-11-20']) store.addUsage([{ ...used, day }])
      const options = usageRetentionSeconds === undefined ? {} : { usageRetentionSeconds }
      const { service } = await startService({ store, clock, ...options })
      expect(await service.purge()).toBe(0)
      expect(await service.usage(days)).toEqual([{ key: 't1', calls: kept, credits: 0 }])
    }
  })

  test('usage is looked at once a day, and again after a purge that failed', async () => {
    const { store, purge } = watchPurge()
    const { service } = await startService({ store, clock, usageRetentionSeconds: 86_400 })
    purge.mockImplementationOnce(() => {
      throw new Error('the disk is full')
    })
    await expect(service.purge()).rejects.toThrow()
    for (let n = 0; n < 2; n++) await service.purge()
    clock.advance(86_400)
    await service.purge()
    expect(purge.mock.calls.map(([{ usageBefore }]) => usageBefore)).toEqual([
      '2026-11-20',
      '2026-11-20',
      null,
      '2026-11-21',
    ])
  })

  test('a purge has no time limit: a store may have millions to remove', async () => {
    const { store, purge } = watchPurge()
    purge.mockImplementationOnce(() => new Promise((resolve) => setTimeout(() => resolve(7), 60_000)))
    const { service } = await startService({ store, clock })
    const removed = service.purge()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(await removed).toBe(7)
  })
})

test('a reload of the keys that fails in the background is reported', async () => {
  const store = createMemoryStore()
  const keys = vi.fn(store.keys)
  const { errors } = await startService({ store: { ...store, keys }, clock })
  keys.mockImplementationOnce(() => Promise.reject(new Error('down')))
  await pass(60)
  expect(errors.map(({ where }) => where)).toEqual(['store', 'key ring'])
})
