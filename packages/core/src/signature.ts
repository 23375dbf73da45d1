import {
  constants,
  createPublicKey,
  createSecretKey,
  createVerify,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto'
import { decodeCanonicalBase64url } from './base64url.ts'
import { createHmacOf, type HmacDigest } from './hmac.ts'
import type { Algorithm } from './profile.ts'
import { ConfigurationError } from './request-error.ts'
import { toRsaPssKey } from './rsa-pss-key.ts'

/** What an algorithm of RFC 7518 or RFC 8037 is to node:crypto. */
type Scheme =
  | { readonly kind: 'hmac'; readonly digest: HmacDigest; readonly bytes: number }
  | { readonly kind: 'rsa'; readonly digest: string; readonly padding: number; readonly pss: boolean }
  | { readonly kind: 'ec'; readonly digest: string; readonly curve: string; readonly size: number }
  | { readonly kind: 'ed25519' }

const PKCS1 = constants.RSA_PKCS1_PADDING
const PSS = constants.RSA_PKCS1_PSS_PADDING

const SCHEMES: Record<Algorithm, Scheme> = {
  HS256: { kind: 'hmac', digest: 'sha256', bytes: 32 },
  HS384: { kind: 'hmac', digest: 'sha384', bytes: 48 },
  HS512: { kind: 'hmac', digest: 'sha512', bytes: 64 },
  RS256: { kind: 'rsa', digest: 'sha256', padding: PKCS1, pss: false },
  RS384: { kind: 'rsa', digest: 'sha384', padding: PKCS1, pss: false },
  RS512: { kind: 'rsa', digest: 'sha512', padding: PKCS1, pss: false },
  PS256: { kind: 'rsa', digest: 'sha256', padding: PSS, pss: true },
  PS384: { kind: 'rsa', digest: 'sha384', padding: PSS, pss: true },
  PS512: { kind: 'rsa', digest: 'sha512', padding: PSS, pss: true },
  ES256: { kind: 'ec', digest: 'sha256', curve: 'prime256v1', size: 32 },
  ES384: { kind: 'ec', digest: 'sha384', curve: 'secp384r1', size: 48 },
  ES512: { kind: 'ec', digest: 'sha512', curve: 'secp521r1', size: 66 },
  EdDSA: { kind: 'ed25519' },
}

const MIN_SECRET_BYTES = 32
const MIN_RSA_BITS = 2048

/**
 * A function that signs with this key, synchronously.
 *
 * @param key a private key, or a secret for HMAC
 * @returns takes `header.payload`, gives the signature as base64url
 * @throws ConfigurationError when the key cannot sign with the algorithm
 * @see https://www.rfc-editor.org/rfc/rfc7518#section-3
 */
export function createSigner(key: KeyObject, algorithm: Algorithm): (signingInput: string) => string {
  assertKeyFits(key, algorithm)
  if (key.type === 'public') throw new ConfigurationError(`a public key cannot sign ${algorithm}`)
  const scheme = SCHEMES[algorithm]
  switch (scheme.kind) {
    case 'hmac':
      return createHmacOf(scheme.digest, key)
    case 'rsa': {
      const options = { key, ...toRsaOptions(scheme.padding, scheme.pss) }
      return (input) => sign(scheme.digest, Buffer.from(input), options).toString('base64url')
    }
    case 'ec': {
      const options = { key, dsaEncoding: 'ieee-p1363' as const }
      return (input) => sign(scheme.digest, Buffer.from(input), options).toString('base64url')
    }
    case 'ed25519':
      return (input) => sign(null, Buffer.from(input), key).toString('base64url')
  }
}

/**
 * A function that says whether a signature is this key's. It never throws: what cannot be read is not valid.
 * The algorithm is the key's; what a token's header says plays no part.
 *
 * @param key a public or private key, or a secret for HMAC
 * @returns takes `header.payload` and the signature as canonical base64url
 * @throws ConfigurationError when the key does not fit the algorithm
 */
export function createVerifier(
  key: KeyObject,
  algorithm: Algorithm,
): (signingInput: string, signature: string) => boolean {
  assertKeyFits(key, algorithm)
  const scheme = SCHEMES[algorithm]
  if (scheme.kind === 'hmac') {
    const toMac = createHmacOf(scheme.digest, key)
    // As texts, of which there is one for each MAC: a digest that is asked for as bytes costs twice as much.
    const isSame = createComparison(Math.ceil((scheme.bytes * 4) / 3))
    return (signingInput, signature) => isSame(toMac(signingInput), signature)
  }
  const check = createCheck(toVerificationKey(key), scheme)
  return (signingInput, signature) => {
    const bytes = decodeCanonicalBase64url(signature)
    if (bytes === null) return false
    try {
      return check(signingInput, bytes)
    } catch {
      return false
    }
  }
}

/** Compares with a text of ASCII, always as long, in a time that says nothing of where they differ. */
function createComparison(length: number): (expected: string, given: string) => boolean {
  const [a, b] = [Buffer.alloc(length), Buffer.alloc(length)]
  return (expected, given) => {
    // One that is not ASCII has other bytes, or no room for all of its own.
    if (given.length !== length || b.write(given) !== length) return false
    a.write(expected)
    return timingSafeEqual(a, b)
  }
}

function createCheck(
  key: KeyObject,
  scheme: Exclude<Scheme, { readonly kind: 'hmac' }>,
): (input: string, signature: Buffer) => boolean {
  switch (scheme.kind) {
    case 'rsa': {
      // A key that is for this padding alone: to name the padding costs a third of the verification.
      const own = scheme.pss ? toRsaPssKey(key, scheme.digest) : key
      const size = Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8)
      // OpenSSL takes a signature without its leading zeros; RFC 8017 section 8 wants all of its bytes.
      return (input, signature) =>
        signature.length === size && createVerify(scheme.digest).update(input).verify(own, signature)
    }
    case 'ec':
      // DER made here is verified faster than the same signature with dsaEncoding 'ieee-p1363', and in one call faster than by
      // an object of `createVerify`, which has to be collected.
      return (input, signature) =>
        signature.length === 2 * scheme.size &&
        verify(scheme.digest, Buffer.from(input), key, toDerSignature(signature))
    case 'ed25519':
      return (input, signature) => verify(null, Buffer.from(input), key, signature)
  }
}

function toRsaOptions(padding: number, pss: boolean): { padding: number; saltLength?: number } {
  return pss ? { padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } : { padding }
}

/** `r ‖ s` (RFC 7518 section 3.4) as the DER SEQUENCE of two INTEGERs that OpenSSL reads. */
function toDerSignature(signature: Buffer): Buffer {
  const half = signature.length / 2
  const r = toIntegerStart(signature, 0, half)
  const s = toIntegerStart(signature, half, signature.length)
  const rLength = half - r + signBit(signature, r)
  const sLength = signature.length - s + signBit(signature, s)
  const length = 4 + rLength + sLength
  const long = length > 127 ? 1 : 0
  const der = Buffer.allocUnsafe(2 + long + length)
  let at = 0
  der[at++] = 0x30
  if (long === 1) der[at++] = 0x81
  der[at++] = length
  der[at++] = 0x02
  der[at++] = rLength
  der[at] = 0
  at += signBit(signature, r)
  at += signature.copy(der, at, r, half)
  der[at++] = 0x02
  der[at++] = sLength
  der[at] = 0
  at += signBit(signature, s)
  signature.copy(der, at, s)
  return der
}

/** Where a big-endian number begins without its leading zero bytes; one byte is always left. */
function toIntegerStart(bytes: Buffer, start: number, end: number): number {
  let at = start
  while (at < end - 1 && bytes[at] === 0) at++
  return at
}

/** 1 when a DER INTEGER needs a zero byte before this one to stay positive. */
function signBit(bytes: Buffer, at: number): 0 | 1 {
  return (bytes[at] ?? 0) > 127 ? 1 : 0
}

/** A fresh key for the algorithm: a private key, or a secret as long as the HMAC's digest. RSA has 2048 bits. */
export function generateSigningKey(algorithm: Algorithm): KeyObject {
  const scheme = SCHEMES[algorithm]
  switch (scheme.kind) {
    case 'hmac':
      return createSecretKey(randomBytes(scheme.bytes))
    case 'rsa':
      return generateKeyPairSync('rsa', { modulusLength: MIN_RSA_BITS }).privateKey
    case 'ec':
      return generateKeyPairSync('ec', { namedCurve: scheme.curve }).privateKey
    case 'ed25519':
      return generateKeyPairSync('ed25519').privateKey
  }
}

/**
 * Refuses a key that is of another kind than the algorithm asks for, or too weak: a public key as an HMAC secret,
 * a secret under 32 bytes, RSA under 2048 bits, another curve.
 *
 * @throws ConfigurationError
 */
export function assertKeyFits(key: KeyObject, algorithm: Algorithm): void {
  if (!Object.hasOwn(SCHEMES, algorithm)) throw new ConfigurationError('the signature algorithm is not known')
  const scheme = SCHEMES[algorithm]
  if (scheme.kind === 'hmac') {
    if (key.type !== 'secret')
      throw new ConfigurationError(`${algorithm} needs a secret, not a ${key.type} key`)
    if ((key.symmetricKeySize ?? 0) < MIN_SECRET_BYTES)
      throw new ConfigurationError(`a secret for ${algorithm} needs at least ${MIN_SECRET_BYTES} bytes`)
    return
  }
  if (key.type === 'secret') throw new ConfigurationError(`${algorithm} needs a key pair, not a secret`)
  if (key.asymmetricKeyType !== scheme.kind)
    throw new ConfigurationError(`${algorithm} needs a key of type ${scheme.kind}`)
  const details = key.asymmetricKeyDetails
  if (scheme.kind === 'rsa' && (details?.modulusLength ?? 0) < MIN_RSA_BITS)
    throw new ConfigurationError(`a key for ${algorithm} needs at least ${MIN_RSA_BITS} bits`)
  if (scheme.kind === 'ec' && details?.namedCurve !== scheme.curve)
    throw new ConfigurationError(`${algorithm} needs a key on the curve ${scheme.curve}`)
}

/** The half that verifies: the public key, or the secret itself. */
export function toVerificationKey(key: KeyObject): KeyObject {
  return key.type === 'private' ? createPublicKey(key) : key
}

/** Whether signing the same input twice gives the same text (HMAC, RSA PKCS#1, EdDSA). */
export function isDeterministic(algorithm: Algorithm): boolean {
  const scheme = SCHEMES[algorithm]
  return scheme.kind === 'hmac' || scheme.kind === 'ed25519' || (scheme.kind === 'rsa' && !scheme.pss)
}

/** Whether a verification takes no longer than what else there is to do for a request (HMAC). */
export function isQuickToVerify(algorithm: Algorithm): boolean {
  return SCHEMES[algorithm].kind === 'hmac'
}
