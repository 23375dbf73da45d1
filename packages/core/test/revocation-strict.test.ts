import { describe, expect, test, vi } from 'vitest'
import { createMemoryStore, type TokenRecord } from '../src/index.ts'
import { createForger, readPayload } from './forge-token.ts'
import { authorizeOutcome, ISSUER, startService, verifyOutcome } from './start-service.ts'

test('every authorization asks the store, also for a text that is remembered', async () => {
  const store = createMemoryStore()
  const find = vi.fn(store.find)
  const { service } = await startService({ store: { ...store, find } })
  const { token } = await service.issue({})
  for (let n = 1; n <= 3; n++) {
    expect(await authorizeOutcome(service, token)).toBe('allowed')
    expect(find).toHaveBeenCalledTimes(n)
  }
})

test('a revocation by another service on the store holds on the very next request', async () => {
  const { service, store, clock } = await startService()
  const other = await startService({ store, clock })
  const { token, record } = await service.issue({})
  expect(await authorizeOutcome(other.service, token)).toBe('allowed')
  await service.revoke('default', record.id)
  expect(await authorizeOutcome(other.service, token)).toBe('token_revoked')
})

test('an expiry that was moved earlier holds at once, when its time has come', async () => {
  const { service, clock } = await startService({ clockToleranceSeconds: 60 })
  const { token, record } = await service.issue({ expiresIn: 3600 })
  await service.update('default', record.id, { expiresAt: new Date(clock.now().getTime() + 10_000) })
  expect(await authorizeOutcome(service, token)).toBe('allowed')
  clock.advance(10)
  expect(await authorizeOutcome(service, token)).toBe('token_expired')
  expect(await verifyOutcome(service, token)).toBe('token_expired')
})

test('the tolerance is for the signed expiry, and the same for free and for metered tokens', async () => {
  const { service, clock } = await startService({ clockToleranceSeconds: 60 })
  const free = await service.issue({ expiresIn: 100 })
  const metered = await service.issue({ expiresIn: 100, credits: 2 })
  clock.advance(159)
  expect(await authorizeOutcome(service, free.token)).toBe('allowed')
  expect(await authorizeOutcome(service, metered.token, { cost: 1 })).toBe('allowed')
  clock.advance(1)
  expect(await authorizeOutcome(service, free.token)).toBe('token_expired')
  expect(await authorizeOutcome(service, metered.token, { cost: 1 })).toBe('token_expired')
})

test('a life of a fraction of a second ends with the second that it began, for metered tokens too', async () => {
  const { service, clock } = await startService()
  const free = await service.issue({ expiresIn: 1.2 })
  const metered = await service.issue({ expiresIn: 1.2, credits: 9 })
  expect(metered.record.expiresAt?.toISOString()).toBe('2026-11-21T12:00:01.200Z')
  clock.advance(1.9)
  expect(await authorizeOutcome(service, free.token)).toBe('allowed')
  expect(await authorizeOutcome(service, metered.token, { cost: 1 })).toBe('allowed')
  clock.advance(0.1)
  expect(await authorizeOutcome(service, metered.token, { cost: 1 })).toBe('token_expired')
})

test('STO-50 a text whose SHA-256 is not the stored one is unknown, although its signature is good', async () => {
  const { service, store } = await startService()
  const { token, record } = await service.issue({ scope: ['files'] })
  const forger = await createForger(store)
  const stronger = forger.forge({ ...readPayload(token), scope: 'files admin' })
  expect(await authorizeOutcome(service, stronger)).toBe('token_unknown')
  expect(await verifyOutcome(service, stronger)).toBe('token_unknown')
  expect(await authorizeOutcome(service, token)).toBe('allowed')
  expect(record.tokenSha256).toMatch(/^[0-9a-f]{64}$/)
})

test('STO-51 a row that says another profile than the key is unknown', async () => {
  const store = createMemoryStore()
  const { service } = await startService({
    store: {
      ...store,
      async find(project, id) {
        const found = await store.find(project, id)
        return found && { ...found, profile: 'vendor' }
      },
    },
  })
  const { token } = await service.issue({})
  expect(await authorizeOutcome(service, token)).toBe('token_unknown')
})

describe('revoke', () => {
  test('is idempotent: the first time wins, and only it tells onRevoke', async () => {
    const revoked: TokenRecord[] = []
    const { service, clock } = await startService({
      hooks: { onRevoke: (record) => void revoked.push(record) },
    })
    const { record } = await service.issue({})
    const first = await service.revoke('default', record.id)
    clock.advance(1)
    const second = await service.revoke('default', record.id)
    expect(first).toMatchObject({ id: record.id, status: 'revoked' })
    expect(second?.revokedAt).toEqual(first?.revokedAt)
    expect(revoked).toHaveLength(1)
  })

  test('knows nothing of other projects, unknown ids and texts that are no ids', async () => {
    const { service } = await startService()
    const { token, record } = await service.issue({})
    for (const [project, id] of [
      ['other', record.id],
      ['default', record.id.toUpperCase()],
      ['default', '01890000-0000-7000-8000-000000000000'],
      ['default', ''],
      ['default', "' OR 1=1 --"],
      ['default', '__proto__'],
    ] as const) {
      expect(await service.revoke(project, id)).toBeNull()
      expect(await service.get(project, id)).toBeNull()
      await expect(service.update(project, id, { name: 'x' })).rejects.toMatchObject({ code: 'not_found' })
    }
    expect(await authorizeOutcome(service, token)).toBe('allowed')
  })

  test('MGT-80 an id or project that a store may choke on never reaches it', async () => {
    const store = createMemoryStore()
    const asked = vi.fn(() => null)
    const { service } = await startService({ store: { ...store, find: asked, revoke: asked } })
    expect(await service.get('default', '\u0000')).toBeNull()
    expect(await service.revoke('default', `${'0'.repeat(1_000_000)}`)).toBeNull()
    await expect(service.get('a\u0000', '01890000-0000-7000-8000-000000000000')).rejects.toMatchObject({
      code: 'invalid_request',
      field: 'project',
    })
    await expect(service.revokeProject('')).rejects.toMatchObject({
      code: 'invalid_request',
      field: 'project',
    })
    await expect(service.revokeAll({ project: 'default', subject: '\u202e' })).rejects.toMatchObject({
      field: 'subject',
    })
    expect(asked).not.toHaveBeenCalled()
  })

  test('all of a subject, all of a project', async () => {
    const { service, clock } = await startService()
    const issue = (project: string, subject: string) => service.issue({ project, subject, expiresIn: 60 })
    const ada = [await issue('a', 'ada'), await issue('a', 'ada')]
    const bob = await issue('a', 'bob')
    const foreign = await issue('b', 'ada')
    expect(await service.revokeAll({ project: 'a', subject: 'ada' })).toBe(2)
    expect(await service.revokeAll({ project: 'a', subject: 'ada' })).toBe(0)
    for (const { token } of ada) expect(await authorizeOutcome(service, token)).toBe('token_revoked')
    expect(await authorizeOutcome(service, bob.token)).toBe('allowed')
    expect(await service.revokeProject('a')).toBe(1)
    expect(await authorizeOutcome(service, bob.token)).toBe('token_revoked')
    expect(await authorizeOutcome(service, foreign.token)).toBe('allowed')
    clock.advance(60)
    expect(await service.revokeProject('b')).toBe(0)
  })
})

test('all of a subject: also what is accepted for the tolerance or the second that its expiry ends in', async () => {
  const { service, clock } = await startService({ clockToleranceSeconds: 60 })
  const tolerated = await service.issue({ expiresIn: 10 })
  const ended = await service.issue({ expiresIn: 9 })
  clock.advance(69)
  const begun = await service.issue({ expiresIn: 0.1 })
  clock.advance(0.5)
  expect(await authorizeOutcome(service, tolerated.token)).toBe('allowed')
  expect(await authorizeOutcome(service, begun.token)).toBe('allowed')
  expect(await service.revokeAll({ project: 'default', subject: 'default' })).toBe(2)
  expect(await authorizeOutcome(service, tolerated.token)).toBe('token_revoked')
  expect(await authorizeOutcome(service, begun.token)).toBe('token_revoked')
  expect((await service.get('default', ended.record.id))?.revokedAt).toBeNull()
})

test('tokens of another issuer or audience are refused, although the key is the same', async () => {
  const { service, store, clock } = await startService()
  const { token } = await service.issue({})
  const other = await startService({ store, clock, issuer: 'https://other.example' })
  expect(await authorizeOutcome(other.service, token)).toBe('issuer_denied')
  const audience = await startService({ store, clock, issuer: ISSUER, audience: 'https://api.example' })
  expect(await authorizeOutcome(audience.service, token)).toBe('audience_denied')
  const issued = await audience.service.issue({})
  expect(readPayload(issued.token)).toMatchObject({ iss: ISSUER, aud: 'https://api.example' })
})
