import { describe, expect, test, vi } from 'vitest'
import { createSafeHooks } from '../src/hooks.ts'
import type { AccessRequest, Denial, TokenHooks, TokenRecord } from '../src/index.ts'
import { createMemoryStore, createTokenService } from '../src/index.ts'
import { never } from './deferred.ts'
import { authorizeOutcome, REQUEST, startService } from './start-service.ts'

/** What a broken hook does, by the way in which it breaks. */
const BROKEN: [string, () => never | Promise<void>][] = [
  [
    'throws',
    () => {
      throw new Error('broken hook')
    },
  ],
  ['rejects', () => Promise.reject(new Error('broken hook'))],
  ['hangs', () => never()],
]

describe.each(BROKEN)('hooks one of which %s', (what, broken) => {
  test('never break a request, and are reported', async () => {
    const reported: string[] = []
    const { service } = await startService({
      hooks: {
        onIssue: broken,
        onDeny: broken,
        onRevoke: broken,
        onLowCredits: broken,
        onError: (error, where) =>
          void reported.push(`${where}: ${error instanceof Error ? error.message : ''}`),
      },
    })
    const { token, record } = await service.issue({ credits: 1 })
    expect(await authorizeOutcome(service, token, { cost: 1 })).toBe('allowed')
    expect(await authorizeOutcome(service, token, { cost: 1 })).toBe('credits_exhausted')
    expect(await service.revoke('default', record.id)).toMatchObject({ status: 'revoked' })
    const names = ['onIssue', 'onLowCredits', 'onDeny', 'onRevoke']
    expect(reported).toEqual(what === 'hangs' ? [] : names.map((name) => `${name}: broken hook`))
  })

  test('onError itself may', async () => {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    const hooks = createSafeHooks({ onError: broken })
    expect(() => hooks.onError(new Error('x'), 'store')).not.toThrow()
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })
})

test('hooks may be the methods of an instance', async () => {
  class Audit implements TokenHooks {
    readonly seen: string[] = []
    onIssue(record: TokenRecord): void {
      this.seen.push(record.subject)
    }
    onError(_error: unknown, where: string): void {
      this.seen.push(where)
    }
  }
  const audit = new Audit()
  const service = await createTokenService({
    issuer: 'x',
    store: { ...createMemoryStore(), list: () => Promise.reject(new Error('down')) },
    maintenance: false,
    hooks: audit,
  })
  await service.issue({ subject: 'ada' })
  await expect(service.list({ project: 'default' })).rejects.toThrow()
  expect(audit.seen).toEqual(['ada', 'store'])
  await service.close()
})

test('SEC-81 onDeny gets no token: not in the denial, and not in the query of the target', async () => {
  const denied: [Denial, AccessRequest][] = []
  const { service } = await startService({ hooks: { onDeny: (...told) => void denied.push(told) } })
  const { token } = await service.issue({ paths: ['/a'] })
  await service.authorize(token, { ...REQUEST, target: `/b?token=${token}&x=?`, method: 'GET' })
  await service.authorize(token, { ...REQUEST, target: '/b' })
  await service.authorize(token, REQUEST)
  expect(denied.map(([{ code }, { target }]) => [code, target])).toEqual([
    ['path_denied', '/b'],
    ['path_denied', '/b'],
    ['path_denied', null],
  ])
  expect(JSON.stringify(denied)).not.toContain(token.slice(0, 20))
})

test('SEC-82 records in hooks, lists and answers never hold the token or the id of its key', async () => {
  const issued: TokenRecord[] = []
  const { service } = await startService({ hooks: { onIssue: (record) => void issued.push(record) } })
  const { token, record } = await service.issue({ idempotencyKey: 'secret-idempotency-key' })
  await service.authorize(token, REQUEST)
  const shown = JSON.stringify([issued, record, await service.list({ project: 'default' })])
  for (const part of token.split('.')) expect(shown).not.toContain(part)
  expect(shown).not.toContain('keyId')
  expect(shown).not.toContain('secret-idempotency-key')
})

test('onDeny is told once for each refusal, onIssue once for each token', async () => {
  const onDeny = vi.fn()
  const onIssue = vi.fn()
  const { service, store } = await startService({ hooks: { onDeny, onIssue } })
  const slow = await startService({ store: { ...store, find: async () => null }, hooks: { onDeny } })
  const [first] = await service.issueMany([{}, {}, {}])
  expect(onIssue).toHaveBeenCalledTimes(3)
  await service.issue({ idempotencyKey: 'k' })
  await service.issue({ idempotencyKey: 'k' })
  expect(onIssue).toHaveBeenCalledTimes(4)
  await service.authorize(first?.token ?? '', REQUEST)
  await service.verify('x')
  expect(onDeny).not.toHaveBeenCalled()
  // At once, and after a wait for the store.
  await service.authorize('x', REQUEST)
  await slow.service.authorize(first?.token ?? '', REQUEST)
  expect(onDeny).toHaveBeenCalledTimes(2)
})

describe('onLowCredits', () => {
  test('is called once for each time the credits fall to the threshold', async () => {
    const low: number[] = []
    const { service } = await startService({
      defaults: { lowCredits: 0.2 },
      hooks: { onLowCredits: ({ credits }) => void low.push(credits?.remaining ?? -1) },
    })
    const { token, record } = await service.issue({ credits: 10 })
    const spend = (cost: number) => service.authorize(token, { ...REQUEST, cost })
    await spend(7)
    expect(low).toEqual([])
    await spend(1)
    expect(low).toEqual([2])
    await spend(1)
    await spend(1)
    await spend(1)
    expect(low).toEqual([2])
    // 20 in all, so that 4 is low.
    await service.update('default', record.id, { credits: { add: 10 } })
    await spend(5)
    expect(low).toEqual([2])
    await spend(5)
    expect(low).toEqual([2, 0])
  })

  test('is not called for tokens without credits of their own', async () => {
    const onLowCredits = vi.fn()
    const { service } = await startService({ hooks: { onLowCredits } })
    await service.createPool('default', 'team', 1)
    const { token } = await service.issue({ pool: 'team' })
    expect(await authorizeOutcome(service, token, { cost: 1 })).toBe('allowed')
    expect(onLowCredits).not.toHaveBeenCalled()
  })
})

test('SEC-83 without onError a failure is a process warning that names its kind and repeats no message', () => {
  const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const { onError } = createSafeHooks({})
  onError(Object.assign(new TypeError('password hunter2'), { code: 'ECONNREFUSED' }), 'store')
  onError(new RangeError('secret'), 'refund')
  onError('secret', 'key ring')
  // A store that is down fails thousands of times: one warning a minute says it.
  onError(Object.assign(new TypeError('again'), { code: 'ECONNREFUSED' }), 'store')
  expect(emitWarning.mock.calls).toEqual([
    ['store failed (TypeError ECONNREFUSED)', 'HallpassWarning'],
    ['refund failed (RangeError)', 'HallpassWarning'],
    ['key ring failed (string)', 'HallpassWarning'],
  ])
  emitWarning.mockRestore()
})
