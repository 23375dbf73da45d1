import type { Used } from './activity.ts'
import { parseTokenHeader, parseTokenPayload, splitCompactToken } from './compact-token.ts'
import { type Denial, toDenial } from './denial.ts'
import { freezeJson } from './freeze-json.ts'
import { type IpRange, parseIpRanges } from './ip-range.ts'
import type { KeyRing } from './key-ring.ts'
import { type PathPattern, parsePathPatterns } from './path-pattern.ts'
import type { TokenClaims, TokenProfile } from './profile.ts'
import { toSha256 } from './sha256.ts'
import type { SigningKey } from './signing-key.ts'
import type { JsonObject, JsonValue } from './token.ts'
import { type TokenFingerprint, toTokenFingerprint } from './token-fingerprint.ts'

/** A text whose signature is good and whose claims fit its profile. What depends on the clock is not judged yet. */
export interface ReadToken extends Used {
  readonly text: string
  readonly key: SigningKey
  readonly profile: TokenProfile
  readonly claims: JsonObject
  readonly fingerprint: TokenFingerprint
  readonly notBeforeSeconds: number
  readonly issuedAtSeconds: number
  /** Infinity = never. */
  readonly expiresAtSeconds: number
  readonly ip: readonly IpRange[]
  readonly paths: readonly PathPattern[] | null
  /** Lower-case hex SHA-256 of the text. */
  sha256(): string
}

/** The text names a key that is not loaded; the store may know it. */
export interface UnknownKey {
  readonly keyId: string
}

/**
 * Steps 1 to 3 of a verification: text, signature, profile.
 * @param profiles the kinds that are accepted; the key's own profile must be one of them
 */
export type ReadTokenText = (
  text: string,
  profiles: readonly TokenProfile[],
) => ReadToken | Denial | UnknownKey

/** How many characters of token text each of the two generations may remember. */
const CACHE_CHARACTERS = 8 * 1024 * 1024

/**
 * Remembers what was read from a text, so that a signature is checked once. Only for good ones, and only for the very
 * same text. Time, address, path, method, scope, revocation and credits are judged on every request all the same.
 */
export function createTokenReader(ring: KeyRing): ReadTokenText {
  let young = new Map<string, ReadToken>()
  let old = new Map<string, ReadToken>()
  let characters = 0

  const remember = (read: ReadToken): void => {
    if (characters > CACHE_CHARACTERS) {
      old = young
      young = new Map()
      characters = 0
    }
    young.set(toCacheKey(read.text), read)
    characters += read.text.length
  }

  const recall = (text: string): ReadToken | undefined => {
    const key = toCacheKey(text)
    const found = young.get(key)
    if (found?.text === text) return found
    const older = old.get(key)
    if (older?.text !== text) return undefined
    remember(older)
    return older
  }

  return (text, profiles) => {
    // Callers without types may hand over what a query parser made of a parameter.
    const known = typeof text === 'string' ? recall(text) : undefined
    // A key that left the ring takes what it signed with it.
    if (known !== undefined && ring.find(known.key.id) === known.key && profiles.includes(known.profile)) {
      return known
    }
    const read = readToken(text, profiles, ring)
    if ('claims' in read) remember(read)
    return read
  }
}

const KEY_CHARACTERS = 12

/**
 * The end of the signature finds a text, and the text itself is then compared: to hash all of it would take longer than
 * everything else that a remembered token needs.
 */
function toCacheKey(text: string): string {
  return text.slice(-KEY_CHARACTERS)
}

function readToken(
  text: string,
  profiles: readonly TokenProfile[],
  ring: KeyRing,
): ReadToken | Denial | UnknownKey {
  const compact = typeof text === 'string' ? splitCompactToken(text) : null
  const header = compact && parseTokenHeader(compact.header)
  if (compact === null || header === null) return toDenial('token_malformed')
  const key = ring.find(header.kid)
  if (key === undefined) return { keyId: header.kid }
  if (header.alg !== key.algorithm || !key.verify(compact.signingInput, compact.signature)) {
    return toDenial('signature_invalid')
  }
  const claims = parseTokenPayload(compact.payload)
  if (claims === null) return toDenial('token_malformed')
  const profile = profiles.find((accepted) => accepted.name === key.profile)
  if (profile === undefined || !hasType(profile, header.typ)) return toDenial('token_type_denied')
  if (profile.issuer !== null && claims.iss !== profile.issuer) return toDenial('issuer_denied')
  if (profile.audience !== null && claims.aud !== profile.audience) return toDenial('audience_denied')
  return readClaims(text, key, profile, claims) ?? toDenial('token_malformed')
}

/** @see RFC 7515 section 4.1.9: compared without case, `application/` may be left out */
function hasType(profile: TokenProfile, typ: string | null): boolean {
  if (profile.typ === null) return true
  const bare = typ?.toLowerCase().replace(/^application\//, '')
  return bare === profile.typ.toLowerCase()
}

function readClaims(
  text: string,
  key: SigningKey,
  profile: TokenProfile,
  claims: JsonObject,
): ReadToken | null {
  const { iat, nbf, exp } = claims
  if (!isSeconds(iat) || !(nbf === undefined || isSeconds(nbf)) || !(exp === undefined || isSeconds(exp)))
    return null
  if (exp === undefined ? profile.requireExpiry : nbf !== undefined && nbf > exp) return null
  const read = profile.fromClaims(claims, key.project)
  const limits = read && parseLimits(read)
  // A profile that reads the project from a claim must not carry a key into another project.
  if (read === null || limits === null || read.id === '' || read.project !== key.project) return null
  let sha256: string | undefined
  return {
    text,
    key,
    profile,
    // Frozen: every request with this text is judged by them, and the application is handed the same objects.
    claims: freezeJson(claims),
    token: Object.freeze({
      ...read,
      scope: freezeJson([...read.scope]),
      ip: freezeJson([...read.ip]),
      paths: read.paths && freezeJson([...read.paths]),
      httpMethods: read.httpMethods && freezeJson([...read.httpMethods]),
      profile: profile.name,
      issuedAt: new Date(iat * 1000),
      expiresAt: exp === undefined ? null : new Date(exp * 1000),
    }),
    fingerprint: toTokenFingerprint(read),
    pendingUse: null,
    issuedAtSeconds: iat,
    notBeforeSeconds: nbf ?? 0,
    expiresAtSeconds: exp ?? Number.POSITIVE_INFINITY,
    ...limits,
    sha256() {
      sha256 ??= toSha256(text)
      return sha256
    },
  }
}

/** Limits that cannot be read must not be passed over: the token is refused. */
function parseLimits(claims: TokenClaims): Pick<ReadToken, 'ip' | 'paths'> | null {
  try {
    return {
      ip: parseIpRanges(claims.ip, 'ip'),
      paths: claims.paths === null ? null : parsePathPatterns(claims.paths, 'paths'),
    }
  } catch {
    return null
  }
}

/** The last second of the year 9999: a later one is no date that RFC 3339 can write. */
const LAST_SECOND = 253_402_300_799

/** @see RFC 7519 section 2, NumericDate: here whole seconds from 1970 only */
function isSeconds(value: JsonValue | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= LAST_SECOND
}
