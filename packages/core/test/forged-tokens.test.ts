import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { FlattenedSign, SignJWT, UnsecuredJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { JsonObject, TokenService, TokenStore } from '../src/index.ts'
import { createDialectProfile } from './dialect-profile.ts'
import { createForger, type Forger, readPayload, toSegment } from './forge-token.ts'
import { authorizeOutcome, ISSUER, startService, verifyOutcome } from './start-service.ts'

let service: TokenService
let store: TokenStore
let forger: Forger
/** A token as it was issued, and its payload. */
let token: string
let payload: JsonObject

beforeEach(async () => {
  // An unknown kid waits for its turn to look into the store.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  const started = await startService({ limits: { allowNoExpiry: true } })
  service = started.service
  store = started.store
  token = (await service.issue({ subject: 'ada', scope: ['files'] })).token
  forger = await createForger(store)
  payload = readPayload(token)
})

afterEach(() => {
  vi.useRealTimers()
})

/** The guard and `verify` say the same of a text. */
async function outcome(text: string): Promise<string> {
  const answers = Promise.all([authorizeOutcome(service, text), verifyOutcome(service, text)])
  await vi.advanceTimersByTimeAsync(1000)
  const [said, verified] = await answers
  expect(verified).toBe(said)
  return said
}

test('the forger makes the very token that was issued', async () => {
  expect(forger.forge(payload)).toBe(token)
  expect(await outcome(forger.forge(payload))).toBe('allowed')
})

describe('the header', () => {
  const hmacWith = (secret: string | Buffer, header: JsonObject): string => {
    const input = `${toSegment(header)}.${toSegment(payload)}`
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
  }
  const publicKey = () => createPublicKey(createPrivateKey({ key: { ...forger.jwk }, format: 'jwk' }))

  const rows: [id: string, what: string, make: () => string | Promise<string>, code: string][] = [
    ['TXT-50', 'alg none, unsecured by jose', () => new UnsecuredJWT(payload).encode(), 'token_malformed'],
    [
      'TXT-51',
      'alg None with the real signature',
      () => forger.forge(payload, { ...forger.header, alg: 'nOnE' }),
      'token_malformed',
    ],
    [
      'TXT-52',
      'HS256 with the public key as PEM',
      () => hmacWith(publicKey().export({ type: 'spki', format: 'pem' }), { ...forger.header, alg: 'HS256' }),
      'signature_invalid',
    ],
    [
      'TXT-53',
      'HS256 with the bytes of the public JWK',
      () => hmacWith(Buffer.from(forger.jwk.x ?? '', 'base64url'), { ...forger.header, alg: 'HS256' }),
      'signature_invalid',
    ],
    [
      'TXT-54',
      'another algorithm named over a good signature',
      () => forger.forge(payload, { ...forger.header, alg: 'ES256' }),
      'signature_invalid',
    ],
    [
      'TXT-55',
      'a kid that nobody has, signed by a key of the attacker',
      () => attackerToken(payload, 'unknown'),
      'key_unknown',
    ],
    [
      'TXT-56',
      'our kid, signed by a key of the attacker',
      () => attackerToken(payload, forger.kid),
      'signature_invalid',
    ],
    ['TXT-57', 'an empty kid', () => forger.forge(payload, { ...forger.header, kid: '' }), 'key_unknown'],
    [
      'TXT-58',
      'a kid that is a prototype member',
      () => forger.forge(payload, { ...forger.header, kid: '__proto__' }),
      'key_unknown',
    ],
    [
      'TXT-59',
      'a kid that is a path',
      () => forger.forge(payload, { ...forger.header, kid: '../../../../dev/null' }),
      'key_unknown',
    ],
    [
      'TXT-60',
      'a kid that is SQL',
      () => forger.forge(payload, { ...forger.header, kid: "x' UNION SELECT 'k" }),
      'key_unknown',
    ],
    [
      'TXT-61',
      'a kid of 5 KB',
      () => forger.forge(payload, { ...forger.header, kid: 'k'.repeat(5000) }),
      'key_unknown',
    ],
    [
      'TXT-62',
      'a kid that is a list',
      () => forger.forge(payload, { ...forger.header, kid: [forger.kid] }),
      'token_malformed',
    ],
    [
      'TXT-63',
      'a jwk of its own',
      () => forger.forge(payload, { ...forger.header, jwk: { kty: 'OKP', crv: 'Ed25519', x: 'AA' } }),
      'token_malformed',
    ],
    [
      'TXT-64',
      'a jku',
      () => forger.forge(payload, { ...forger.header, jku: 'https://evil.example/jwks' }),
      'token_malformed',
    ],
    ['TXT-65', 'an x5c', () => forger.forge(payload, { ...forger.header, x5c: ['MIIB'] }), 'token_malformed'],
    [
      'TXT-66',
      'an unknown crit',
      () => forger.forge(payload, { ...forger.header, crit: ['exp'] }),
      'token_malformed',
    ],
    [
      'TXT-67',
      'b64 false, payload not encoded, signed by jose',
      async () =>
        new FlattenedSign(Buffer.from(toSegment(payload)))
          .setProtectedHeader({ alg: 'EdDSA', kid: forger.kid, b64: false, crit: ['b64'] })
          .sign(createPrivateKey({ key: { ...forger.jwk }, format: 'jwk' }))
          .then(({ protected: header = '', signature }) => `${header}.${toSegment(payload)}.${signature}`),
      'token_malformed',
    ],
    [
      'TXT-68',
      'an ID token of the same key',
      () => forger.forge(payload, { ...forger.header, typ: 'JWT' }),
      'token_type_denied',
    ],
    ['TXT-69', 'no typ', () => forger.forge(payload, { alg: 'EdDSA', kid: forger.kid }), 'token_type_denied'],
    [
      'TXT-70',
      'a key twice',
      () => forger.forge(payload, `{"alg":"EdDSA","typ":"at+jwt","kid":"x","kid":"${forger.kid}"}`),
      'token_malformed',
    ],
  ]

  test.each(rows)('%s %s', async (_id, _what, make, code) => {
    expect(await outcome(await make())).toBe(code)
  })

  test('typ is compared without case and may be a full media type', async () => {
    const text = forger.forge(payload, { ...forger.header, typ: 'application/AT+JWT' })
    // Good, but not the text that was issued.
    expect(await outcome(text)).toBe('token_unknown')
  })
})

async function attackerToken(claims: JsonObject, kid: string): Promise<string> {
  const { privateKey } = generateKeyPairSync('ed25519')
  return new SignJWT({ ...claims }).setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid }).sign(privateKey)
}

describe('the payload, signed with the real key', () => {
  const without = (name: string): JsonObject => {
    const { [name]: _gone, ...rest } = payload
    return rest
  }
  const raw = (name: string, json: string): string =>
    JSON.stringify({ ...without(name), last: 0 }).replace(/"last":0}$/, `"${name}":${json}}`)
  const later = (): number => Number(payload.exp)

  const rows: [id: string, what: string, make: () => JsonObject | string, code: string][] = [
    ['TXT-71', 'exp as text', () => ({ ...payload, exp: String(later()) }), 'token_malformed'],
    ['TXT-72', 'exp null', () => ({ ...payload, exp: null }), 'token_malformed'],
    ['TXT-73', 'exp a fraction', () => ({ ...payload, exp: later() + 0.5 }), 'token_malformed'],
    ['TXT-74', 'exp negative', () => ({ ...payload, exp: -1 }), 'token_malformed'],
    ['TXT-75', 'exp 1e400', () => raw('exp', '1e400'), 'token_malformed'],
    ['TXT-76', 'exp 2^53', () => ({ ...payload, exp: 2 ** 53 }), 'token_malformed'],
    ['TXT-77', 'nbf as text', () => ({ ...payload, nbf: '0' }), 'token_malformed'],
    ['TXT-78', 'iat missing', () => without('iat'), 'token_malformed'],
    ['TXT-79', 'iat true', () => ({ ...payload, iat: true }), 'token_malformed'],
    ['TXT-80', 'jti missing', () => without('jti'), 'token_malformed'],
    ['TXT-81', 'jti a number', () => ({ ...payload, jti: 7 }), 'token_malformed'],
    ['TXT-82', 'jti empty', () => ({ ...payload, jti: '' }), 'token_malformed'],
    ['TXT-83', 'aud a list with ours in it', () => ({ ...payload, aud: [ISSUER] }), 'audience_denied'],
    ['TXT-84', 'aud missing', () => without('aud'), 'audience_denied'],
    ['TXT-85', 'aud of another', () => ({ ...payload, aud: 'https://other.example' }), 'audience_denied'],
    ['TXT-86', 'iss of another', () => ({ ...payload, iss: `${ISSUER}/` }), 'issuer_denied'],
    ['TXT-87', 'iss missing', () => without('iss'), 'issuer_denied'],
    ['TXT-88', 'a key twice', () => raw('sub', '"ada","sub":"root"'), 'token_malformed'],
    ['TXT-89', 'nbf after exp', () => ({ ...payload, nbf: later() + 1 }), 'token_malformed'],
    [
      'TXT-90',
      'iat 6 s in the future',
      () => ({ ...payload, iat: Number(payload.iat) + 6 }),
      'token_not_yet_valid',
    ],
    ['TXT-91', 'a project of another', () => ({ ...payload, project: 'other' }), 'token_malformed'],
    ['TXT-92', 'ranges that cannot be read', () => ({ ...payload, ip: ['10.0.0.1/8'] }), 'token_malformed'],
    ['TXT-93', 'no path at all', () => ({ ...payload, paths: [] }), 'token_malformed'],
    ['TXT-94', 'methods that are a text', () => ({ ...payload, methods: 'GET' }), 'token_malformed'],
    ['TXT-95', 'a scope that is a list', () => ({ ...payload, scope: ['files'] }), 'token_malformed'],
    ['TXT-96', 'metered false', () => ({ ...payload, metered: false }), 'token_malformed'],
    [
      'TXT-97',
      'the id of another token',
      () => ({ ...payload, jti: '01890000-0000-7000-8000-000000000000' }),
      'token_unknown',
    ],
    ['TXT-98', 'more scope under the same id', () => ({ ...payload, scope: 'files admin' }), 'token_unknown'],
  ]

  test.each(rows)('%s %s', async (_id, _what, make, code) => {
    expect(await outcome(forger.forge(make()))).toBe(code)
  })

  test('a token without exp is refused unless the service lets tokens live for ever', async () => {
    const endless = forger.forge(without('exp'))
    expect(await outcome(endless)).toBe('token_unknown')
    const strict = await startService({ store })
    expect(await authorizeOutcome(strict.service, endless)).toBe('token_malformed')
  })
})

test('TXT-99 one token has one text: every other spelling is refused, also when the good one is remembered', async () => {
  expect(await outcome(token)).toBe('allowed')
  const [header = '', body = '', signature = ''] = token.split('.')
  const spare = signature.replace(/.$/, (last) => String.fromCharCode(last.charCodeAt(0) + 1))
  for (const text of [
    `${token}=`,
    `${token}\n`,
    ` ${token}`,
    `${header}.${body}.${spare}`,
    `${header}=.${body}.${signature}`,
    `${header}.${body}.${signature}.`,
    JSON.stringify({ protected: header, payload: body, signature }),
  ]) {
    expect(await outcome(text)).toMatch(/^(token_malformed|signature_invalid)$/)
  }
})

describe('a key belongs to one project and one profile', () => {
  test('a token signed with the key of another project cannot name this one', async () => {
    await service.issue({ project: 'other' })
    const other = await createForger(store, 'other')
    expect(await outcome(other.forge(payload))).toBe('token_malformed')
    expect(await outcome(forger.forge(payload, { ...forger.header, kid: other.kid }))).toBe(
      'signature_invalid',
    )
  })

  test("a dialect's token does not pass for a native one, nor the other way round", async () => {
    const dialect = createDialectProfile('vendor', 'HS256')
    const other = await service.issue({ profile: dialect })
    const vendorForger = await createForger(store, 'default', 'vendor')
    expect(await outcome(other.token)).toBe('token_type_denied')
    expect(await outcome(vendorForger.forge(payload, { ...vendorForger.header, typ: 'at+jwt' }))).toBe(
      'token_type_denied',
    )
    expect(await authorizeOutcome(service, token, { profiles: [dialect] })).toBe('token_type_denied')
    expect(await authorizeOutcome(service, other.token, { profiles: [dialect] })).toBe('allowed')
    expect(await authorizeOutcome(service, other.token, { profiles: ['native', dialect] })).toBe('allowed')
    expect(await authorizeOutcome(service, token, { profiles: [] })).toBe('token_type_denied')
  })

  test('a profile that reads the project from a claim cannot carry its key into another project', async () => {
    const profile = createDialectProfile('vendor', 'HS256')
    const roaming = createDialectProfile('vendor', 'HS256', {
      fromClaims(claims, project) {
        const read = profile.fromClaims(claims, project)
        return read && { ...read, project: read.subject }
      },
    })
    const issued = await service.issue({ profile, subject: 'other' })
    expect(await authorizeOutcome(service, issued.token, { profiles: [profile] })).toBe('allowed')
    expect(await authorizeOutcome(service, issued.token, { profiles: [roaming] })).toBe('token_malformed')
    await expect(service.issue({ profile: roaming, subject: 'other' })).rejects.toMatchObject({
      name: 'ConfigurationError',
    })
  })
})

test('text of no token at all is malformed, whatever its type', async () => {
  for (const text of ['', '.', '..', 'a.b.c', 'null', '{}', 'Bearer x', 'ey\u0000', 'é.é.é']) {
    expect(await outcome(text)).toBe('token_malformed')
  }
  const untyped: unknown[] = [
    undefined,
    null,
    7,
    {},
    ['a', '.', 'b', '.', 'c'],
    { length: 5, indexOf: () => 1 },
  ]
  for (const value of untyped) {
    expect(
      Reflect.apply(service.authorize, service, [value, { address: null, target: null, method: null }]),
    ).toMatchObject({
      code: 'token_malformed',
    })
  }
})
