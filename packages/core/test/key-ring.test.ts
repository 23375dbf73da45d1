import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ConfigurationError, createMemoryStore, type StoredKey, type TokenStore } from '../src/index.ts'
import { createClock } from './clock.ts'
import { Deferred, never } from './deferred.ts'
import { createDialectProfile } from './dialect-profile.ts'
import { createForger, readHeader } from './forge-token.ts'
import { authorizeOutcome, OTHER_SECRET, SECRET, startService } from './start-service.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] })
})

afterEach(() => {
  vi.useRealTimers()
})

/** A memory store whose answers take a turn of the event loop each, as those of a database. */
function createSlowStore(): TokenStore {
  const store = createMemoryStore()
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  return {
    ...store,
    async keys() {
      await turn()
      return store.keys()
    },
    async insertKey(key) {
      await turn()
      return store.insertKey(key)
    },
  }
}

describe('the first key', () => {
  test('three services at once on one empty store get one key', async () => {
    const store = createSlowStore()
    const services = await Promise.all([1, 2, 3].map(() => startService({ store })))
    expect(await store.keys()).toHaveLength(1)
    for (const { service } of services) {
      const { token } = await service.issue({})
      for (const other of services) expect(await authorizeOutcome(other.service, token)).toBe('allowed')
    }
  })

  test('of another project and profile is made when it is needed, once for many at once', async () => {
    const store = createSlowStore()
    const { service } = await startService({ store })
    const vendor = createDialectProfile('vendor', 'HS256')
    const issued = await Promise.all(
      Array.from({ length: 5 }, () => service.issue({ project: 'new', profile: vendor })),
    )
    expect(new Set(issued.map(({ token }) => readHeader(token).kid)).size).toBe(1)
    expect((await store.keys()).map(({ project, profile, version }) => [project, profile, version])).toEqual([
      ['default', 'native', 1],
      ['new', 'vendor', 1],
    ])
  })

  test('SEC-90 of two services with different secrets on an empty store one starts', async () => {
    const store = createSlowStore()
    const starts = await Promise.allSettled([
      startService({ store, keys: { masterSecret: SECRET } }),
      startService({ store, keys: { masterSecret: OTHER_SECRET } }),
    ])
    expect(starts.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(await store.keys()).toHaveLength(1)
    expect(starts.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { name: 'ConfigurationError' },
    })
  })

  test('a profile whose name could be another one is refused', async () => {
    const { service } = await startService()
    for (const name of ['', 'A', 'a b', 'a\nb', 'a'.repeat(65)]) {
      await expect(service.issue({ profile: createDialectProfile(name, 'HS256') })).rejects.toThrow(
        'the name of a profile',
      )
    }
  })

  test('a profile that changes its algorithm is refused: its key is for the old one', async () => {
    const { service } = await startService()
    await service.issue({ profile: createDialectProfile('vendor', 'HS256') })
    await expect(service.issue({ profile: createDialectProfile('vendor', 'ES256') })).rejects.toBeInstanceOf(
      ConfigurationError,
    )
  })
})

describe('the master secret', () => {
  /** A store with a key, and everything that is written into its keys from now on. */
  async function openWatchedStore() {
    const store = createMemoryStore()
    const { service, clock } = await startService({ store })
    const { token } = await service.issue({})
    const insertKey = vi.fn(store.insertKey)
    const resealKey = vi.fn(store.resealKey)
    return { store, watched: { ...store, insertKey, resealKey }, insertKey, resealKey, token, clock }
  }

  test('SEC-91 a wrong one refuses to start and writes nothing', async () => {
    const { watched, insertKey, resealKey, store } = await openWatchedStore()
    const before = await store.keys()
    await expect(startService({ store: watched, keys: { masterSecret: OTHER_SECRET } })).rejects.toThrow(
      'keys.masterSecret does not open the keys in this store',
    )
    expect(insertKey).not.toHaveBeenCalled()
    expect(resealKey).not.toHaveBeenCalled()
    expect(await store.keys()).toEqual(before)
  })

  test('a new one with the previous one reseals, then opens alone', async () => {
    const { store, watched, resealKey, token, clock } = await openWatchedStore()
    const changing = await startService({
      store: watched,
      clock,
      keys: { masterSecret: [OTHER_SECRET, SECRET] },
    })
    expect(resealKey).toHaveBeenCalledOnce()
    expect(await authorizeOutcome(changing.service, token)).toBe('allowed')
    const changed = await startService({ store, clock, keys: { masterSecret: OTHER_SECRET } })
    expect(await authorizeOutcome(changed.service, token)).toBe('allowed')
    await expect(startService({ store, keys: { masterSecret: SECRET } })).rejects.toThrow()
    await startService({ store: watched, keys: { masterSecret: [OTHER_SECRET, SECRET] } })
    expect(resealKey).toHaveBeenCalledOnce()
  })

  test('SEC-92 where one key of several does not open, none is sealed anew', async () => {
    const { store, watched, resealKey } = await openWatchedStore()
    const foreign = createMemoryStore()
    const third = Buffer.alloc(32, 9).toString('base64url')
    const other = await startService({ store: foreign, keys: { masterSecret: third } })
    await other.service.issue({ project: 'other' })
    for (const key of await foreign.keys()) if (key.project === 'other') await store.insertKey(key)
    await expect(
      startService({ store: watched, keys: { masterSecret: [OTHER_SECRET, SECRET] } }),
    ).rejects.toThrow()
    expect(resealKey).not.toHaveBeenCalled()
  })

  test('a key that cannot be sealed anew still verifies', async () => {
    const { watched, token, clock } = await openWatchedStore()
    const resealKey = (): never => {
      throw new Error('read-only')
    }
    const { service, errors } = await startService({
      store: { ...watched, resealKey },
      clock,
      keys: { masterSecret: [OTHER_SECRET, SECRET] },
    })
    expect(await authorizeOutcome(service, token)).toBe('allowed')
    expect(errors.map(({ where }) => where)).toEqual(['store', 'key ring'])
  })

  test('SEC-93 a stored key that was moved to another project refuses to start', async () => {
    const { store } = await openWatchedStore()
    const moved = async (): Promise<StoredKey[]> =>
      (await store.keys()).map((key) => ({ ...key, project: 'victim' }))
    await expect(startService({ store: { ...store, keys: moved } })).rejects.toThrow(
      'it was sealed for another place',
    )
  })

  test('a store that cannot be read at the start says so itself', async () => {
    const store = createMemoryStore()
    const keys = () => Promise.reject(new Error('no such table'))
    await expect(startService({ store: { ...store, keys } })).rejects.toThrow('no such table')
  })
})

describe('rotation', () => {
  test('a new key signs after the publish delay; the old one goes on verifying', async () => {
    const { service, store, clock } = await startService()
    const before = await service.issue({ expiresIn: '1 day' })
    const { keyId } = await service.rotateKeys()
    expect((await service.jwks()).keys.map(({ kid }) => kid)).toEqual([readHeader(before.token).kid, keyId])
    const during = await service.issue({ expiresIn: '1 day' })
    expect(readHeader(during.token).kid).toBe(readHeader(before.token).kid)
    clock.advance(599)
    expect(readHeader((await service.issue({})).token).kid).not.toBe(keyId)
    clock.advance(1)
    const after = await service.issue({ expiresIn: '1 day' })
    expect(readHeader(after.token).kid).toBe(keyId)
    const restarted = await startService({ store, clock })
    for (const { token } of [before, during, after]) {
      expect(await authorizeOutcome(service, token)).toBe('allowed')
      expect(await authorizeOutcome(restarted.service, token)).toBe('allowed')
    }
  })

  test('two at once make one new key, in one process and in two', async () => {
    const store = createSlowStore()
    const [a, b] = await Promise.all([startService({ store }), startService({ store })])
    const keys = await Promise.all([a.service.rotateKeys(), a.service.rotateKeys(), b.service.rotateKeys()])
    expect(new Set(keys.map(({ keyId }) => keyId)).size).toBe(1)
    expect((await store.keys()).map(({ version }) => version)).toEqual([1, 2])
  })

  test('of a project without a key makes its first, which signs at once', async () => {
    const { service } = await startService()
    const vendor = createDialectProfile('vendor', 'HS256')
    const { keyId } = await service.rotateKeys({ project: 'new', profile: vendor })
    expect(readHeader((await service.issue({ project: 'new', profile: vendor })).token).kid).toBe(keyId)
    await expect(service.rotateKeys({ project: 'a\nb' })).rejects.toMatchObject({ field: 'project' })
  })

  test('the first key signs also where the clock of its maker was ahead', async () => {
    const ahead = createClock()
    ahead.advance(3600)
    const { store } = await startService({ clock: ahead })
    const insertKey = vi.fn(store.insertKey)
    const { service } = await startService({ store: { ...store, insertKey } })
    await service.issue({})
    expect(insertKey).not.toHaveBeenCalled()
  })

  test('a key is removed a day after it was replaced, when no stored token needs it', async () => {
    const { service, store, clock } = await startService({ retentionSeconds: 0 })
    const { token } = await service.issue({ expiresIn: '2 days' })
    await service.rotateKeys()
    clock.advance(600)
    await service.issue({ expiresIn: '9 days' })
    clock.advance(86_401)
    await service.purge()
    expect(await store.keys()).toHaveLength(2)
    expect(await authorizeOutcome(service, token)).toBe('allowed')
    clock.advance(86_400)
    await service.purge()
    expect((await store.keys()).map(({ version }) => version)).toEqual([2])
    const gone = authorizeOutcome(service, token)
    await vi.advanceTimersByTimeAsync(1000)
    expect(await gone).toBe('key_unknown')
  })

  test('another process made a key that does not open here: nothing is put over it', async () => {
    const store = createMemoryStore()
    const { service, errors } = await startService({ store })
    const [key] = await store.keys()
    if (key === undefined) throw new Error('no key')
    await store.insertKey({ ...key, id: 'foreign', version: 2 })
    await expect(service.rotateKeys()).rejects.toThrow('another process made a key')
    expect(errors.length).toBeGreaterThan(0)
    expect((await service.jwks()).keys).toHaveLength(1)
  })
})

describe('a kid that is not loaded', () => {
  /** A service that has not seen the key of a token yet, and how often it reads the keys. */
  async function openStale() {
    const store = createMemoryStore()
    const keys = vi.fn(store.keys)
    const stale = await startService({ store: { ...store, keys } })
    const other = await startService({ store })
    const { token } = await other.service.issue({ project: 'new' })
    keys.mockClear()
    return { ...stale, keys, token, other, memory: store }
  }

  test('is looked for in the store', async () => {
    const { service, token } = await openStale()
    const decision = authorizeOutcome(service, token)
    await vi.advanceTimersByTimeAsync(1000)
    expect(await decision).toBe('allowed')
    expect(service.authorize(token, { address: null, target: null, method: null })).toMatchObject({
      allowed: true,
    })
  })

  test('STO-64 a flood of unknown kids reads the store once a second, and all wait for the same answer', async () => {
    const { service, keys, token, memory } = await openStale()
    const forger = await createForger(memory)
    keys.mockClear()
    const bogus = Array.from({ length: 100 }, (_, n) => forger.forge({}, { ...forger.header, kid: `k${n}` }))
    const decisions = [...bogus, token].map((text) => authorizeOutcome(service, text))
    await vi.advanceTimersByTimeAsync(1000)
    const outcomes = await Promise.all(decisions)
    expect(outcomes.at(-1)).toBe('allowed')
    expect(outcomes.filter((outcome) => outcome === 'key_unknown')).toHaveLength(100)
    expect(keys).toHaveBeenCalledTimes(1)
    const more = [...bogus, ...bogus].map((text) => authorizeOutcome(service, text))
    await vi.advanceTimersByTimeAsync(999)
    expect(keys).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(new Set(await Promise.all(more))).toEqual(new Set(['key_unknown']))
    expect(keys).toHaveBeenCalledTimes(2)
  })

  test('who asks while the keys are being read is answered by the next reading', async () => {
    const { service, keys, other, memory } = await openStale()
    const before = await memory.keys()
    const reading = new Deferred<readonly StoredKey[]>()
    keys.mockImplementationOnce(() => reading.promise)
    const bogus = (await createForger(memory)).forge({}, { alg: 'EdDSA', kid: 'nobody' })
    const first = authorizeOutcome(service, bogus)
    await vi.advanceTimersByTimeAsync(1000)
    // The store has answered in its mind, before this key was made.
    const { token } = await other.service.issue({ project: 'newer' })
    const second = authorizeOutcome(service, token)
    reading.resolve(before)
    await vi.advanceTimersByTimeAsync(1000)
    expect(await first).toBe('key_unknown')
    expect(await second).toBe('allowed')
  })

  test('a key that is made while the keys are being read is not lost to an older answer', async () => {
    const { service, keys, memory } = await openStale()
    const before = await memory.keys()
    const reading = new Deferred<readonly StoredKey[]>()
    keys.mockImplementationOnce(() => reading.promise)
    const bogus = (await createForger(memory)).forge({}, { alg: 'EdDSA', kid: 'nobody' })
    const refused = authorizeOutcome(service, bogus)
    await vi.advanceTimersByTimeAsync(1000)
    const issued = service.issue({ project: 'newest' })
    while ((await memory.keys()).length === before.length)
      await new Promise((resolve) => setImmediate(resolve))
    reading.resolve(before)
    const { token } = await issued
    expect(await refused).toBe('key_unknown')
    const request = { address: null, target: null, method: null }
    expect(service.authorize(token, request)).toMatchObject({ allowed: true })
  })

  test.each([
    ['STO-65', 'hangs', () => never<readonly StoredKey[]>()],
    ['STO-66', 'rejects', () => Promise.reject<readonly StoredKey[]>(new Error('down'))],
  ])('%s is refused with 503 when the store %s, and found when it is back', async (_id, _what, fault) => {
    const { service, keys, token } = await openStale()
    keys.mockImplementationOnce(fault)
    const refused = authorizeOutcome(service, token)
    await vi.advanceTimersByTimeAsync(3000)
    expect(await refused).toBe('store_unavailable')
    const found = authorizeOutcome(service, token)
    await vi.advanceTimersByTimeAsync(1000)
    expect(await found).toBe('allowed')
  })

  test('the wait for its turn is not held against the store', async () => {
    const store = createMemoryStore()
    const { service, errors } = await startService({ store, storeTimeoutMs: 10 })
    const { token } = await (await startService({ store })).service.issue({ project: 'new' })
    const decision = authorizeOutcome(service, token)
    await vi.advanceTimersByTimeAsync(1000)
    expect(await decision).toBe('allowed')
    expect(errors).toEqual([])
  })

  test('the ring is read again every minute by itself', async () => {
    const { service, keys } = await openStale()
    for (const minute of [1, 2, 3]) {
      await vi.advanceTimersByTimeAsync(60_000)
      // The reading before may still be opening its keys, which takes real time.
      while (keys.mock.calls.length < minute) await new Promise((resolve) => setImmediate(resolve))
      expect(keys).toHaveBeenCalledTimes(minute)
    }
    await service.close()
    await vi.advanceTimersByTimeAsync(600_000)
    expect(keys).toHaveBeenCalledTimes(3)
  })
})
