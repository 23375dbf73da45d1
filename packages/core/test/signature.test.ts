import {
  constants,
  createHash,
  createSecretKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signBytes,
} from 'node:crypto'
import fc from 'fast-check'
import { CompactSign, compactVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { ALGORITHMS, type Algorithm } from '../src/profile.ts'
import { ConfigurationError } from '../src/request-error.ts'
import {
  assertKeyFits,
  createSigner,
  createVerifier,
  generateSigningKey,
  isDeterministic,
  toVerificationKey,
} from '../src/signature.ts'

const keys = new Map<Algorithm, KeyObject>()
function keyOf(algorithm: Algorithm): KeyObject {
  const key = keys.get(algorithm) ?? generateSigningKey(algorithm)
  keys.set(algorithm, key)
  return key
}

async function isGoodForJose(token: string, key: KeyObject, algorithm: Algorithm): Promise<boolean> {
  try {
    await compactVerify(token, toVerificationKey(key), { algorithms: [algorithm] })
    return true
  } catch {
    return false
  }
}

describe.each(ALGORITHMS.map((algorithm) => ({ algorithm })))('$algorithm, beside jose', ({ algorithm }) => {
  const key = keyOf(algorithm)
  const sign = createSigner(key, algorithm)
  const verify = createVerifier(toVerificationKey(key), algorithm)
  const header = Buffer.from(JSON.stringify({ alg: algorithm })).toString('base64url')

  test('jose signs, we verify', async () => {
    for (let round = 0; round < 5; round++) {
      const token = await new CompactSign(Buffer.from(`payload ${round}`))
        .setProtectedHeader({ alg: algorithm })
        .sign(key)
      const [head, body, signature = ''] = token.split('.')
      expect(verify(`${head}.${body}`, signature)).toBe(true)
      expect(verify(`${head}.${body}x`, signature)).toBe(false)
    }
  })

  test('we sign, jose verifies', async () => {
    for (let round = 0; round < 5; round++) {
      const input = `${header}.${Buffer.from(`payload ${round}`).toString('base64url')}`
      expect(await isGoodForJose(`${input}.${sign(input)}`, key, algorithm)).toBe(true)
    }
  })

  test('of a damaged signature both say the same', async () => {
    const input = `${header}.${Buffer.from('payload').toString('base64url')}`
    const signature = Buffer.from(sign(input), 'base64url')
    const damage = fc.oneof(
      fc.record({ kind: fc.constant('flip' as const), at: fc.nat(signature.length - 1), by: fc.nat(255) }),
      fc.record({ kind: fc.constant('cut' as const), at: fc.nat(signature.length - 1), by: fc.constant(0) }),
      fc.record({
        kind: fc.constant('zero' as const),
        at: fc.constantFrom(0, signature.length / 2),
        by: fc.nat(255),
      }),
      fc.record({ kind: fc.constant('longer' as const), at: fc.constant(0), by: fc.nat(255) }),
    )
    await fc.assert(
      fc.asyncProperty(damage, async ({ kind, at, by }) => {
        let bytes = Buffer.from(signature)
        if (kind === 'flip') bytes[at] = (bytes[at] ?? 0) ^ by
        else if (kind === 'zero') bytes.fill(0, at, at + signature.length / 2)
        else if (kind === 'cut') bytes = bytes.subarray(0, at)
        else bytes = Buffer.concat([bytes, Buffer.from([by])])
        const text = bytes.toString('base64url')
        expect(verify(input, text)).toBe(bytes.equals(signature))
        expect(await isGoodForJose(`${input}.${text}`, key, algorithm)).toBe(bytes.equals(signature))
      }),
      { numRuns: 40 },
    )
  })

  test('what was signed verifies, what was changed does not', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 1 }), (input, more) => {
        const signature = sign(input)
        expect(verify(input, signature)).toBe(true)
        expect(verify(input + more, signature)).toBe(false)
      }),
      { numRuns: 20 },
    )
  })

  test('the signature has one spelling', () => {
    const signature = sign('input')
    for (const text of [`${signature}=`, ` ${signature}`, `${signature}\n`, '', `${signature}.`]) {
      expect(verify('input', text)).toBe(false)
    }
  })

  test('a key of another owner does not verify', () => {
    const other = createVerifier(generateSigningKey(algorithm), algorithm)
    expect(other('input', sign('input'))).toBe(false)
    expect(createVerifier(key, algorithm)('input', sign('input'))).toBe(true)
  })

  test('is deterministic or not, as it says', () => {
    const signatures = new Set([sign('input'), sign('input')])
    expect(signatures.size === 1).toBe(isDeterministic(algorithm))
  })
})

test('input beyond ASCII is not confused with other input', () => {
  const sign = createSigner(keyOf('HS256'), 'HS256')
  const verify = createVerifier(keyOf('EdDSA'), 'EdDSA')
  expect(sign('\u0161')).not.toBe(sign('a'))
  expect(verify('\u0161', createSigner(keyOf('EdDSA'), 'EdDSA')('a'))).toBe(false)
})

test('RSA of the same key: each padding and digest verifies its own signatures only', () => {
  const rsa = keyOf('RS256')
  const algorithms = ALGORITHMS.filter((name) => /^[RP]S/.test(name))
  for (const signed of algorithms) {
    const signature = createSigner(rsa, signed)('input')
    for (const claimed of algorithms) {
      expect(createVerifier(rsa, claimed)('input', signature)).toBe(claimed === signed)
    }
  }
})

test('TXT-48 ECDSA in DER, as other libraries write it, is refused', () => {
  const verify = createVerifier(keyOf('ES256'), 'ES256')
  const raw = Buffer.from(createSigner(keyOf('ES256'), 'ES256')('input'), 'base64url')
  const der = Buffer.concat([
    Buffer.from([0x30, 0x44, 2, 32]),
    raw.subarray(0, 32),
    Buffer.from([2, 32]),
    raw.subarray(32),
  ])
  expect(verify('input', der.toString('base64url'))).toBe(false)
})

test('TXT-48 r and s with more leading zero bytes than they need are refused: one signature, one length', () => {
  const verify = createVerifier(keyOf('ES256'), 'ES256')
  const raw = Buffer.from(createSigner(keyOf('ES256'), 'ES256')('input'), 'base64url')
  const longer = Buffer.concat([Buffer.alloc(1), raw.subarray(0, 32), Buffer.alloc(1), raw.subarray(32)])
  expect(verify('input', raw.toString('base64url'))).toBe(true)
  expect(verify('input', longer.toString('base64url'))).toBe(false)
})

test('short r and s are verified: numbers with leading zero bytes', () => {
  const sign = createSigner(keyOf('ES256'), 'ES256')
  const verify = createVerifier(keyOf('ES256'), 'ES256')
  let seen = 0
  for (let round = 0; round < 1500 && seen < 3; round++) {
    const signature = Buffer.from(sign('input'), 'base64url')
    if (signature[0] !== 0 && signature[32] !== 0) continue
    seen++
    expect(verify('input', signature.toString('base64url'))).toBe(true)
  }
  expect(seen).toBeGreaterThan(0)
})

describe('keys that do not fit', () => {
  const publicRsa = toVerificationKey(keyOf('RS256'))
  const publicEc = toVerificationKey(keyOf('ES256'))
  const rsa1024 = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
  const rsaPss = generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey
  const ed448 = generateKeyPairSync('ed448').privateKey
  const pem = createSecretKey(Buffer.from(publicRsa.export({ format: 'pem', type: 'spki' })))
  const rows: [string, string, KeyObject, Algorithm][] = [
    ['TXT-38', 'an RSA public key as an HMAC secret', publicRsa, 'HS256'],
    ['TXT-39', 'an EC public key as an HMAC secret', publicEc, 'HS256'],
    ['TXT-40', 'a secret of 31 bytes', createSecretKey(Buffer.alloc(31, 1)), 'HS256'],
    ['TXT-41', 'an RSA key of 1024 bits', rsa1024, 'RS256'],
    ['TXT-42', 'a curve of another algorithm', keyOf('ES384'), 'ES256'],
    ['TXT-47', 'a secret for a key pair', keyOf('HS512'), 'EdDSA'],
  ]
  test.each(rows)('%s refuses %s', (_id, _what, key, algorithm) => {
    expect(() => assertKeyFits(key, algorithm)).toThrow(ConfigurationError)
    expect(() => createSigner(key, algorithm)).toThrow(ConfigurationError)
    expect(() => createVerifier(key, algorithm)).toThrow(ConfigurationError)
  })

  test('other types of RSA and Edwards keys, and RSA for ECDSA', () => {
    expect(() => assertKeyFits(rsaPss, 'PS256')).toThrow(ConfigurationError)
    expect(() => assertKeyFits(ed448, 'EdDSA')).toThrow(ConfigurationError)
    expect(() => assertKeyFits(publicRsa, 'ES256')).toThrow(ConfigurationError)
  })

  test('a name that is no algorithm', () => {
    const name: string = 'toString'
    expect(() => assertKeyFits(keyOf('HS256'), name as Algorithm)).toThrow(ConfigurationError)
  })

  test('a public key cannot sign', () => {
    expect(() => createSigner(publicRsa, 'RS256')).toThrow(ConfigurationError)
  })

  test('the text of a public key is a secret like any other: it verifies no signature of the key pair', () => {
    const forged = createSigner(pem, 'HS256')('input')
    expect(createVerifier(publicRsa, 'RS256')('input', forged)).toBe(false)
  })

  test('every fresh key fits', () => {
    for (const algorithm of ALGORITHMS) {
      expect(() => assertKeyFits(keyOf(algorithm), algorithm)).not.toThrow()
      expect(() => assertKeyFits(toVerificationKey(keyOf(algorithm)), algorithm)).not.toThrow()
    }
    expect(keyOf('HS512').symmetricKeySize).toBe(64)
    expect(keyOf('RS256').asymmetricKeyDetails?.modulusLength).toBe(2048)
  })
})

test('the half that verifies holds no private part', () => {
  expect(toVerificationKey(keyOf('EdDSA')).type).toBe('public')
  expect(toVerificationKey(keyOf('HS256'))).toBe(keyOf('HS256'))
})

test('a long input is signed whole', () => {
  const long = createHash('sha512').update('x').digest('hex').repeat(50)
  const signature = createSigner(keyOf('EdDSA'), 'EdDSA')(long)
  const verify = createVerifier(keyOf('EdDSA'), 'EdDSA')
  expect(verify(long, signature)).toBe(true)
  expect(verify(long.slice(0, -1), signature)).toBe(false)
})

test.each(['RS256', 'PS256'] as const)(
  'TXT-48 a %s signature without its leading zero byte is refused: one signature has one length',
  (algorithm) => {
    const sign = createSigner(keyOf(algorithm), algorithm)
    const verify = createVerifier(keyOf(algorithm), algorithm)
    // One signature in 256 begins with a zero byte.
    for (let at = 0; ; at++) {
      const input = `input ${at}`
      const signature = Buffer.from(sign(input), 'base64url')
      if (signature[0] !== 0) continue
      expect(verify(input, signature.toString('base64url'))).toBe(true)
      expect(verify(input, signature.subarray(1).toString('base64url'))).toBe(false)
      return
    }
  },
)

describe.each([
  ['PS256', 32],
  ['PS384', 48],
  ['PS512', 64],
] as const)('%s', (algorithm, saltLength) => {
  const digest = algorithm.replace('PS', 'sha')
  const pss = (length: number) => ({ padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: length })

  test.each([2048, 3072, 4096])('takes a key of %i bits', (modulusLength) => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength })
    expect(createVerifier(publicKey, algorithm)('input', createSigner(privateKey, algorithm)('input'))).toBe(
      true,
    )
  })

  test('takes the padding, the digest and the length of salt that RFC 7518 names, and no other', () => {
    const key = keyOf(algorithm)
    const verify = createVerifier(toVerificationKey(key), algorithm)
    const opens = (name: string, options: object): boolean =>
      verify('input', signBytes(name, Buffer.from('input'), { key, ...options }).toString('base64url'))
    expect(opens(digest, pss(saltLength))).toBe(true)
    for (const length of [0, 1, 20, 32, 48, 64, constants.RSA_PSS_SALTLEN_MAX_SIGN]) {
      if (length !== saltLength) expect(opens(digest, pss(length))).toBe(false)
    }
    for (const other of ['sha1', 'sha256', 'sha384', 'sha512']) {
      if (other !== digest) expect(opens(other, pss(saltLength))).toBe(false)
    }
    expect(opens(digest, { padding: constants.RSA_PKCS1_PADDING })).toBe(false)
  })
})
