import { beforeEach, describe, expect, test } from 'vitest'
import type { AccessRequest, IssueInput, TokenService, TokenStore, VerifyRequest } from '../src/index.ts'
import { AccessDeniedError, DENIAL_CODES, toDenial } from '../src/index.ts'
import type { Clock } from './clock.ts'
import { createDialectProfile } from './dialect-profile.ts'
import { createForger, readPayload } from './forge-token.ts'
import { authorizeOutcome, REQUEST, startService, verifyOutcome } from './start-service.ts'

let service: TokenService
let store: TokenStore
let clock: Clock

beforeEach(async () => {
  const started = await startService()
  service = started.service
  store = started.store
  clock = started.clock
})

const GOOD: AccessRequest = {
  address: '10.1.2.3',
  target: '/files/a.txt?x=1',
  method: 'GET',
  scope: ['files.read'],
  project: 'default',
  cost: 1,
}

/** A token that is bound to everything and opens `GOOD`. */
const BOUND: IssueInput = {
  ip: ['10.0.0.0/8'],
  paths: ['/files/'],
  httpMethods: ['GET'],
  scope: ['files'],
  credits: 5,
}

function toVerifyRequest({ address, target, method, scope, project }: AccessRequest): VerifyRequest {
  return {
    ...(address !== null && { ip: address }),
    ...(target !== null && { target }),
    ...(method !== null && { method }),
    ...(scope !== undefined && { scope }),
    ...(project !== undefined && { project }),
  }
}

async function outcome(token: string, request: AccessRequest): Promise<string> {
  const said = await authorizeOutcome(service, token, request)
  expect(await verifyOutcome(service, token, toVerifyRequest(request))).toBe(said)
  return said
}

async function remaining(id: string): Promise<number | undefined> {
  return (await service.get('default', id))?.credits?.remaining
}

test('a good request is allowed at once, without a promise, and says what it found', async () => {
  const { token, record } = await service.issue({ ...BOUND, subject: 'ada', claims: { plan: 'pro' } })
  const decision = service.authorize(token, GOOD)
  expect(decision).toMatchObject({
    allowed: true,
    token: {
      id: record.id,
      project: 'default',
      subject: 'ada',
      application: 'default',
      profile: 'native',
      scope: ['files'],
      ip: ['10.0.0.0/8'],
      paths: ['/files/'],
      httpMethods: ['GET'],
      metered: true,
      issuedAt: clock.now(),
      expiresAt: record.expiresAt,
    },
    claims: { plan: 'pro', jti: record.id, sub: 'ada' },
    record: { id: record.id, status: 'active', credits: { limit: 5, remaining: 4 } },
    spend: { cost: 1, remaining: 4, poolRemaining: null },
  })
})

describe('each refusal has its code, in verify too, and costs nothing', () => {
  const rows: [code: string, request: Partial<AccessRequest>][] = [
    ['ip_denied', { address: '11.1.2.3' }],
    ['ip_denied', { address: 'unknown' }],
    ['path_denied', { target: '/other' }],
    ['path_denied', { target: '/files/%2e%2e/secret' }],
    ['method_denied', { method: 'POST' }],
    ['method_denied', { method: 'get' }],
    ['project_denied', { project: 'other' }],
    ['scope_denied', { scope: ['files.read', 'admin'] }],
  ]
  test.each(rows)('%s for %j', async (code, wrong) => {
    const { token, record } = await service.issue(BOUND)
    expect(await outcome(token, { ...GOOD, ...wrong })).toBe(code)
    expect(await remaining(record.id)).toBe(5)
  })

  test('a limit whose fact the request does not have refuses; verify lists it as unchecked', async () => {
    const { token } = await service.issue(BOUND)
    expect(await authorizeOutcome(service, token, { ...GOOD, address: null })).toBe('ip_denied')
    // As a function of an application without types may answer.
    const none = undefined as unknown as null
    expect(await authorizeOutcome(service, token, { ...GOOD, address: none })).toBe('ip_denied')
    expect(await authorizeOutcome(service, token, { ...GOOD, target: null })).toBe('path_denied')
    expect(await authorizeOutcome(service, token, { ...GOOD, method: null })).toBe('method_denied')
    expect(await service.verify(token)).toMatchObject({ valid: true, unchecked: ['ip', 'target', 'method'] })
    expect(await service.verify(token, { ip: '10.0.0.1', target: '/files/' })).toMatchObject({
      unchecked: ['method'],
    })
    const free = await service.issue({})
    expect(await service.verify(free.token)).toMatchObject({ valid: true, unchecked: [] })
  })

  test('verify shows what a refused text says only where it is well signed and of an accepted kind', async () => {
    const { token, record } = await service.issue(BOUND)
    const claims = readPayload(token)
    const said = { valid: false, claims, token: { id: record.id, project: record.project } }
    expect(await service.verify(token, { project: 'other' })).toMatchObject({
      ...said,
      error: 'project_denied',
    })
    clock.advance(1e6)
    expect(await service.verify(token)).toMatchObject({ ...said, error: 'token_expired' })
    clock.advance(-1e6)
    await service.revoke(record.project, record.id)
    expect(await service.verify(token)).toMatchObject({ ...said, error: 'token_revoked' })
    const profile = createDialectProfile('dialect', 'HS256')
    const strangers = [`${token.slice(0, -4)}AAAA`, 'a.b.c', (await service.issue({ profile })).token]
    for (const text of strangers) {
      expect(Object.keys(await service.verify(text)).toSorted()).toEqual(['error', 'message', 'valid'])
    }
  })

  test('requirePaths refuses a token for any path', async () => {
    const { token } = await service.issue({})
    expect(await authorizeOutcome(service, token, { requirePaths: true, target: '/a' })).toBe('path_denied')
    const bound = await service.issue({ paths: ['/a'] })
    expect(await authorizeOutcome(service, bound.token, { requirePaths: true, target: '/a' })).toBe('allowed')
  })

  test('time: not before, not after', async () => {
    const start = clock.now()
    const later = new Date(start.getTime() + 60_000)
    const { token } = await service.issue({ notBefore: later, expiresIn: 120 })
    expect(await outcome(token, REQUEST)).toBe('token_not_yet_valid')
    clock.advance(54)
    expect(await outcome(token, REQUEST)).toBe('token_not_yet_valid')
    clock.advance(1)
    expect(await outcome(token, REQUEST)).toBe('allowed')
    clock.set(new Date(start.getTime() + 119_999))
    expect(await outcome(token, REQUEST)).toBe('allowed')
    clock.set(new Date(start.getTime() + 120_000))
    expect(await outcome(token, REQUEST)).toBe('token_expired')
  })

  test('a clock that is behind the one of the issuer: 5 s are allowed', async () => {
    const { token } = await service.issue({})
    clock.advance(-5)
    expect(await outcome(token, REQUEST)).toBe('allowed')
    clock.advance(-1)
    expect(await outcome(token, REQUEST)).toBe('token_not_yet_valid')
  })

  test('revoked, unknown, exhausted', async () => {
    const revoked = await service.issue({ credits: 1 })
    await service.revoke('default', revoked.record.id)
    expect(await outcome(revoked.token, { ...REQUEST, cost: 1 })).toBe('token_revoked')

    const other = await startService({ store: { ...store, find: () => null } })
    expect(await authorizeOutcome(other.service, revoked.token)).toBe('token_unknown')
    expect(await verifyOutcome(other.service, revoked.token)).toBe('token_unknown')

    const spent = await service.issue({ credits: 1 })
    expect(await authorizeOutcome(service, spent.token, { cost: 1 })).toBe('allowed')
    expect(await outcome(spent.token, { ...REQUEST, cost: 1 })).toBe('credits_exhausted')
    expect(await service.authorize(spent.token, { ...REQUEST, cost: 1 })).toEqual(
      toDenial('credits_exhausted', { remaining: 0, cost: 1 }),
    )
  })
})

/**
 * Everything that can be wrong at once, from the last step to the first: each step is made wrong in turn while all
 * later ones stay wrong, and its code must hide theirs.
 */
test('a token wrong in many ways gets the code of the earliest step', async () => {
  const forger = await createForger(store)
  const issued = await service.issue({ ...BOUND, credits: 1 })
  await service.authorize(issued.token, GOOD)
  const request = { ...GOOD }
  expect(await outcome(issued.token, request)).toBe('credits_exhausted')

  await service.revoke('default', issued.record.id)
  expect(await outcome(issued.token, request)).toBe('token_revoked')

  const steps: [string, Partial<AccessRequest>][] = [
    ['scope_denied', { scope: ['admin'] }],
    ['project_denied', { project: 'other' }],
    ['method_denied', { method: 'DELETE' }],
    ['path_denied', { target: '/secret' }],
    ['ip_denied', { address: '192.0.2.1' }],
  ]
  let wrong: AccessRequest = request
  for (const [code, more] of steps) {
    wrong = { ...wrong, ...more }
    expect(await outcome(issued.token, wrong)).toBe(code)
  }

  const claims = { ...readPayload(issued.token), nbf: Number(readPayload(issued.token).iat) }
  clock.advance(7200)
  expect(await outcome(issued.token, wrong)).toBe('token_expired')

  // An iat in the future and an exp in the past.
  const unborn = { ...claims, iat: Math.floor(clock.now().getTime() / 1000) + 60 }
  expect(await outcome(forger.forge(unborn), wrong)).toBe('token_not_yet_valid')
  const broken = { ...unborn, jti: 7 }
  expect(await outcome(forger.forge(broken), wrong)).toBe('token_malformed')
  const foreignAudience = { ...broken, aud: 'x' }
  expect(await outcome(forger.forge(foreignAudience), wrong)).toBe('audience_denied')
  const foreignIssuer = { ...foreignAudience, iss: 'x' }
  expect(await outcome(forger.forge(foreignIssuer), wrong)).toBe('issuer_denied')
  const otherType = forger.forge(foreignIssuer, { ...forger.header, typ: 'JWT' })
  expect(await outcome(otherType, wrong)).toBe('token_type_denied')
  const unsigned = `${otherType.slice(0, -86)}${'A'.repeat(86)}`
  expect(await outcome(unsigned, wrong)).toBe('signature_invalid')
  expect(await outcome(`${unsigned}=`, wrong)).toBe('token_malformed')
})

describe('the cost', () => {
  test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 1_000_001, 2 ** 53])(
    'CRD-60 a cost of %d is a fault of the application: it throws, lets nothing through and spends nothing',
    async (cost) => {
      const { token, record } = await service.issue({ credits: 5 })
      expect(() => service.authorize(token, { ...REQUEST, cost })).toThrow('cost must be a whole number')
      expect(await remaining(record.id)).toBe(5)
    },
  )

  test('CRD-61 a cost of 0 is not a cost that is missing, and neither spends', async () => {
    const { token, record } = await service.issue({ credits: 1 })
    expect(await service.authorize(token, { ...REQUEST, cost: 0 })).toMatchObject({ spend: null })
    expect(await service.authorize(token, REQUEST)).toMatchObject({ spend: null })
    expect(await remaining(record.id)).toBe(1)
    const free = await service.issue({})
    expect(await service.authorize(free.token, { ...REQUEST, cost: 1_000_000 })).toMatchObject({
      spend: null,
    })
  })
})

test('a denial is an error for code that throws, and holds nothing of the token', () => {
  for (const code of DENIAL_CODES) {
    const error = new AccessDeniedError(toDenial(code))
    expect(error).toMatchObject({ name: 'AccessDeniedError', code, denial: { allowed: false, code } })
    expect(error.message).toMatch(/^(the|an|this) /)
    expect(error.cause).toBeUndefined()
  }
})
