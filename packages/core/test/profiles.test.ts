import { createPrivateKey, createPublicKey } from 'node:crypto'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { encodeBase64url } from '../src/base64url.ts'
import { ALGORITHMS, type IssueInput } from '../src/index.ts'
import { createDialectProfile } from './dialect-profile.ts'
import { createForger, readHeader, readPayload } from './forge-token.ts'
import { authorizeOutcome, ISSUER, REQUEST, startService, verifyOutcome } from './start-service.ts'

test('a native token is an RFC 9068 access token that jose verifies with the published keys', async () => {
  const { service, clock } = await startService({ audience: 'https://api.example' })
  const { token, record } = await service.issue({
    project: 'acme',
    subject: 'ada',
    application: 'cli',
    scope: ['files.read', 'reports'],
    ip: ['10.0.0.0/8'],
    paths: ['/files/'],
    httpMethods: ['GET'],
    credits: 3,
    notBefore: new Date('2026-11-21T12:00:00.900Z'),
    expiresIn: 59.1,
    claims: { plan: 'pro' },
  })
  const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(await service.jwks()), {
    issuer: ISSUER,
    audience: 'https://api.example',
    typ: 'at+jwt',
    algorithms: ['EdDSA'],
    currentDate: clock.now(),
  })
  const iat = clock.now().getTime() / 1000
  expect(payload).toEqual({
    plan: 'pro',
    sub: 'ada',
    client_id: 'cli',
    project: 'acme',
    scope: 'files.read reports',
    ip: ['10.0.0.0/8'],
    paths: ['/files/'],
    methods: ['GET'],
    metered: true,
    iss: ISSUER,
    aud: 'https://api.example',
    jti: record.id,
    iat,
    nbf: iat,
    // Rounded up.
    exp: iat + 60,
  })
  expect(protectedHeader).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: readHeader(token).kid })
})

test('a token without limits has no claims for them', async () => {
  const { service } = await startService()
  const { token } = await service.issue({})
  expect(Object.keys(readPayload(token)).sort()).toEqual([
    'aud',
    'client_id',
    'exp',
    'iat',
    'iss',
    'jti',
    'project',
    'sub',
  ])
})

describe.each(ALGORITHMS)('a profile that signs with %s', (algorithm) => {
  const profile = createDialectProfile('vendor', algorithm)

  test('is issued, verified, limited, metered and revoked like a native token', async () => {
    const { service, clock, store } = await startService()
    const { token, record } = await service.issue({
      profile,
      subject: 'ada',
      scope: ['files'],
      paths: ['/files/'],
      ip: ['192.0.2.0/24'],
      credits: 1,
      expiresIn: 60,
    })
    expect(record).toMatchObject({ profile: 'vendor', subject: 'ada' })
    expect(readHeader(token)).toEqual({ alg: algorithm, kid: expect.any(String) })
    expect(readPayload(token)).toMatchObject({ iss: 'vendor-issuer', token_id: record.id, user: 'ada' })
    const request = {
      ...REQUEST,
      target: '/files/a',
      address: '192.0.2.1',
      scope: ['files.a'],
      profiles: [profile],
    }
    expect(await authorizeOutcome(service, token, { ...request, target: '/b' })).toBe('path_denied')
    expect(await authorizeOutcome(service, token, { ...request, address: '10.0.0.1' })).toBe('ip_denied')
    expect(await authorizeOutcome(service, token, { ...request, scope: ['b'] })).toBe('scope_denied')
    expect(await authorizeOutcome(service, token, request)).toBe('allowed')
    expect(await authorizeOutcome(service, token, { ...request, cost: 1 })).toBe('allowed')
    expect(await authorizeOutcome(service, token, { ...request, cost: 1 })).toBe('credits_exhausted')
    expect(await authorizeOutcome(service, token)).toBe('token_type_denied')

    const restarted = await startService({ store, clock })
    expect(await authorizeOutcome(restarted.service, token, request)).toBe('allowed')
    await service.revoke('default', record.id)
    expect(await authorizeOutcome(restarted.service, token, request)).toBe('token_revoked')
    clock.advance(60)
    expect(await verifyOutcome(service, token, { profiles: [profile] })).toBe('token_expired')
  })

  test('a changed signature is refused', async () => {
    const { service, store } = await startService()
    const { token } = await service.issue({ profile })
    const [header = '', body = '', signature = ''] = token.split('.')
    const bytes = Buffer.from(signature, 'base64url')
    for (const at of [0, bytes.length >> 1, bytes.length - 1]) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 1
      const text = `${header}.${body}.${encodeBase64url(changed)}`
      expect(await authorizeOutcome(service, text, { profiles: [profile] })).toBe('signature_invalid')
    }
    const cut = `${header}.${body}.${encodeBase64url(bytes.subarray(1))}`
    expect(await authorizeOutcome(service, cut, { profiles: [profile] })).toBe('signature_invalid')
    // The forger has the key: its signature over the same bytes is good.
    const again = (await createForger(store, 'default', 'vendor')).forge(
      readPayload(token),
      readHeader(token),
    )
    const outcome = await authorizeOutcome(service, again, { profiles: [profile] })
    expect(outcome).toBe(again === token ? 'allowed' : 'token_unknown')
  })
})

test('STO-67 the second signature of an ECDSA token (r, n−s) is the same token: no second life, no second credit', async () => {
  const profile = createDialectProfile('vendor', 'ES256')
  const n = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551')
  const twinOf = (token: string): string => {
    const [header, body, signature = ''] = token.split('.')
    const bytes = Buffer.from(signature, 'base64url')
    const s = n - BigInt(`0x${bytes.toString('hex', 32)}`)
    const twin = Buffer.from(s.toString(16).padStart(64, '0'), 'hex')
    return `${header}.${body}.${encodeBase64url(Buffer.concat([bytes.subarray(0, 32), twin]))}`
  }
  const strict = await startService()
  const issued = await strict.service.issue({ profile, credits: 1 })
  const twin = twinOf(issued.token)
  const key = await createForger(strict.store, 'default', 'vendor')
  const publicKey = createPublicKey(createPrivateKey({ key: { ...key.jwk }, format: 'jwk' }))
  // jose finds it good: it is not the signature that tells them apart.
  await jwtVerify(twin, publicKey, { currentDate: strict.clock.now() })
  expect(await authorizeOutcome(strict.service, twin, { profiles: [profile], cost: 1 })).toBe('token_unknown')

  const bounded = await startService({ revocation: { mode: 'bounded', maxStalenessMs: 60_000 } })
  const free = await bounded.service.issue({ profile })
  expect(await authorizeOutcome(bounded.service, twinOf(free.token), { profiles: [profile] })).toBe('allowed')
  await bounded.service.revoke('default', free.record.id)
  expect(await authorizeOutcome(bounded.service, twinOf(free.token), { profiles: [profile] })).toBe(
    'token_revoked',
  )
})

test('a profile that fails over its own claims never lets a request through', async () => {
  const { service } = await startService()
  const profile = createDialectProfile('vendor', 'HS256')
  const broken = createDialectProfile('vendor', 'HS256', {
    fromClaims() {
      throw new RangeError('a fault of the profile')
    },
  })
  const { token } = await service.issue({ profile })
  expect(() => service.authorize(token, { ...REQUEST, profiles: [broken] })).toThrow(RangeError)
  await expect(service.verify(token, { profiles: [broken] })).rejects.toThrow(RangeError)
  await expect(service.issue({ profile: broken })).rejects.toThrow(RangeError)
})

describe('a limit that a kind of token cannot carry would never be enforced, so it is refused at the issue', () => {
  const blind = createDialectProfile('blind', 'HS256', {
    toClaims: ({ subject }) => ({ user: subject }),
    fromClaims: ({ token_id: id, user: subject }, project) =>
      typeof id !== 'string' || typeof subject !== 'string'
        ? null
        : {
            id,
            project,
            subject,
            application: 'default',
            scope: [],
            ip: [],
            paths: null,
            httpMethods: null,
            metered: false,
          },
  })

  test.each<[IssueInput, string]>([
    [{ ip: ['10.0.0.1'] }, 'ip'],
    [{ paths: ['/files/'] }, 'paths'],
    [{ httpMethods: ['GET'] }, 'httpMethods'],
    [{ credits: 1 }, 'credits'],
    [{ pool: 'team' }, 'pool'],
  ])('%j', async (input, field) => {
    const { service } = await startService()
    await service.createPool('default', 'team', 1)
    await expect(service.issue({ ...input, profile: blind })).rejects.toMatchObject({
      code: 'invalid_request',
      field,
    })
    expect((await service.list({ project: 'default' })).tokens).toEqual([])
    await service.issue({ profile: blind })
  })

  test('nor does it carry what it reads from a claim of the caller and nobody can read', async () => {
    const { service } = await startService()
    const profile = createDialectProfile('vendor', 'HS256', {
      fromClaims: ({ token_id: id, allowed }, project) =>
        typeof id !== 'string'
          ? null
          : {
              id,
              project,
              subject: 'default',
              application: 'default',
              scope: [],
              ip: Array.isArray(allowed) ? allowed.map(String) : [],
              paths: null,
              httpMethods: null,
              metered: false,
            },
      toClaims: ({ claims }) => claims,
    })
    const issued = service.issue({ profile, claims: { allowed: ['999.1.1.1'] } })
    await expect(issued).rejects.toMatchObject({ code: 'invalid_request' })
  })

  test('a part of it is not enough', async () => {
    const { service } = await startService()
    const profile = createDialectProfile('vendor', 'HS256')
    await service.issue({ profile, paths: ['/a%20b'], ip: ['::ffff:10.0.0.1'] })
    await expect(service.issue({ profile, paths: ['/a', '/b'] })).rejects.toMatchObject({ field: 'paths' })
  })

  test('a profile that does not read its own claims back is a fault of the set-up', async () => {
    const { service } = await startService()
    const forgetful = createDialectProfile('forgetful', 'HS256', { fromClaims: () => null })
    await expect(service.issue({ profile: forgetful })).rejects.toMatchObject({ name: 'ConfigurationError' })
  })
})

test('a profile that requires an expiry refuses to issue without one', async () => {
  const { service } = await startService({ limits: { allowNoExpiry: true } })
  const profile = createDialectProfile('vendor', 'HS256')
  await expect(service.issue({ profile, expiresAt: null })).rejects.toMatchObject({
    code: 'invalid_request',
    field: 'expiresAt',
  })
  const endless = createDialectProfile('endless', 'HS256', { requireExpiry: false, issuer: null })
  const { token } = await service.issue({ profile: endless, expiresAt: null })
  expect(readPayload(token)).not.toHaveProperty('exp')
  expect(readPayload(token)).not.toHaveProperty('iss')
  expect(await authorizeOutcome(service, token, { profiles: [endless] })).toBe('allowed')
})
