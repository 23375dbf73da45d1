import { createPrivateKey, createSecretKey, type KeyObject } from 'node:crypto'
import type { JWK } from 'jose'
import { ALGORITHMS, type Algorithm, type TokenProfile } from './profile.ts'
import { ConfigurationError } from './request-error.ts'
import { assertKeyFits, createSigner, createVerifier, toVerificationKey } from './signature.ts'
import type { StoredKey } from './token-store.ts'

/** A key of the ring, ready to use: bound to one project, one profile and one algorithm. */
export interface SigningKey extends Omit<StoredKey, 'sealed' | 'algorithm'> {
  readonly algorithm: Algorithm
  readonly sign: (signingInput: string) => string
  readonly verify: (signingInput: string, signature: string) => boolean
  /** Null for a secret. */
  readonly publicJwk: JWK | null
}

/**
 * Makes a key usable.
 * @throws ConfigurationError when the JWK is not a private key of that algorithm, or is too weak
 */
export function toSigningKey(key: Omit<StoredKey, 'sealed'>, jwk: JWK): SigningKey {
  const algorithm = ALGORITHMS.find((known) => known === key.algorithm)
  if (algorithm === undefined) throw new ConfigurationError('a key is for an algorithm that is not supported')
  const material = importPrivateJwk(jwk)
  assertKeyFits(material, algorithm)
  const verification = toVerificationKey(material)
  return {
    id: key.id,
    project: key.project,
    profile: key.profile,
    version: key.version,
    createdAt: key.createdAt,
    activatesAt: key.activatesAt,
    algorithm,
    sign: createSigner(material, algorithm),
    verify: createVerifier(verification, algorithm),
    publicJwk:
      verification.type === 'secret'
        ? null
        : { ...verification.export({ format: 'jwk' }), kid: key.id, alg: algorithm, use: 'sig' },
  }
}

/** The encoded JOSE header of the tokens that a key signs for a profile. @see RFC 7515 section 4 */
export function toHeaderSegment(key: SigningKey, profile: TokenProfile): string {
  const known = headerSegments.get(key)
  if (known?.typ === profile.typ) return known.segment
  const header = { alg: key.algorithm, ...(profile.typ !== null && { typ: profile.typ }), kid: key.id }
  const segment = Buffer.from(JSON.stringify(header)).toString('base64url')
  headerSegments.set(key, { typ: profile.typ, segment })
  return segment
}

/** The last of each key: it is the same for all tokens of a kind. */
const headerSegments = new WeakMap<SigningKey, { readonly typ: string | null; readonly segment: string }>()

function importPrivateJwk(jwk: JWK): KeyObject {
  try {
    if (jwk.kty === 'oct') return createSecretKey(Buffer.from(jwk.k ?? '', 'base64url'))
    return createPrivateKey({ key: { ...jwk }, format: 'jwk' })
  } catch {
    // The reason may quote the key.
    throw new ConfigurationError('a key is not a private JWK')
  }
}
