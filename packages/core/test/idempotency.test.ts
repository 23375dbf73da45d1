import { describe, expect, test } from 'vitest'
import { createMemoryStore, type IssueInput } from '../src/index.ts'
import { createDialectProfile } from './dialect-profile.ts'
import { readHeader } from './forge-token.ts'
import { authorizeOutcome, OTHER_SECRET, SECRET, startService } from './start-service.ts'

const KEY = 'order-7'
const INPUT: IssueInput = {
  idempotencyKey: KEY,
  subject: 'ada',
  expiresIn: '1 day',
  scope: ['files'],
  claims: { a: 1, b: { c: [1, 2], d: 2 } },
}

test('the same key and request give the same token, once', async () => {
  const { service, clock } = await startService()
  const first = await service.issue(INPUT)
  clock.advance(3600)
  const second = await service.issue({ ...INPUT })
  expect(second.token).toBe(first.token)
  expect(second.record).toEqual({ ...first.record, remainingSeconds: 86_400 - 3600 })
  expect((await service.list({ project: 'default' })).tokens).toHaveLength(1)
})

test('many at once give one token', async () => {
  const memory = createMemoryStore()
  const { service } = await startService({
    store: { ...memory, insert: async (tokens, conditions) => memory.insert(tokens, conditions) },
  })
  const issued = await Promise.all(Array.from({ length: 20 }, () => service.issue(INPUT)))
  expect(new Set(issued.map(({ token }) => token)).size).toBe(1)
})

test('the order of members does not count, and neither does who may issue', async () => {
  const { service } = await startService()
  const { token } = await service.issue(INPUT)
  const { claims: _claims, ...rest } = INPUT
  const grant = { scope: ['files', 'admin'], maxLifeSeconds: 1e6, claims: ['a', 'b'] }
  const again = await service.issue({ claims: { b: { d: 2, c: [1, 2] }, a: 1 }, grant, ...rest })
  expect(again.token).toBe(token)
  // But what the request asks for must still be within it.
  await expect(service.issue({ ...INPUT, grant: { ...grant, scope: [] } })).rejects.toMatchObject({
    code: 'grant_exceeded',
  })
})

describe('MGT-81 the same key with another request is refused', () => {
  test.each<[string, Partial<IssueInput>]>([
    ['subject', { subject: 'bob' }],
    ['scope', { scope: ['files', 'admin'] }],
    ['life', { expiresIn: 86_401 }],
    ['credits', { credits: 1 }],
    ['a claim deep inside', { claims: { a: 1, b: { c: [2, 1], d: 2 } } }],
    ['one claim more', { claims: { a: 1, b: { c: [1, 2], d: 2 }, e: null } }],
  ])('another %s', async (_what, change) => {
    const { service } = await startService()
    await service.issue(INPUT)
    await expect(service.issue({ ...INPUT, ...change })).rejects.toMatchObject({
      code: 'idempotency_mismatch',
    })
  })

  test.each(['grant', 'profile', 'idempotencyKey'])('another claim that is named %s', async (name) => {
    const { service } = await startService()
    await service.issue({ idempotencyKey: KEY, claims: { [name]: 'user', in: { [name]: 'user' } } })
    for (const claims of [
      { [name]: 'admin', in: { [name]: 'user' } },
      { [name]: 'user', in: { [name]: 'admin' } },
    ]) {
      await expect(service.issue({ idempotencyKey: KEY, claims })).rejects.toMatchObject({
        code: 'idempotency_mismatch',
      })
    }
  })
})

test('MGT-82 a key is its principal and project and profile alone', async () => {
  const { service } = await startService()
  const { token } = await service.issue(INPUT)
  for (const change of [
    { createdBy: 'mallory' },
    { project: 'other' },
    { profile: createDialectProfile('vendor', 'HS256') },
  ]) {
    expect((await service.issue({ ...INPUT, ...change })).token).not.toBe(token)
  }
})

test.each([
  ['empty', ''],
  ['too long', 'k'.repeat(256)],
  ['with a space', 'a b'],
  ['with a line break', 'a\n'],
  ['not ASCII', 'schlüssel'],
])('MGT-83 an idempotency key that is %s is refused and not repeated', async (_what, idempotencyKey) => {
  const { service } = await startService()
  const failure = await service.issue({ idempotencyKey }).then(
    () => null,
    (error: unknown) => error,
  )
  expect(failure).toMatchObject({ code: 'invalid_request', field: 'idempotencyKey' })
  if (idempotencyKey !== '') expect(String(failure)).not.toContain(idempotencyKey)
})

test('a key goes with one token', async () => {
  const { service } = await startService()
  await expect(service.issueMany([{}, { idempotencyKey: 'k' }])).rejects.toMatchObject({
    field: 'idempotencyKey',
  })
  expect((await service.list({ project: 'default' })).tokens).toEqual([])
})

describe('a replay', () => {
  test('comes from the key that signed it, also after a rotation and in another process', async () => {
    const { service, store, clock } = await startService()
    const first = await service.issue(INPUT)
    const { keyId } = await service.rotateKeys()
    clock.advance(601)
    expect(readHeader((await service.issue({})).token).kid).toBe(keyId)
    expect((await service.issue(INPUT)).token).toBe(first.token)
    const other = await startService({ store, clock })
    expect((await other.service.issue(INPUT)).token).toBe(first.token)
  })

  test('gives the text that was signed, also when its expiry was moved or it was revoked', async () => {
    const { service, clock } = await startService()
    const { token, record } = await service.issue(INPUT)
    await service.update('default', record.id, {
      expiresAt: new Date(clock.now().getTime() + 60_000),
      name: 'x',
    })
    expect(await service.issue(INPUT)).toMatchObject({ token, record: { remainingSeconds: 60 } })
    await service.revoke('default', record.id)
    expect(await service.issue(INPUT)).toMatchObject({ token, record: { status: 'revoked' } })
    expect(await authorizeOutcome(service, token)).toBe('token_revoked')
  })

  test('fails when the key is gone, or makes another text', async () => {
    const memory = createMemoryStore()
    const { clock, service } = await startService({ store: memory, keys: { masterSecret: SECRET } })
    await service.issue(INPUT)
    const elsewhere = await startService({
      store: { ...memory, keys: () => [], insertKey: () => true },
      clock,
      keys: { masterSecret: OTHER_SECRET },
    })
    await expect(elsewhere.service.issue(INPUT)).rejects.toMatchObject({ code: 'idempotency_replay_failed' })
    const renamed = await startService({ store: memory, clock, issuer: 'https://renamed.example' })
    await expect(renamed.service.issue(INPUT)).rejects.toMatchObject({ code: 'idempotency_replay_failed' })
  })

  test('after the token was purged, the key is free again', async () => {
    const { service, clock } = await startService({ retentionSeconds: 0 })
    const { token } = await service.issue({ idempotencyKey: KEY, expiresIn: 60 })
    clock.advance(61)
    await service.purge()
    expect((await service.issue({ idempotencyKey: KEY, expiresIn: 60 })).token).not.toBe(token)
  })
})

test.each(['ES256', 'PS256'] as const)('%s signs with randomness, so it takes no key', async (algorithm) => {
  const { service, errors } = await startService()
  const profile = createDialectProfile('vendor', algorithm)
  await expect(service.issue({ ...INPUT, profile })).rejects.toMatchObject({
    code: 'invalid_request',
    field: 'idempotencyKey',
  })
  expect(errors).toEqual([])
  expect((await service.list({ project: 'default' })).tokens).toEqual([])
})

test.each(['HS256', 'RS256'] as const)('%s repeats itself', async (algorithm) => {
  const { service } = await startService()
  const profile = createDialectProfile('vendor', algorithm)
  const { token } = await service.issue({ ...INPUT, profile })
  expect((await service.issue({ ...INPUT, profile })).token).toBe(token)
})
