import type { Used } from './activity.ts'
import {
  parseTokenHeader,
  parseTokenPayload,
  splitCompactToken,
  type TokenHeader,
  toMediaType,
} from './compact-token.ts'
import type { VerifiedToken } from './decision.ts'
import { type Denial, toDenial } from './denial.ts'
import { freezeJson } from './freeze-json.ts'
import type { KeyRing } from './key-ring.ts'
import { type Limits, readLimits } from './limits.ts'
import { copyText } from './memoize.ts'
import type { PendingUse } from './pending-use.ts'
import type { TokenProfile } from './profile.ts'
import { toSha256 } from './sha256.ts'
import { isQuickToVerify } from './signature.ts'
import { SeenTexts, type SignedText, SignedTexts, toTextHash } from './signed-texts.ts'
import type { SigningKey } from './signing-key.ts'
import type { JsonObject, JsonValue } from './token.ts'
import { type TokenFingerprint, toTokenFingerprint } from './token-fingerprint.ts'
import type { FindHint } from './token-store.ts'

/**
 * A text whose signature is good and whose claims fit its profile. What depends on the clock is not judged yet.
 * What every request needs is in here and in `limits`; `token` and `claims` are for the application.
 */
export class ReadToken implements SignedText, Used, TokenFingerprint {
  readonly text: string
  readonly key: SigningKey
  readonly profile: TokenProfile
  readonly notBeforeSeconds: number
  readonly issuedAtSeconds: number
  /** Infinity = never. */
  readonly expiresAtSeconds: number
  readonly limits: Limits
  readonly metered: boolean
  pendingUse: PendingUse | null = null
  /** For the store, from when this is kept. An object of its own: no store is handed the text, or the key. */
  lookup: FindHint | undefined
  readonly token: VerifiedToken
  readonly claims: JsonObject
  // The words of its fingerprint, by which a feed of revocations knows it: in an object of their own they would be one
  // more place of memory to wait for.
  readonly a: number
  readonly b: number
  readonly c: number
  readonly d: number
  #sha256: string | null = null

  constructor(
    { text, key, profile }: SignedText,
    claims: JsonObject,
    token: VerifiedToken,
    times: { readonly iat: number; readonly nbf: number | undefined; readonly exp: number | undefined },
    limits: Limits,
  ) {
    this.text = text
    this.key = key
    this.profile = profile
    this.notBeforeSeconds = times.nbf ?? 0
    this.issuedAtSeconds = times.iat
    this.expiresAtSeconds = times.exp ?? Number.POSITIVE_INFINITY
    this.limits = limits
    this.metered = token.metered
    this.token = token
    this.claims = claims
    const { a, b, c, d } = toTokenFingerprint(token)
    this.a = a
    this.b = b
    this.c = c
    this.d = d
  }

  /** Lower-case hex SHA-256 of the text. */
  get sha256(): string {
    this.#sha256 ??= toSha256(this.text)
    return this.#sha256
  }
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
  /** What a text says is kept from its second time in here on: it takes most of the memory, and many tokens come once. */
  const signedTexts = new SignedTexts<SignedText | ReadToken>()
  /** Texts that are verified in less time than it takes to keep them are kept only when they come again. */
  const once = new SeenTexts()
  const headers = new HeaderCache()
  /** Held for its shape: with the last object of one kind V8 throws away what it compiled for them. */
  const kept: { read: ReadToken | null } = { read: null }
  return (text, profiles) => {
    // Callers without types may hand over what a query parser made of a parameter.
    if (typeof text !== 'string') return toDenial('token_malformed')
    const hash = toTextHash(text)
    const known = signedTexts.find(text, hash)
    // A key that left the ring takes what it signed with it.
    if (known !== undefined && ring.find(known.key.id) === known.key && profiles.includes(known.profile)) {
      if (known instanceof ReadToken) return known
      const read = readPayload(known)
      if (read instanceof ReadToken) {
        read.lookup = { hint: null }
        signedTexts.replace(read, hash)
      }
      return read
    }
    const read = readToken(text, profiles, ring, headers)
    if (!(read instanceof ReadToken)) return read
    kept.read = read
    if (!isQuickToVerify(read.key.algorithm) || once.addAgain(hash)) {
      // A copy: a token that is a part of a long cookie would keep all of it.
      signedTexts.add({ text: copyText(text), key: read.key, profile: read.profile }, hash)
    }
    return read
  }
}

/** One for each key and kind of token. */
const MOST_HEADERS = 1000

interface KnownHeader {
  readonly segment: string
  readonly header: TokenHeader
}

/** The headers of good tokens: there are few of them, and nobody without a key can add one. */
class HeaderCache {
  readonly #headers = new Map<string, KnownHeader>()
  /** The one that came last: to compare it costs less than to find it. */
  #last: KnownHeader | undefined

  find(segment: string): TokenHeader | undefined {
    if (this.#last?.segment !== segment) this.#last = this.#headers.get(segment)
    return this.#last?.header
  }

  add(segment: string, header: TokenHeader): void {
    if (this.#headers.size >= MOST_HEADERS) this.#headers.clear()
    const own = copyText(segment)
    this.#headers.set(own, { segment: own, header })
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
  const claims = parseTokenPayload(compact.payloadText)
  if (claims === null) return toDenial('token_malformed')
  const profile = findProfile(profiles, key.profile)
  if (profile === undefined || !hasType(profile, header.type)) return toDenial('token_type_denied')
  return readClaims({ text, key, profile }, claims)
}

/** Not `find`, which takes a function that would be made for each token. */
function findProfile(profiles: readonly TokenProfile[], name: string): TokenProfile | undefined {
  for (const profile of profiles) if (profile.name === name) return profile
  return undefined
}

/** What a text says whose signature and type were found good before. */
function readPayload(signed: SignedText): ReadToken | Denial {
  const compact = splitCompactToken(signed.text)
  const claims = compact && parseTokenPayload(compact.payloadText)
  return claims === null ? toDenial('token_malformed') : readClaims(signed, claims)
}

function hasType(profile: TokenProfile, type: string | null): boolean {
  return profile.typ === null || type === profile.typ || type === toMediaType(profile.typ)
}

function readClaims(signed: SignedText, claims: JsonObject): ReadToken | Denial {
  const { key, profile } = signed
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
  const limits = read && readLimits(read)
  // A profile that reads the project from a claim must not carry a key into another project.
  if (read === null || limits === null || read.id === '' || read.project !== key.project) {
    return toDenial('token_malformed')
  }
  const { scope, ip, paths, httpMethods } = limits.texts
  const token: VerifiedToken = Object.freeze({
    id: read.id,
    project: read.project,
    subject: read.subject,
    application: read.application,
    scope,
    ip,
    paths,
    httpMethods,
    metered: read.metered,
    profile: profile.name,
    issuedAt: new Date(iat * 1000),
    expiresAt: exp === undefined ? null : new Date(exp * 1000),
  })
  return new ReadToken(signed, claims, token, { iat, nbf, exp }, limits)
}

/** The last second of the year 9999: a later one is no date that RFC 3339 can write. */
const LAST_SECOND = 253_402_300_799

/** @see RFC 7519 section 2, NumericDate: here whole seconds from 1970 only */
function isSeconds(value: JsonValue | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= LAST_SECOND
}
