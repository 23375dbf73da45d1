import { describe, expect, test } from 'vitest'
import { ConfigurationError, createMemoryStore, createTokenService, type TokenService } from '../src/index.ts'
import { createTestService, issueTestToken } from '../src/testing.ts'
import { authorizeOutcome, ISSUER, SECRET, startService } from './start-service.ts'

const start = (options: object): Promise<unknown> =>
  Reflect.apply(createTokenService, null, [
    { issuer: ISSUER, store: createMemoryStore(), maintenance: false, ...options },
  ])

describe('options that cannot be', () => {
  const persistent = { ...createMemoryStore(), persistent: true }
  const rows: [options: object, says: string][] = [
    [{ issuer: '' }, 'issuer'],
    [{ issuer: undefined }, 'issuer'],
    [{ issuer: 'x'.repeat(1025) }, 'issuer'],
    [{ audience: '' }, 'audience'],
    [{ audience: ['a'] }, 'audience'],
    [{ store: undefined }, 'store is missing'],
    [{ store: null }, 'store is missing'],
    [{ store: persistent }, 'keys.masterSecret is missing'],
    [{ store: persistent, keys: undefined }, 'keys.masterSecret is missing'],
    [{ store: persistent, keys: null }, 'keys.masterSecret is missing'],
    [{ keys: {} }, 'keys.masterSecret is missing'],
    [{ keys: { masterSecret: undefined } }, 'keys.masterSecret is missing'],
    [{ keys: { masterSecret: '' } }, 'keys.masterSecret must be 32 random bytes'],
    [{ keys: { masterSecret: [] } }, 'keys.masterSecret is missing'],
    [{ keys: { masterSecret: 7 } }, 'keys.masterSecret must be 32 random bytes'],
    [{ keys: { masterSecret: SECRET, publishDelaySeconds: -1 } }, 'keys.publishDelaySeconds'],
    [{ keys: { masterSecret: SECRET, publishDelaySeconds: Number.NaN } }, 'keys.publishDelaySeconds'],
    [{ keys: { jwks: {} } }, 'keys.jwks must be a list'],
    [{ revocation: { mode: 'lazy' } }, 'revocation.mode'],
    [{ revocation: { mode: 'bounded' } }, 'revocation.maxStalenessMs'],
    [{ revocation: { mode: 'bounded', maxStalenessMs: 0 } }, 'revocation.maxStalenessMs'],
    [{ revocation: { mode: 'bounded', maxStalenessMs: 1e9 } }, 'revocation.maxStalenessMs'],
    [{ clockToleranceSeconds: -1 }, 'clockToleranceSeconds'],
    [{ clockToleranceSeconds: 301 }, 'clockToleranceSeconds'],
    [{ clockToleranceSeconds: '5' }, 'clockToleranceSeconds'],
    [{ retentionSeconds: -1 }, 'retentionSeconds'],
    [{ retentionSeconds: Number.POSITIVE_INFINITY }, 'retentionSeconds'],
    [{ usageRetentionSeconds: 3600 }, 'usageRetentionSeconds'],
    [{ usageRetentionSeconds: Number.POSITIVE_INFINITY }, 'usageRetentionSeconds'],
    [{ storeTimeoutMs: 0 }, 'storeTimeoutMs'],
    [{ maintenance: { everySeconds: 0 } }, 'maintenance.everySeconds'],
    [{ maintenance: {} }, 'maintenance.everySeconds'],
    [{ defaults: { expiresIn: 'soon' } }, 'defaults.expiresIn'],
    [{ defaults: { expiresIn: 0 } }, 'defaults.expiresIn'],
    [{ defaults: { expiresIn: '-1 hour' } }, 'defaults.expiresIn'],
    [{ defaults: { lowCredits: 1.1 } }, 'defaults.lowCredits'],
    [{ limits: { maxLifeSeconds: 0 } }, 'limits.maxLifeSeconds'],
    [{ clientAddress: { trustedProxies: ['10.0.0.1/8'], header: 'forwarded' } }, 'trustedProxies'],
    [{ clientAddress: { trustedProxies: [], header: 'x-real-ip' } }, 'header'],
    [{ clientAddress: { trustedProxies: '10.0.0.1', header: 'forwarded' } }, 'trustedProxies must be a list'],
    [{ store: Promise.resolve(createMemoryStore()) }, 'await'],
    [{ keys: 'secret' }, '`keys` has options, and they are an object'],
    // A misspelt limit would limit nothing.
    [{ retention: 5 }, 'no option `retention`'],
    [{ limits: { maxLife: 60 } }, 'no option `maxLife`'],
    [{ defaults: { expires: 60 } }, 'no option `expires`'],
    [{ revocation: { mode: 'bounded', maxStalenessMs: 1000, max: 1 } }, 'no option `max`'],
    [{ maintenance: { every: 1 } }, 'no option `every`'],
    [{ hooks: { onissue: () => {} } }, 'no option `onissue`'],
    [{ clientAddress: { proxies: [] } }, 'no option `proxies`'],
    [{ keys: { masterSecret: SECRET, delay: 1 } }, 'no option `delay`'],
  ]
  test.each(rows)('%j', async (options, says) => {
    const failure = await start(options).then(
      () => null,
      (error: unknown) => error,
    )
    expect(failure).toBeInstanceOf(ConfigurationError)
    expect(failure).toMatchObject({ message: expect.stringContaining(says) })
  })
})

test('null stands for what is left out', async () => {
  const nothing = { keys: null, hooks: null, defaults: null, limits: null } as object
  const service = await createTokenService({ issuer: ISSUER, store: createMemoryStore(), ...nothing })
  expect((await service.issue({})).record.remainingSeconds).toBe(3600)
  await service.close()
})

test('hooks may be an instance with members of its own', async () => {
  class Audit {
    readonly issued: string[] = []
    onIssue({ id }: { readonly id: string }): void {
      this.issued.push(id)
    }
  }
  const hooks = new Audit()
  const service = await createTokenService({ issuer: ISSUER, store: createMemoryStore(), hooks })
  const { record } = await service.issue({})
  expect(hooks.issued).toEqual([record.id])
  await service.close()
})

const UNKNOWN_ID = '01890000-0000-7000-8000-000000000000'

describe('MGT-100 a member that nobody reads', () => {
  const calls: [what: string, call: (service: TokenService, given: object) => Promise<unknown>][] = [
    ['issue', (service, given) => service.issue(given)],
    ['issueMany', (service, given) => service.issueMany([{}, given])],
    ['list', (service, given) => service.list({ project: 'default', ...given })],
    ['usage', (service, given) => service.usage({ project: 'default', ...given })],
    ['update', (service, given) => service.update('default', UNKNOWN_ID, { name: 'x', ...given })],
    ['verify', (service, given) => service.verify('text', given)],
    ['revokeAll', (service, given) => service.revokeAll({ project: 'default', subject: 'ada', ...given })],
    ['rotateKeys', (service, given) => service.rotateKeys(given)],
  ]
  test.each(calls)('%s', async (_what, call) => {
    const { service } = await startService()
    await expect(call(service, { subjct: 'ada' })).rejects.toMatchObject({
      code: 'invalid_request',
      field: 'subjct',
    })
    await expect(call(service, { '<script>': 1 })).rejects.toMatchObject({
      code: 'invalid_request',
      field: null,
    })
    expect((await service.list({ project: 'default' })).tokens).toEqual([])
  })

  test('is no matter where it is undefined', async () => {
    const { service } = await startService()
    const input: object = { subjct: undefined }
    expect((await service.issue(input)).record.subject).toBe('default')
  })

  test('of the credits of a change', async () => {
    const { service } = await startService()
    const credits = { add: 1, ad: 2 }
    await expect(service.update('default', UNKNOWN_ID, { credits })).rejects.toMatchObject({
      field: 'credits.ad',
    })
  })

  test('of a grant', async () => {
    const { service } = await startService()
    const grant = { path: ['/a/'] } as object
    await expect(service.issue({ grant })).rejects.toMatchObject({ field: 'grant.path' })
  })

  test('an argument that was left out is not taken for a token that is not there', async () => {
    const { service } = await startService()
    const { record } = await service.issue({})
    const revoke: (...given: string[]) => Promise<unknown> = service.revoke
    await expect(revoke(record.id)).rejects.toMatchObject({ code: 'invalid_request', field: 'id' })
    const get: (...given: string[]) => Promise<unknown> = service.get
    await expect(get(record.id)).rejects.toMatchObject({ code: 'invalid_request', field: 'id' })
  })
})

test('keys that live and die with the process need no secret', async () => {
  const store = createMemoryStore()
  const service = await createTokenService({ issuer: ISSUER, store, maintenance: false })
  const { token } = await service.issue({})
  expect(await authorizeOutcome(service, token)).toBe('allowed')
  await service.close()
  // Another process makes up another secret.
  await expect(start({ store })).rejects.toThrow('does not open')
})

test('later changes to the options change nothing', async () => {
  const options = {
    issuer: ISSUER,
    store: createMemoryStore(),
    keys: { masterSecret: SECRET },
    maintenance: false as const,
    defaults: { expiresIn: 60 },
    limits: { maxLifeSeconds: 60 },
    hooks: { onIssue: () => {} },
    clientAddress: { trustedProxies: ['10.0.0.0/8'], header: 'x-forwarded-for' as const },
  }
  const service = await createTokenService(options)
  const before = structuredClone({ ...options, store: null, hooks: null })
  options.issuer = 'https://mallory.example'
  options.defaults.expiresIn = 1e9
  options.limits.maxLifeSeconds = 1e9
  options.clientAddress.trustedProxies.push('0.0.0.0/0')
  let called = false
  options.hooks.onIssue = () => {
    called = true
  }
  const { token, record } = await service.issue({})
  expect(record.remainingSeconds).toBe(60)
  expect(called).toBe(false)
  expect(await authorizeOutcome(service, token)).toBe('allowed')
  expect(service.clientAddress('192.0.2.1', () => ['10.9.9.9'])).toBe('192.0.2.1')
  expect(service.clientAddress('10.0.0.1', () => ['192.0.2.9'])).toBe('192.0.2.9')
  expect(before.issuer).toBe(ISSUER)
  await service.close()
})

test('the service is frozen in time by its clock alone, and close may be called twice', async () => {
  const { service, clock } = await startService()
  clock.advance(5)
  expect(service.now()).toEqual(clock.now())
  await service.close()
  await service.close()
})

test('a test of an application gets a service and tokens in two lines', async () => {
  const service = await createTestService()
  const { token, record } = await issueTestToken(service, { scope: ['files'] })
  expect(record).toMatchObject({ subject: 'test-subject', name: 'test token', scope: ['files'] })
  expect(await authorizeOutcome(service, token, { scope: ['files.read'] })).toBe('allowed')
  expect((await issueTestToken(service)).record.scope).toEqual([])
  const now = new Date('2030-01-01T00:00:00Z')
  const other = await createTestService({ now: () => now, issuer: 'x' })
  expect((await issueTestToken(other, { subject: 'ada' })).record).toMatchObject({
    subject: 'ada',
    createdAt: now,
  })
  await Promise.all([service.close(), other.close()])
})
