import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  createMemoryStore,
  type RevocationPage,
  type TokenServiceOptions,
  type TokenStore,
} from '../src/index.ts'
import { type Clock, createClock } from './clock.ts'
import { Deferred, never } from './deferred.ts'
import { authorizeOutcome, startService, verifyOutcome } from './start-service.ts'

const MAX_STALENESS_MS = 400
/** A feed is read four times within its bound. */
const POLL_MS = MAX_STALENESS_MS / 4
const BOUNDED: Partial<TokenServiceOptions> = {
  revocation: { mode: 'bounded', maxStalenessMs: MAX_STALENESS_MS },
  storeTimeoutMs: 50,
}

let clock: Clock

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  clock = createClock()
})

afterEach(() => {
  vi.useRealTimers()
})

const openBounded = (store: TokenStore) => startService({ ...BOUNDED, store, clock })

test('no store call for a token without credits, one for a metered token', async () => {
  const store = createMemoryStore()
  const find = vi.fn(store.find)
  const { service } = await openBounded({ ...store, find })
  const free = await service.issue({})
  const metered = await service.issue({ credits: 1 })
  const decision = service.authorize(free.token, { address: null, target: null, method: null, cost: 1 })
  expect(decision).toMatchObject({ allowed: true, record: null, spend: null })
  expect(find).not.toHaveBeenCalled()
  expect(await authorizeOutcome(service, metered.token, { cost: 1 })).toBe('allowed')
  expect(await authorizeOutcome(service, metered.token, { cost: 1 })).toBe('credits_exhausted')
  expect(find).toHaveBeenCalledTimes(2)
})

test('a token that draws from a pool is metered', async () => {
  const { service } = await openBounded(createMemoryStore())
  await service.createPool('default', 'team', 1)
  const { token } = await service.issue({ pool: 'team' })
  expect(await authorizeOutcome(service, token, { cost: 1 })).toBe('allowed')
  expect(await authorizeOutcome(service, token, { cost: 1 })).toBe('credits_exhausted')
})

describe('a revocation', () => {
  test('holds here at once and elsewhere after the next poll', async () => {
    const store = createMemoryStore()
    const here = await openBounded(store)
    const there = await openBounded(store)
    const { token, record } = await here.service.issue({})
    expect(await authorizeOutcome(there.service, token)).toBe('allowed')
    await here.service.revoke('default', record.id)
    expect(await authorizeOutcome(here.service, token)).toBe('token_revoked')
    expect(await verifyOutcome(there.service, token)).toBe('token_revoked')
    await vi.advanceTimersByTimeAsync(POLL_MS)
    expect(await authorizeOutcome(there.service, token)).toBe('token_revoked')
  })

  test('of a subject or a project holds here before it is acknowledged', async () => {
    const { service } = await openBounded(createMemoryStore())
    const ada = await service.issue({ subject: 'ada' })
    const bob = await service.issue({ subject: 'bob' })
    expect(await service.revokeAll({ project: 'default', subject: 'ada' })).toBe(1)
    expect(await authorizeOutcome(service, ada.token)).toBe('token_revoked')
    expect(await authorizeOutcome(service, bob.token)).toBe('allowed')
    expect(await service.revokeProject('default')).toBe(1)
    expect(await authorizeOutcome(service, bob.token)).toBe('token_revoked')
  })

  test('STO-52 holds although the clock of the process that revoked is ahead of this one', async () => {
    const store = createMemoryStore()
    const here = await openBounded(store)
    const ahead = createClock()
    ahead.advance(3600)
    const there = await startService({ ...BOUNDED, store, clock: ahead })
    const { token, record } = await here.service.issue({ expiresIn: 86_400 })
    await there.service.revoke('default', record.id)
    await vi.advanceTimersByTimeAsync(POLL_MS)
    expect(await authorizeOutcome(here.service, token)).toBe('token_revoked')
  })

  test('is known to a service that starts later, page by page', async () => {
    const store = createMemoryStore()
    const first = await openBounded(store)
    const issued = await first.service.issueMany(Array.from({ length: 7 }, () => ({})))
    await first.service.revokeProject('default')
    const pages = vi.fn((cursor: string | null, limit: number) =>
      store.revokedSince(cursor, Math.min(limit, 3)),
    )
    const late = await openBounded({ ...store, revokedSince: pages })
    for (const { token } of issued) expect(await authorizeOutcome(late.service, token)).toBe('token_revoked')
    expect(pages).toHaveBeenCalledTimes(3)
  })

  test('is read in steps, between which others have their turn', async () => {
    const store = createMemoryStore()
    const { service } = await startService({ store, clock })
    await service.issueMany(Array.from({ length: 1000 }, () => ({ subject: 'ada' })))
    await service.issueMany([{ subject: 'ada' }])
    await service.revokeAll({ project: 'default', subject: 'ada' })
    const turns: string[] = []
    const revokedSince = vi.fn((cursor: string | null, limit: number) => {
      turns.push('page')
      setImmediate(() => turns.push('other'))
      return store.revokedSince(cursor, limit)
    })
    await openBounded({ ...store, revokedSince })
    expect(turns.slice(0, 3)).toEqual(['page', 'other', 'page'])
  })

  test('of a token that was purged before its text expired stays in force', async () => {
    const store = createMemoryStore()
    const { service } = await startService({ ...BOUNDED, store, clock, retentionSeconds: 0 })
    const { token, record } = await service.issue({ expiresIn: '2 weeks' })
    await service.revoke('default', record.id)
    clock.advance(86_400)
    expect(await service.purge()).toBe(1)
    expect(await service.get('default', record.id)).toBeNull()
    expect(await authorizeOutcome(service, token)).toBe('token_revoked')
    const restarted = await openBounded(store)
    expect(await authorizeOutcome(restarted.service, token)).toBe('token_revoked')
    const strict = await startService({ store, clock })
    expect(await authorizeOutcome(strict.service, token)).toBe('token_unknown')
  })

  test('is forgotten when no tolerance can make the text valid again', async () => {
    const store = createMemoryStore()
    const { service } = await openBounded(store)
    const { token, record } = await service.issue({ expiresIn: 60 })
    await service.revoke('default', record.id)
    clock.advance(60 + 3600)
    await service.purge()
    expect(await store.revokedSince(null, 10)).toMatchObject({ entries: [{ id: record.id }] })
    clock.advance(1)
    await service.purge()
    expect(await store.revokedSince(null, 10)).toMatchObject({ entries: [] })
    expect(await authorizeOutcome(service, token)).toBe('token_expired')
  })
})

describe('an expiry that was moved earlier', () => {
  test('travels, and takes effect when its time has come', async () => {
    const store = createMemoryStore()
    const here = await openBounded(store)
    const there = await openBounded(store)
    const { token, record } = await here.service.issue({ expiresIn: 3600 })
    await here.service.update('default', record.id, { expiresAt: new Date(clock.now().getTime() + 60_000) })
    await vi.advanceTimersByTimeAsync(POLL_MS)
    clock.advance(59)
    for (const { service } of [here, there]) expect(await authorizeOutcome(service, token)).toBe('allowed')
    clock.advance(1)
    for (const { service } of [here, there])
      expect(await authorizeOutcome(service, token)).toBe('token_expired')
  })

  test('the earlier of two holds, and a revocation outdoes both', async () => {
    const { service } = await openBounded(createMemoryStore())
    const { token, record } = await service.issue({ expiresIn: 3600 })
    const at = (seconds: number): Date => new Date(clock.now().getTime() + seconds * 1000)
    await service.update('default', record.id, { expiresAt: at(100) })
    await service.update('default', record.id, { expiresAt: at(50) })
    clock.advance(49)
    expect(await authorizeOutcome(service, token)).toBe('allowed')
    await service.revoke('default', record.id)
    expect(await authorizeOutcome(service, token)).toBe('token_revoked')
    await vi.advanceTimersByTimeAsync(POLL_MS)
    expect(await authorizeOutcome(service, token)).toBe('token_revoked')
  })

  test('that is read after a later revocation does not undo it', async () => {
    const store = createMemoryStore()
    let reading = (cursor: string | null): RevocationPage | Promise<RevocationPage> =>
      store.revokedSince(cursor, 1)
    const { service } = await openBounded({ ...store, revokedSince: (cursor) => reading(cursor) })
    const { token, record } = await service.issue({ expiresIn: 3600 })
    await service.update('default', record.id, { expiresAt: new Date(clock.now().getTime() + 60_000) })
    await service.revoke('default', record.id)
    // The feed gives the older entry and hangs over the newer one.
    reading = (cursor) => (cursor === '0' ? store.revokedSince(cursor, 1) : never())
    await vi.advanceTimersByTimeAsync(POLL_MS)
    expect(await authorizeOutcome(service, token)).toBe('token_revoked')
  })

  test('of a token that never expired by itself', async () => {
    const { service } = await startService({ ...BOUNDED, clock, limits: { allowNoExpiry: true } })
    const { token, record } = await service.issue({ expiresAt: null })
    clock.advance(1e9)
    expect(await authorizeOutcome(service, token)).toBe('allowed')
    await service.update('default', record.id, { expiresAt: clock.now() })
    await service.purge()
    expect(await authorizeOutcome(service, token)).toBe('token_expired')
  })
})

describe('a feed that cannot be read', () => {
  /** A store whose feed answers as the test says. */
  function createBreakableStore(): {
    store: TokenStore
    breakFeed(how: TokenStore['revokedSince'] | null): void
  } {
    const store = createMemoryStore()
    let broken: TokenStore['revokedSince'] | null = null
    return {
      store: { ...store, revokedSince: (...args) => (broken ?? store.revokedSince)(...args) },
      breakFeed(how) {
        broken = how
      },
    }
  }

  const faults: [id: string, what: string, how: TokenStore['revokedSince']][] = [
    ['STO-53', 'hangs', () => never()],
    ['STO-54', 'rejects', () => Promise.reject(new Error('down'))],
    [
      'STO-55',
      'throws',
      () => {
        throw new Error('down')
      },
    ],
  ]

  test.each(faults)(
    '%s refuses everything once it is too old, whatever the clock says: it %s',
    async (_id, _what, how) => {
      const { store, breakFeed } = createBreakableStore()
      const { service } = await openBounded(store)
      const { token } = await service.issue({})
      breakFeed(how)
      await vi.advanceTimersByTimeAsync(MAX_STALENESS_MS)
      expect(await authorizeOutcome(service, token)).toBe('allowed')
      clock.set('2020-01-01T00:00:00Z')
      clock.set('2026-11-21T12:00:01Z')
      await vi.advanceTimersByTimeAsync(1)
      expect(await authorizeOutcome(service, token)).toBe('revocation_stale')
      // It asks the store itself, so it can still say.
      expect(await verifyOutcome(service, token)).toBe('allowed')
      breakFeed(null)
      await vi.advanceTimersByTimeAsync(50 + POLL_MS)
      expect(await authorizeOutcome(service, token)).toBe('allowed')
    },
  )

  test('STO-56 a service is not ready before the first full load', async () => {
    const { store, breakFeed } = createBreakableStore()
    const first = await openBounded(store)
    const { token, record } = await first.service.issue({})
    await first.service.revoke('default', record.id)
    breakFeed(() => Promise.reject(new Error('down')))
    const late = await openBounded(store)
    expect(await authorizeOutcome(late.service, token)).toBe('revocation_stale')
    breakFeed(null)
    await vi.advanceTimersByTimeAsync(POLL_MS)
    expect(await authorizeOutcome(late.service, token)).toBe('token_revoked')
  })

  test('STO-57 its age counts from the start of the poll, not from its slow answer', async () => {
    const { store, breakFeed } = createBreakableStore()
    const { service } = await startService({ ...BOUNDED, store, clock, storeTimeoutMs: 5000 })
    const { token } = await service.issue({})
    const slow = new Deferred<RevocationPage>()
    breakFeed(() => slow.promise)
    // The poll starts now and is answered late.
    await vi.advanceTimersByTimeAsync(POLL_MS)
    breakFeed(() => never())
    await vi.advanceTimersByTimeAsync(MAX_STALENESS_MS - 1)
    expect(await authorizeOutcome(service, token)).toBe('revocation_stale')
    slow.resolve(await Promise.resolve(createMemoryStore().revokedSince(null, 1)))
    await vi.advanceTimersByTimeAsync(1)
    expect(await authorizeOutcome(service, token)).toBe('allowed')
    await vi.advanceTimersByTimeAsync(1)
    expect(await authorizeOutcome(service, token)).toBe('revocation_stale')
  })

  test('refusals of other kinds come first', async () => {
    const { store, breakFeed } = createBreakableStore()
    const { service } = await openBounded(store)
    const { token } = await service.issue({ scope: ['a'], expiresIn: 60 })
    breakFeed(() => never())
    await vi.advanceTimersByTimeAsync(MAX_STALENESS_MS + 1)
    expect(await authorizeOutcome(service, token, { scope: ['b'] })).toBe('scope_denied')
    clock.advance(60)
    expect(await authorizeOutcome(service, token)).toBe('token_expired')
  })

  test('revoking many is not acknowledged before this process knows of it', async () => {
    const { store, breakFeed } = createBreakableStore()
    const { service } = await openBounded(store)
    await service.issue({})
    breakFeed(() => Promise.reject(new Error('down')))
    await expect(service.revokeProject('default')).rejects.toMatchObject({ code: 'store_unavailable' })
  })

  test('close stops the polling', async () => {
    const store = createMemoryStore()
    const revokedSince = vi.fn(store.revokedSince)
    const { service } = await openBounded({ ...store, revokedSince })
    await service.close()
    const calls = revokedSince.mock.calls.length
    await vi.advanceTimersByTimeAsync(10 * MAX_STALENESS_MS)
    expect(revokedSince).toHaveBeenCalledTimes(calls)
    expect(vi.getTimerCount()).toBe(0)
  })
})
