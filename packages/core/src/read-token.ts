import type { PendingUse, Used } from './activity.ts'
import {
  parseTokenHeader,
  parseTokenPayload,
  splitCompactToken,
  type TokenHeader,
  toMediaType,
} from './compact-token.ts'
import type { VerifiedToken } from './decision.ts'
import { type Denial, toDenial } from './denial.ts'
import { freezeJson, freezeList } from './freeze-json.ts'
import { assertIpList, type IpRange, parseIpRange } from './ip-range.ts'
import type { KeyRing } from './key-ring.ts'
import { copyText, memoize } from './memoize.ts'
import { assertPathList, type PathPattern, parsePathPattern } from './path-pattern.ts'
import type { TokenClaims, TokenProfile } from './profile.ts'
import { toSha256 } from './sha256.ts'
import { SignedTexts } from './signed-texts.ts'
import type { SigningKey } from './signing-key.ts'
import type { JsonObject, JsonValue } from './token.ts'
import { type TokenFingerprint, toTokenFingerprint } from './token-fingerprint.ts'

/** A text whose signature is good and whose claims fit its profile. What depends on the clock is not judged yet. */
export class ReadToken implements Used {
  readonly text: string
  readonly key: SigningKey
  readonly profile: TokenProfile
  readonly claims: JsonObject
  readonly token: VerifiedToken
  readonly notBeforeSeconds: number
  readonly issuedAtSeconds: number
  /** Infinity = never. */
  readonly expiresAtSeconds: number
  readonly ip: readonly IpRange[]
  readonly paths: readonly PathPattern[] | null
  pendingUse: PendingUse | null = null
  #sha256: string | null = null
  #fingerprint: TokenFingerprint | null = null

  constructor(
    signed: { readonly text: string; readonly key: SigningKey; readonly profile: TokenProfile },
    claims: JsonObject,
    token: VerifiedToken,
    times: { readonly iat: number; readonly nbf: number | undefined; readonly exp: number | undefined },
    limits: Limits,
  ) {
    this.text = signed.text
    this.key = signed.key
    this.profile = signed.profile
    this.claims = claims
    this.token = token
    this.notBeforeSeconds = times.nbf ?? 0
    this.issuedAtSeconds = times.iat
    this.expiresAtSeconds = times.exp ?? Number.POSITIVE_INFINITY
    this.ip = limits.ip
    this.paths = limits.paths
  }

  /** Lower-case hex SHA-256 of the text. */
  get sha256(): string {
    this.#sha256 ??= toSha256(this.text)
    return this.#sha256
  }

  /** What a feed of revocations knows the token by. */
  get fingerprint(): TokenFingerprint {
    this.#fingerprint ??= toTokenFingerprint(this.token)
    return this.#fingerprint
  }
}

/** The limits of a token, parsed. */
export interface Limits {
  readonly ip: readonly IpRange[]
  readonly paths: readonly PathPattern[] | null
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

/**
 * Remembers which texts are signed well, so that a signature is checked once. Only good ones, and only for the very same
 * text. Time, address, path, method, scope, revocation and credits are judged on every request all the same.
 */
export function createTokenReader(ring: KeyRing): ReadTokenText {
  const signedTexts = new SignedTexts()
  const headers = new HeaderCache()
  return (text, profiles) => {
    // Callers without types may hand over what a query parser made of a parameter.
    if (typeof text !== 'string') return toDenial('token_malformed')
    const known = signedTexts.find(text)
    // A key that left the ring takes what it signed with it.
    if (known !== undefined && ring.find(known.key.id) === known.key && profiles.includes(known.profile)) {
      if (known.read !== null) return known.read
      const read = readPayload(known.text, known.key, known.profile)
      if (read instanceof ReadToken) known.read = read
      return read
    }
    const read = readToken(text, profiles, ring, headers)
    if (read instanceof ReadToken) {
      // A copy: a token that is a part of a long cookie would keep all of it.
      signedTexts.add({ text: copyText(text), key: read.key, profile: read.profile, read: null })
    }
    return read
  }
}

/** One for each key and kind of token. */
const MOST_HEADERS = 1000

/** The headers of good tokens: there are few of them, and nobody without a key can add one. */
class HeaderCache {
  readonly #headers = new Map<string, TokenHeader>()

  find(segment: string): TokenHeader | undefined {
    return this.#headers.get(segment)
  }

  add(segment: string, header: TokenHeader): void {
    if (this.#headers.size >= MOST_HEADERS) this.#headers.clear()
    this.#headers.set(copyText(segment), header)
  }
}

function readToken(
  text: string,
  profiles: readonly TokenProfile[],
  ring: KeyRing,
  headers: HeaderCache,
): ReadToken | Denial | UnknownKey {
  const compact = splitCompactToken(text)
  const known = compact === null ? undefined : headers.find(compact.header)
  const header = known ?? (compact && parseTokenHeader(compact.header))
  if (compact === null || header === null) return toDenial('token_malformed')
  const key = ring.find(header.kid)
  if (key === undefined) return { keyId: header.kid }
  if (header.alg !== key.algorithm || !key.verify(compact.signingInput, compact.signature)) {
    return toDenial('signature_invalid')
  }
  if (known === undefined) headers.add(compact.header, header)
  const claims = parseTokenPayload(compact.payloadBytes)
  if (claims === null) return toDenial('token_malformed')
  const profile = profiles.find((accepted) => accepted.name === key.profile)
  if (profile === undefined || !hasType(profile, header.type)) return toDenial('token_type_denied')
  return readClaims(text, key, profile, claims)
}

/** What a text says whose signature and type were found good before. */
function readPayload(text: string, key: SigningKey, profile: TokenProfile): ReadToken | Denial {
  const compact = splitCompactToken(text)
  const claims = compact && parseTokenPayload(compact.payloadBytes)
  return claims === null ? toDenial('token_malformed') : readClaims(text, key, profile, claims)
}

function hasType(profile: TokenProfile, type: string | null): boolean {
  return profile.typ === null || type === profile.typ || type === toMediaType(profile.typ)
}

function readClaims(
  text: string,
  key: SigningKey,
  profile: TokenProfile,
  claims: JsonObject,
): ReadToken | Denial {
  if (profile.issuer !== null && claims.iss !== profile.issuer) return toDenial('issuer_denied')
  if (profile.audience !== null && claims.aud !== profile.audience) return toDenial('audience_denied')
  const { iat, nbf, exp } = claims
  if (!isSeconds(iat) || !(nbf === undefined || isSeconds(nbf)) || !(exp === undefined || isSeconds(exp))) {
    return toDenial('token_malformed')
  }
  if (exp === undefined ? profile.requireExpiry : nbf !== undefined && nbf > exp) {
    return toDenial('token_malformed')
  }
  // Frozen: every request with this text is judged by them, and the application is handed the same objects.
  const read = profile.fromClaims(freezeJson(claims), key.project)
  const limits = read && parseLimits(read)
  // A profile that reads the project from a claim must not carry a key into another project.
  if (read === null || limits === null || read.id === '' || read.project !== key.project) {
    return toDenial('token_malformed')
  }
  const token: VerifiedToken = Object.freeze({
    id: read.id,
    project: read.project,
    subject: read.subject,
    application: read.application,
    scope: freezeList(read.scope),
    ip: freezeList(read.ip),
    paths: read.paths && freezeList(read.paths),
    httpMethods: read.httpMethods && freezeList(read.httpMethods),
    metered: read.metered,
    profile: profile.name,
    issuedAt: new Date(iat * 1000),
    expiresAt: exp === undefined ? null : new Date(exp * 1000),
  })
  return new ReadToken({ text, key, profile }, claims, token, { iat, nbf, exp }, limits)
}

/** What tokens have in common is parsed once, and lies in memory once. */
const MOST_LIMITS = 4096
const readRange = memoize(parseIpRange, MOST_LIMITS)
const readPattern = memoize(parsePathPattern, MOST_LIMITS)

/** Limits that cannot be read must not be passed over: the token is refused. */
function parseLimits({ ip, paths }: TokenClaims): Limits | null {
  try {
    assertIpList(ip, 'ip')
    if (paths !== null) assertPathList(paths, 'paths')
    return { ip: ip.map(readRange), paths: paths === null ? null : paths.map(readPattern) }
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
