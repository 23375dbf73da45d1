import {
  constants,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto'
import { type GivenKey, readLimitClaims, type TokenProfile, toLimitClaims } from '@hallpass/core'

export const ISSUER = 'https://bench.example'

export const BENCH_ALGORITHMS = ['HS256', 'RS256', 'PS256', 'ES256', 'EdDSA'] as const
export type BenchAlgorithm = (typeof BENCH_ALGORITHMS)[number]

/** A key that everybody who is measured verifies with. */
export interface BenchKey {
  readonly algorithm: BenchAlgorithm
  readonly id: string
  /** As the application of a hallpass service brings it. */
  readonly given: GivenKey
  readonly profile: TokenProfile | 'native'
  /** The public key, or the secret itself. */
  readonly verificationKey: KeyObject
  sign(input: string): Buffer
  /** node:crypto and nothing else. */
  verify(input: string, signature: Buffer): boolean
}

export function createBenchKey(algorithm: BenchAlgorithm): BenchKey {
  return toBenchKey(algorithm, generateKey(algorithm))
}

/** @param jwk of the `given` of a key that another process has created */
export function openBenchKey(algorithm: BenchAlgorithm, jwk: GivenKey['jwk']): BenchKey {
  return toBenchKey(
    algorithm,
    algorithm === 'HS256'
      ? createSecretKey(jwk.k ?? '', 'base64url')
      : createPrivateKey({ key: { ...jwk }, format: 'jwk' }),
  )
}

function toBenchKey(algorithm: BenchAlgorithm, key: KeyObject): BenchKey {
  const id = `bench-${algorithm.toLowerCase()}`
  const profile = algorithm === 'EdDSA' ? 'native' : createBenchProfile(algorithm)
  const jwk = { ...key.export({ format: 'jwk' }), kid: id, alg: algorithm }
  return {
    algorithm,
    id,
    given: { jwk, profile: profile === 'native' ? profile : profile.name },
    profile,
    verificationKey: key.type === 'private' ? createPublicKey(key) : key,
    ...createScheme(algorithm, key),
  }
}

function generateKey(algorithm: BenchAlgorithm): KeyObject {
  switch (algorithm) {
    case 'HS256':
      return createSecretKey(randomBytes(32))
    case 'RS256':
    case 'PS256':
      return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    case 'ES256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    case 'EdDSA':
      return generateKeyPairSync('ed25519').privateKey
  }
}

function createScheme(algorithm: BenchAlgorithm, key: KeyObject): Pick<BenchKey, 'sign' | 'verify'> {
  if (algorithm === 'HS256') {
    const mac = (input: string): Buffer => createHmac('sha256', key).update(input).digest()
    return {
      sign: mac,
      verify: (input, signature) => signature.length === 32 && timingSafeEqual(mac(input), signature),
    }
  }
  const digest = algorithm === 'EdDSA' ? null : 'sha256'
  const options = toSignOptions(algorithm)
  const [secret, open] = [
    { key, ...options },
    { key: createPublicKey(key), ...options },
  ]
  return {
    sign: (input) => sign(digest, Buffer.from(input), secret),
    verify: (input, signature) => verify(digest, Buffer.from(input), open, signature),
  }
}

function toSignOptions(
  algorithm: BenchAlgorithm,
): { padding: number; saltLength: number } | { dsaEncoding: 'ieee-p1363' } | undefined {
  if (algorithm === 'PS256') {
    return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
  }
  return algorithm === 'ES256' ? { dsaEncoding: 'ieee-p1363' } : undefined
}

/** Hallpass's native kind of token in all but the algorithm. */
function createBenchProfile(algorithm: BenchAlgorithm): TokenProfile {
  return {
    name: `bench-${algorithm.toLowerCase()}`,
    typ: 'at+jwt',
    algorithm,
    issuer: ISSUER,
    audience: ISSUER,
    idClaim: 'jti',
    requireExpiry: true,
    toClaims: (token) => ({
      ...token.claims,
      sub: token.subject,
      client_id: token.application,
      project: token.project,
      ...toLimitClaims(token),
    }),
    fromClaims(claims, project) {
      const { jti, sub, client_id: application } = claims
      if (typeof jti !== 'string' || typeof sub !== 'string' || typeof application !== 'string') return null
      const limits = readLimitClaims(claims)
      if (claims.project !== project || limits === null) return null
      const { scope, ip, paths, httpMethods, metered } = limits
      return { id: jti, project, subject: sub, application, scope, ip, paths, httpMethods, metered }
    },
  }
}
