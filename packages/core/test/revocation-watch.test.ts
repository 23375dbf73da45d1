import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createMemoryStore, type TokenStore } from '../src/index.ts'
import { createClock } from './clock.ts'
import { never } from './deferred.ts'
import { authorizeOutcome, startService } from './start-service.ts'

const MAX_STALENESS_MS = 10_000
const POLL_MS = MAX_STALENESS_MS / 4
/** Longer than changes are gathered for, far shorter than a poll. */
const SOON_MS = 10

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A memory store that pushes when the test says so. */
function createPushingStore() {
  const memory = createMemoryStore()
  const watchers = new Set<() => void>()
  const revokedSince = vi.fn(memory.revokedSince)
  const store: TokenStore = {
    ...memory,
    revokedSince,
    watchRevocations(onChange) {
      watchers.add(onChange)
      return () => void watchers.delete(onChange)
    },
  }
  const tell = (): void => {
    for (const onChange of watchers) onChange()
  }
  return { store, revokedSince, watchers, tell }
}

const openBounded = (store: TokenStore) =>
  startService({
    store,
    clock: createClock(),
    revocation: { mode: 'bounded', maxStalenessMs: MAX_STALENESS_MS },
    storeTimeoutMs: 50,
  })

test('a change that the store tells of is read long before the next poll', async () => {
  const { store, tell } = createPushingStore()
  const [here, there] = [await openBounded(store), await openBounded(store)]
  const { token, record } = await here.service.issue({})
  await here.service.revoke('default', record.id)
  expect(await authorizeOutcome(there.service, token)).toBe('allowed')
  tell()
  await vi.advanceTimersByTimeAsync(SOON_MS)
  expect(await authorizeOutcome(there.service, token)).toBe('token_revoked')
})

test('many changes at once cost one poll, and polling goes on at its pace', async () => {
  const { store, revokedSince, tell } = createPushingStore()
  await openBounded(store)
  revokedSince.mockClear()
  for (let index = 0; index < 100; index += 1) tell()
  await vi.advanceTimersByTimeAsync(SOON_MS)
  expect(revokedSince).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(POLL_MS)
  expect(revokedSince).toHaveBeenCalledTimes(2)
  expect(vi.getTimerCount()).toBe(1)
})

test('a change during a poll is read by one more', async () => {
  const { store, revokedSince, tell } = createPushingStore()
  await openBounded(store)
  revokedSince.mockClear()
  revokedSince.mockImplementationOnce((cursor, limit) => {
    tell()
    tell()
    return createMemoryStore().revokedSince(cursor, limit)
  })
  await vi.advanceTimersByTimeAsync(POLL_MS)
  expect(revokedSince).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(SOON_MS)
  expect(revokedSince).toHaveBeenCalledTimes(2)
  await vi.advanceTimersByTimeAsync(SOON_MS)
  expect(revokedSince).toHaveBeenCalledTimes(2)
})

test('being told is no substitute for reading: a feed that hangs grows too old', async () => {
  const { store, revokedSince, tell } = createPushingStore()
  const { service } = await openBounded(store)
  const { token } = await service.issue({})
  revokedSince.mockImplementation(() => never())
  for (let told = 0; told <= MAX_STALENESS_MS; told += 100) {
    tell()
    await vi.advanceTimersByTimeAsync(100)
  }
  expect(await authorizeOutcome(service, token)).toBe('revocation_stale')
})

test('close ends the watch, and what is told later starts nothing', async () => {
  const { store, watchers, tell } = createPushingStore()
  const { service } = await openBounded(store)
  expect(watchers.size).toBe(1)
  const [onChange] = watchers
  await service.close()
  expect(watchers.size).toBe(0)
  onChange?.()
  tell()
  expect(vi.getTimerCount()).toBe(0)
})
