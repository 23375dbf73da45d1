import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createActivity, type Used } from '../src/activity.ts'
import { createMemoryStore, type TokenStore } from '../src/index.ts'
import { toDay } from '../src/utc-day.ts'
import { Deferred, never } from './deferred.ts'
import { authorizeOutcome, REQUEST, startService } from './start-service.ts'

/** What is used is written every five seconds. */
const FLUSH_MS = 5000

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})

afterEach(() => {
  vi.useRealTimers()
})

describe('usage', () => {
  test('counts calls and credits by application, subject and token', async () => {
    const { service } = await startService()
    const metered = await service.issue({ subject: 'ada', application: 'cli', credits: 10 })
    const free = await service.issue({ subject: 'bob', application: 'cli' })
    await authorizeOutcome(service, metered.token, { cost: 3 })
    await authorizeOutcome(service, metered.token)
    await authorizeOutcome(service, free.token, { cost: 3 })
    const usage = (by?: 'application' | 'subject' | 'token', subject?: string) =>
      service.usage({ project: 'default', ...(by && { by }), ...(subject && { subject }) })
    expect(await usage()).toEqual([{ key: 'cli', calls: 3, credits: 3 }])
    expect(await usage('subject')).toEqual([
      { key: 'ada', calls: 2, credits: 3 },
      { key: 'bob', calls: 1, credits: 0 },
    ])
    expect(await usage('token', 'bob')).toEqual([{ key: free.record.id, calls: 1, credits: 0 }])
    expect(await service.usage({ project: 'other' })).toEqual([])
  })

  test('is counted by a clock that answers numbers, as one without types may', async () => {
    const { service } = await startService({ now: Date.now as unknown as () => Date })
    const { token } = await service.issue({})
    await authorizeOutcome(service, token)
    expect(await service.usage({ project: 'default' })).toMatchObject([{ calls: 1 }])
  })

  test('counts neither refusals nor looks', async () => {
    const { service } = await startService()
    const { token } = await service.issue({ credits: 1, scope: ['a'] })
    await authorizeOutcome(service, token, { scope: ['b'] })
    await authorizeOutcome(service, token, { cost: 2 })
    await service.verify(token)
    expect(await service.usage({ project: 'default' })).toEqual([])
  })

  test('is kept by UTC day; without days it is that of the last 30', async () => {
    const { service, clock } = await startService()
    const { token } = await service.issue({ expiresIn: '52 weeks' })
    clock.set('2026-11-21T23:59:59.999Z')
    await authorizeOutcome(service, token)
    clock.set('2026-11-22T00:00:00.000Z')
    await authorizeOutcome(service, token)
    await authorizeOutcome(service, token)
    const calls = async (from?: string, to?: string) =>
      (await service.usage({ project: 'default', ...(from && { from }), ...(to && { to }) }))[0]?.calls ?? 0
    expect(await calls('2026-11-21', '2026-11-21')).toBe(1)
    expect(await calls('2026-11-22', '2026-11-22')).toBe(2)
    expect(await calls()).toBe(3)
    clock.set('2026-12-20T12:00:00Z')
    expect(await calls()).toBe(3)
    clock.set('2026-12-21T12:00:00Z')
    expect(await calls()).toBe(2)
    expect(await calls('2026-11-21')).toBe(3)
  })

  test.each([
    [{ from: '2026-11-31' }, 'from'],
    [{ from: '2026-11-1' }, 'from'],
    [{ from: '2026-11-21T00:00:00Z' }, 'from'],
    [{ to: 'today' }, 'to'],
    [{ to: '' }, 'to'],
    [{ from: '2026-11-22', to: '2026-11-21' }, 'from'],
    [{ from: '2025-11-20', to: '2026-11-21' }, 'from'],
    [{ by: 'project' }, 'by'],
    [{ project: '' }, 'project'],
    [{ subject: '\u0000' }, 'subject'],
  ])('%j is refused', async (change, field) => {
    const { service } = await startService()
    await expect(
      Reflect.apply(service.usage, service, [{ project: 'default', ...change }]),
    ).rejects.toMatchObject({ code: 'invalid_request', field })
  })
})

describe('the writing', () => {
  function watch(store: TokenStore) {
    const addUsage = vi.fn(store.addUsage)
    const touch = vi.fn(store.touch)
    return { addUsage, touch, store: { ...store, addUsage, touch } }
  }

  test('happens off the path of the request, in one batch', async () => {
    const { addUsage, touch, store } = watch(createMemoryStore())
    const { service } = await startService({ store })
    const { token } = await service.issue({})
    const other = await service.issue({})
    for (let n = 0; n < 10; n++) await authorizeOutcome(service, token)
    await authorizeOutcome(service, other.token)
    expect(addUsage).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(FLUSH_MS)
    expect(addUsage.mock.calls).toMatchObject([[[{ calls: 10 }, { calls: 1 }]]])
    expect(touch).toHaveBeenCalledOnce()
    await vi.advanceTimersByTimeAsync(10 * FLUSH_MS)
    expect(addUsage).toHaveBeenCalledOnce()
  })

  test('sets lastUsedAt at most once a minute for each token', async () => {
    const { addUsage, touch, store } = watch(createMemoryStore())
    const { service, clock } = await startService({ store })
    const { token, record } = await service.issue({ expiresIn: '1 day' })
    const useAndFlush = async (): Promise<Date | null | undefined> => {
      await authorizeOutcome(service, token)
      await vi.advanceTimersByTimeAsync(FLUSH_MS)
      return (await service.get('default', record.id))?.lastUsedAt
    }
    const first = clock.now()
    expect(await useAndFlush()).toEqual(first)
    for (let seconds = 5; seconds < 60; seconds += 5) {
      clock.advance(5)
      expect(await useAndFlush()).toEqual(first)
    }
    expect(touch).toHaveBeenCalledOnce()
    clock.advance(5)
    expect(await useAndFlush()).toEqual(clock.now())
    expect(touch).toHaveBeenCalledTimes(2)
    expect(addUsage).toHaveBeenCalledTimes(13)
  })

  test('a touch that fails is made up for by the next use', async () => {
    const { touch, store } = watch(createMemoryStore())
    const { service, clock } = await startService({ store })
    const { token, record } = await service.issue({})
    touch.mockImplementationOnce(() => Promise.reject(new Error('down')))
    await authorizeOutcome(service, token)
    await vi.advanceTimersByTimeAsync(FLUSH_MS)
    clock.advance(1)
    await authorizeOutcome(service, token)
    await vi.advanceTimersByTimeAsync(FLUSH_MS)
    expect(await service.get('default', record.id)).toMatchObject({ lastUsedAt: clock.now() })
  })

  test('a token that is used on both sides of midnight is touched once', async () => {
    const { touch, addUsage, store } = watch(createMemoryStore())
    const { service } = await startService()
    const decision = await service.authorize((await service.issue({})).token, REQUEST)
    if (!decision.allowed) throw new Error(decision.code)
    const activity = createActivity(store, (call) => call())
    const used: Used = { token: decision.token, pendingUse: null }
    activity.note(used, 0, Date.parse('2026-11-21T23:59:59Z'))
    activity.note(used, 0, Date.parse('2026-11-22T00:00:01Z'))
    await activity.close()
    expect(addUsage.mock.calls).toMatchObject([[[{ day: '2026-11-21' }, { day: '2026-11-22' }]]])
    expect(touch.mock.calls).toMatchObject([[[{ id: used.token.id }]]])
  })

  test('of many tokens goes in steps, between which others have their turn', async () => {
    const memory = createMemoryStore()
    const { addUsage, touch, store } = watch(memory)
    const { service } = await startService({ store })
    const issued = await service.issueMany(Array.from({ length: 1000 }, () => ({})))
    const { token } = await service.issue({ application: 'last' })
    for (const each of [...issued, { token }]) await authorizeOutcome(service, each.token)
    let turns = 0
    const count = (): void => {
      turns += 1
      if (addUsage.mock.calls.length < 3) setImmediate(count)
    }
    setImmediate(count)
    addUsage
      .mockImplementationOnce(memory.addUsage)
      .mockImplementationOnce(() => Promise.reject(new Error('down')))
    await vi.advanceTimersByTimeAsync(FLUSH_MS)
    // Waits for that, and writes what is left.
    expect(await service.usage({ project: 'default' })).toMatchObject([{ calls: 1000 }, { calls: 1 }])
    expect(addUsage.mock.calls.map(([entries]) => entries.length)).toEqual([500, 500, 500, 1])
    expect(touch).toHaveBeenCalledTimes(3)
    expect(turns).toBeGreaterThan(1)
  })

  test('ends with close, whatever is let in after it', async () => {
    const { addUsage, store } = watch(createMemoryStore())
    const { service } = await startService({ store })
    const { token } = await service.issue({})
    await authorizeOutcome(service, token)
    await service.close()
    expect(await authorizeOutcome(service, token)).toBe('allowed')
    await vi.advanceTimersByTimeAsync(10 * FLUSH_MS)
    expect(addUsage).toHaveBeenCalledOnce()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('STO-68 counts survive a store that fails, and are added to what came meanwhile', async () => {
    const { addUsage, store } = watch(createMemoryStore())
    const { service, errors } = await startService({ store })
    const { token } = await service.issue({ credits: 100 })
    const other = await service.issue({ subject: 'other' })
    addUsage.mockImplementationOnce(() => Promise.reject(new Error('down')))
    await authorizeOutcome(service, token, { cost: 2 })
    await authorizeOutcome(service, other.token)
    await vi.advanceTimersByTimeAsync(FLUSH_MS)
    expect(errors).toMatchObject([{ where: 'store' }])
    await authorizeOutcome(service, token, { cost: 5 })
    await vi.advanceTimersByTimeAsync(FLUSH_MS)
    expect(addUsage).toHaveBeenCalledTimes(2)
    expect(await service.usage({ project: 'default', by: 'subject' })).toEqual([
      { key: 'default', calls: 2, credits: 7 },
      { key: 'other', calls: 1, credits: 0 },
    ])
  })

  test('STO-111 a count whose answer comes late is written once', async () => {
    const memory = createMemoryStore()
    const answers: Deferred<void>[] = []
    const addUsage = vi.fn<TokenStore['addUsage']>((entries) => {
      const answer = new Deferred<void>()
      answers.push(answer)
      return answer.promise.then(() => memory.addUsage(entries))
    })
    const { service, errors } = await startService({ store: { ...memory, addUsage }, storeTimeoutMs: 40 })
    const { token } = await service.issue({})
    const other = await service.issue({ subject: 'other' })
    await authorizeOutcome(service, token)
    await vi.advanceTimersByTimeAsync(FLUSH_MS + 40)
    expect(errors).toMatchObject([{ where: 'store' }])
    await authorizeOutcome(service, token)
    await authorizeOutcome(service, other.token)
    // It may be written yet: nothing is sent meanwhile, and whoever asks does not wait for ever.
    await vi.advanceTimersByTimeAsync(3 * (FLUSH_MS + 40))
    const asked = service.usage({ project: 'default' })
    await vi.advanceTimersByTimeAsync(40)
    expect(await asked).toEqual([])
    expect(addUsage).toHaveBeenCalledTimes(1)
    answers[0]?.resolve()
    await vi.advanceTimersByTimeAsync(FLUSH_MS)
    expect(addUsage).toHaveBeenCalledTimes(2)
    // This one fails late, and is sent again.
    await vi.advanceTimersByTimeAsync(40)
    answers[1]?.reject(new Error('down'))
    await vi.advanceTimersByTimeAsync(FLUSH_MS)
    expect(addUsage).toHaveBeenCalledTimes(3)
    answers[2]?.resolve()
    expect(await service.usage({ project: 'default', by: 'subject' })).toEqual([
      { key: 'default', calls: 2, credits: 0 },
      { key: 'other', calls: 1, credits: 0 },
    ])
  })

  test('STO-111 an answer that never comes is given up after a minute, and what came since is written', async () => {
    const memory = createMemoryStore()
    const addUsage = vi.fn<TokenStore['addUsage']>(memory.addUsage)
    addUsage.mockImplementationOnce(() => never())
    const { service } = await startService({ store: { ...memory, addUsage }, storeTimeoutMs: 40 })
    const { token } = await service.issue({})
    await authorizeOutcome(service, token)
    await vi.advanceTimersByTimeAsync(FLUSH_MS + 40)
    await authorizeOutcome(service, token)
    await vi.advanceTimersByTimeAsync(50_000)
    expect(addUsage).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(addUsage).toHaveBeenCalledTimes(2)
    expect(await service.usage({ project: 'default' })).toMatchObject([{ calls: 2 }])
  })

  test('an answer that comes after it was given up is not taken for that of the next write', async () => {
    const memory = createMemoryStore()
    const answers = [new Deferred<void>(), new Deferred<void>()]
    const addUsage = vi.fn<TokenStore['addUsage']>(memory.addUsage)
    for (const { promise } of answers) addUsage.mockImplementationOnce(() => promise)
    const { service } = await startService({ store: { ...memory, addUsage }, storeTimeoutMs: 40 })
    const { token } = await service.issue({})
    await authorizeOutcome(service, token)
    await vi.advanceTimersByTimeAsync(60_000 + 3 * FLUSH_MS)
    expect(addUsage).toHaveBeenCalledTimes(2)
    answers[0]?.resolve()
    await vi.advanceTimersByTimeAsync(2 * FLUSH_MS)
    expect(addUsage).toHaveBeenCalledTimes(2)
    answers[1]?.reject(new Error('down'))
    await vi.advanceTimersByTimeAsync(FLUSH_MS)
    expect(addUsage).toHaveBeenCalledTimes(3)
    expect(await service.usage({ project: 'default' })).toMatchObject([{ calls: 1 }])
  })

  test('a count whose answer is late and good touches its token', async () => {
    const memory = createMemoryStore()
    const answer = new Deferred<void>()
    const addUsage = vi.fn<TokenStore['addUsage']>(memory.addUsage)
    addUsage.mockImplementationOnce(() => answer.promise)
    const { service } = await startService({ store: { ...memory, addUsage }, storeTimeoutMs: 40 })
    const { token, record } = await service.issue({})
    await authorizeOutcome(service, token)
    await vi.advanceTimersByTimeAsync(FLUSH_MS + 40)
    expect(await service.get('default', record.id)).toMatchObject({ lastUsedAt: null })
    answer.resolve()
    await vi.advanceTimersByTimeAsync(0)
    expect(await service.get('default', record.id)).toMatchObject({ lastUsedAt: expect.any(Date) })
  })

  test.each([
    ['fails meanwhile', (answer: Deferred<void>) => answer.reject(new Error('down')), 3],
    ['never comes', () => {}, 1],
  ])(
    'close writes what was not sent, and what it can of a write whose answer %s',
    async (_what, end, calls) => {
      const memory = createMemoryStore()
      const answer = new Deferred<void>()
      const addUsage = vi.fn<TokenStore['addUsage']>(memory.addUsage)
      addUsage.mockImplementationOnce(() => answer.promise)
      const { service } = await startService({ store: { ...memory, addUsage }, storeTimeoutMs: 40 })
      const { token } = await service.issue({})
      await authorizeOutcome(service, token)
      await authorizeOutcome(service, token)
      await vi.advanceTimersByTimeAsync(FLUSH_MS + 40)
      await authorizeOutcome(service, token)
      const closing = service.close()
      await vi.advanceTimersByTimeAsync(20)
      end(answer)
      await vi.advanceTimersByTimeAsync(40)
      await closing
      const days = { from: '2026-01-01', to: '2026-12-31' }
      expect(await memory.usage({ project: 'default', ...days, by: 'token' })).toMatchObject([{ calls }])
    },
  )

  test('counts that come while a batch is being written are merged when it fails', async () => {
    const memory = createMemoryStore()
    let use = async (): Promise<void> => {}
    let failures = 1
    const { service } = await startService({
      store: {
        ...memory,
        async addUsage(entries) {
          await use()
          if (failures-- > 0) throw new Error('down')
          await memory.addUsage(entries)
        },
      },
    })
    const { token } = await service.issue({ credits: 10 })
    await authorizeOutcome(service, token, { cost: 1 })
    use = async () => {
      use = async () => {}
      await authorizeOutcome(service, token, { cost: 4 })
    }
    await vi.advanceTimersByTimeAsync(2 * FLUSH_MS)
    expect(await service.usage({ project: 'default' })).toEqual([{ key: 'default', calls: 2, credits: 5 }])
  })

  test('no use is lost or counted twice, whatever is being written, fails, or is read twice', async () => {
    let seed = 7
    const random = (): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff
      return seed / 0x8000_0000
    }
    let calm = false
    const written = new Map<string, number>()
    const store: TokenStore = {
      ...createMemoryStore(),
      async addUsage(entries) {
        // Uses come while it is written.
        for (let n = 0; n < 5; n++) use()
        await null
        for (let n = 0; n < 5; n++) use()
        if (!calm && random() < 0.3) throw new Error('down')
        for (const { tokenId, day, calls, credits } of entries) {
          const key = `${tokenId} ${day}`
          written.set(key, (written.get(key) ?? 0) + calls * 1000 + credits)
        }
      },
    }
    const activity = createActivity(store, (call) => call())
    const { service } = await startService()
    const used: Used[] = []
    for (let n = 0; n < 8; n++) {
      const decision = await service.authorize((await service.issue({})).token, REQUEST)
      if (!decision.allowed) throw new Error(decision.code)
      // One token may be remembered by two texts.
      used.push({ token: decision.token, pendingUse: null }, { token: decision.token, pendingUse: null })
    }
    const expected = new Map<string, number>()
    let now = Date.parse('2026-11-21T23:59:00Z')
    const use = (): void => {
      const one = used[Math.floor(random() * used.length)]
      if (calm || one === undefined) return
      const credits = Math.floor(random() * 3)
      now += Math.floor(random() * 100)
      activity.note(one, credits, now)
      const key = `${one.token.id} ${toDay(new Date(now))}`
      expected.set(key, (expected.get(key) ?? 0) + 1000 + credits)
    }
    for (let round = 0; round < 300; round++) {
      for (let n = Math.floor(random() * 10); n > 0; n--) use()
      if (random() < 0.5) await activity.flush()
      else void activity.flush()
    }
    calm = true
    await activity.flush()
    await activity.close()
    expect(new Set([...expected.keys()].map((key) => key.split(' ')[1]))).toHaveLength(2)
    expect(written).toEqual(expected)
  })

  /** A token that is read anew for each use. */
  const readAnew = (token: Used['token'], n: number): Used => ({
    token: { ...token, id: `${token.id}-${n}` },
    pendingUse: null,
  })

  test('uses that come while many are looked at are counted once', async () => {
    const memory = createMemoryStore()
    const activity = createActivity(memory, (call) => call())
    const { service } = await startService()
    const decision = await service.authorize((await service.issue({})).token, REQUEST)
    if (!decision.allowed) throw new Error(decision.code)
    const now = Date.parse('2026-11-21T12:00:00Z')
    // Each token stands in two places.
    const used = Array.from({ length: 4000 }, (_, n) => readAnew(decision.token, n % 2000))
    for (const each of used) activity.note(each, 0, now)
    let calls = used.length
    for (let round = 0; round < 5; round++) {
      let flushed = false
      const flushing = activity.flush().then(() => {
        flushed = true
      })
      for (let turn = 0; !flushed; turn++) {
        for (let n = turn % 7; n < used.length; n += 7) {
          const one = used[n]
          if (one !== undefined) activity.note(one, 0, now)
          calls += 1
        }
        await new Promise((resolve) => setImmediate(resolve))
      }
      await flushing
    }
    await activity.close()
    const usage = await memory.usage({
      project: 'default',
      from: '2026-11-21',
      to: '2026-11-21',
      by: 'application',
    })
    expect(usage).toEqual([{ key: 'default', calls, credits: 0 }])
  })

  test('very many uses that wait for a store that does not answer are merged meanwhile, and all counted', async () => {
    let answer = (): void => {}
    const addUsage = vi.fn(() => new Promise<void>((resolve) => (answer = resolve)))
    const activity = createActivity({ ...createMemoryStore(), addUsage }, (call) => call())
    const { service } = await startService()
    const decision = await service.authorize((await service.issue({})).token, REQUEST)
    if (!decision.allowed) throw new Error(decision.code)
    const now = Date.parse('2026-11-21T12:00:00Z')
    activity.note(readAnew(decision.token, 0), 0, now)
    const flushing = activity.flush()
    await new Promise((resolve) => setImmediate(resolve))
    for (let n = 0; n < 1_000_000; n++) activity.note(readAnew(decision.token, n % 10), 1, now)
    answer()
    await flushing
    const last = activity.close()
    await vi.waitFor(() => expect(addUsage).toHaveBeenCalledTimes(2))
    answer()
    await last
    const [, [entries]] = addUsage.mock.calls as unknown as [unknown, [{ calls: number }[]]]
    expect(entries.map(({ calls }) => calls)).toEqual(Array.from({ length: 10 }, () => 100_000))
  })

  test('close writes what is pending, also when the store then fails', async () => {
    const { addUsage, store } = watch(createMemoryStore())
    const close = vi.fn()
    const { service } = await startService({ store: { ...store, close } })
    const { token } = await service.issue({})
    await authorizeOutcome(service, token)
    await service.close()
    expect(addUsage).toHaveBeenCalledOnce()
    expect(close).toHaveBeenCalledOnce()
    await authorizeOutcome(service, token)
    addUsage.mockImplementationOnce(() => {
      throw new Error('closed')
    })
    await service.close()
    expect(vi.getTimerCount()).toBe(0)
  })
})
