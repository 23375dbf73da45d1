import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { JWK } from 'jose'
import { describe, expect, test } from 'vitest'
import { createMemoryStore, type GivenKey } from '../src/index.ts'
import { generateSigningKey } from '../src/signature.ts'
import { createDialectProfile } from './dialect-profile.ts'
import { readHeader } from './forge-token.ts'
import { authorizeOutcome, startService } from './start-service.ts'

const toJwk = (key: KeyObject, kid: string, alg: string): JWK => ({
  ...key.export({ format: 'jwk' }),
  kid,
  alg,
})
const native: GivenKey = { jwk: toJwk(generateSigningKey('EdDSA'), 'k1', 'EdDSA') }

const startWith = (...jwks: GivenKey[]) =>
  startService({ store: { ...createMemoryStore(), persistent: true }, keys: { jwks } })

test('the last of a (project, profile) signs, all verify, nothing is stored', async () => {
  const store = createMemoryStore()
  const second: GivenKey = { jwk: toJwk(generateSigningKey('EdDSA'), 'k2', 'EdDSA') }
  const old = await startService({ store, keys: { jwks: [native] } })
  const { token } = await old.service.issue({})
  const { service } = await startService({ store, keys: { jwks: [native, second] } })
  const issued = await service.issue({})
  expect([readHeader(token).kid, readHeader(issued.token).kid]).toEqual(['k1', 'k2'])
  for (const text of [token, issued.token]) expect(await authorizeOutcome(service, text)).toBe('allowed')
  expect(await authorizeOutcome(old.service, issued.token)).toBe('key_unknown')
  expect(await store.keys()).toEqual([])
  expect(await service.purge()).toBe(0)
})

test('SEC-94 the key set holds public halves of native keys only, and no HMAC key, not even its kid', async () => {
  const { service } = await startWith(
    native,
    { jwk: toJwk(generateSigningKey('HS256'), 'hmac-native', 'HS256'), project: 'other' },
    { jwk: toJwk(generateSigningKey('ES256'), 'vendor', 'ES256'), profile: 'vendor' },
  )
  const { keys } = await service.jwks()
  const { x } = native.jwk
  expect(keys).toEqual([{ kty: 'OKP', crv: 'Ed25519', x, kid: 'k1', alg: 'EdDSA', use: 'sig' }])
  // A copy: writing into it changes nothing.
  Object.assign(keys[0] ?? {}, { x: 'AAAA' })
  expect((await service.jwks()).keys[0]?.x).toBe(x)
})

test('SEC-95 keys that are made are published without their private half, HMAC keys never', async () => {
  const { service } = await startService()
  await service.issue({ profile: createDialectProfile('vendor', 'HS256') })
  await service.issue({ profile: createDialectProfile('es', 'ES256') })
  await service.issue({ project: 'other' })
  const { keys } = await service.jwks()
  expect(keys).toHaveLength(2)
  for (const key of keys) expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x'])
})

test('rotation is the business of whoever brings the keys', async () => {
  const { service } = await startWith(native)
  await expect(service.rotateKeys()).rejects.toThrow('rotated by changing keys.jwks')
})

test('a project without a key is not there to issue for; a key for another algorithm is a fault of the set-up', async () => {
  const { service, errors } = await startWith(native)
  await expect(service.issue({ project: 'other' })).rejects.toMatchObject({
    code: 'invalid_request',
    field: 'project',
  })
  const es = { jwk: toJwk(generateSigningKey('ES256'), 'es', 'ES256'), project: 'es' }
  await expect((await startWith(es)).service.issue({ project: 'es' })).rejects.toThrow('is for ES256')
  expect(errors).toEqual([])
})

describe('keys that are refused', () => {
  const weakSecret = { kty: 'oct', k: Buffer.alloc(31, 1).toString('base64url'), kid: 'k', alg: 'HS256' }
  const weakRsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
  const rows: [id: string, what: string, jwk: JWK, why: string][] = [
    ['SEC-96', 'an HMAC secret of 31 bytes', weakSecret, 'at least 32 bytes'],
    ['SEC-97', 'RSA of 1024 bits', toJwk(weakRsa, 'k', 'RS256'), 'at least 2048 bits'],
    [
      'SEC-98',
      'a public key as an HMAC secret',
      toJwk(createPublicKey(generateSigningKey('ES256')), 'k', 'HS256'),
      'not a private JWK',
    ],
    [
      'SEC-99',
      'a key of another kind than its alg',
      toJwk(generateSigningKey('HS256'), 'k', 'EdDSA'),
      'needs a key pair',
    ],
  ]
  test.each(rows)('%s %s', async (_id, _what, jwk, why) => {
    await expect(startWith({ jwk })).rejects.toMatchObject({
      name: 'ConfigurationError',
      message: expect.stringContaining(why),
    })
  })

  const { kid: _kid, ...withoutKid } = native.jwk
  const { alg: _alg, ...withoutAlg } = native.jwk
  const others: [what: string, keys: readonly unknown[], why: string][] = [
    [
      'only the public half',
      [{ jwk: toJwk(createPublicKey(generateSigningKey('EdDSA')), 'k', 'EdDSA') }],
      'private',
    ],
    ['a secret without its bytes', [{ jwk: { kty: 'oct', kid: 'k', alg: 'HS256' } }], 'at least 32 bytes'],
    ['an unknown algorithm', [{ jwk: { ...native.jwk, alg: 'none' } }], 'not supported'],
    ['no kid', [{ jwk: withoutKid }], 'needs a kid'],
    ['no alg', [{ jwk: withoutAlg }], 'needs a kid'],
    ['an empty kid', [{ jwk: { ...native.jwk, kid: '' } }], 'needs a kid'],
    ['two of one kid', [native, { ...native, project: 'other' }], 'repeats the kid'],
    ['a bare JWK', [native.jwk], 'needs a kid'],
    ['a JWK Set', Object(native), 'must be a list'],
  ]
  test.each(others)('%s', async (_what, jwks, why) => {
    const keys = Object({ jwks })
    const error = await startService({ keys }).then(
      () => null,
      (failure: unknown) => failure,
    )
    expect(error).toMatchObject({ name: 'ConfigurationError', message: expect.stringContaining(why) })
    if (native.jwk.d !== undefined) expect(String(error)).not.toContain(native.jwk.d)
  })
})
