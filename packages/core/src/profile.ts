import type { JsonObject, StoredToken } from './token.ts'

/** Signature algorithms (RFC 7518, RFC 8037) that a key of the ring may be bound to. */
export const ALGORITHMS = [
  'HS256',
  'HS384',
  'HS512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const
export type Algorithm = (typeof ALGORITHMS)[number]

/** What a token's claims say, in the service's own words. Times are seconds since the epoch. */
export interface TokenClaims {
  readonly id: string
  readonly project: string
  readonly subject: string
  readonly application: string
  readonly scope: readonly string[]
  readonly ip: readonly string[]
  readonly paths: readonly string[] | null
  readonly httpMethods: readonly string[] | null
  /** Whether using it costs credits, so that the store must be asked. */
  readonly metered: boolean
}

/**
 * How one kind of token looks on the wire. Data, found through the key that `kid` names, never chosen by a claim.
 * Times, issuer and audience are read by the service itself from the registered claims.
 */
export interface TokenProfile {
  /** Names the kind within the key ring: 1 to 64 of `a-z 0-9 - . _`. */
  readonly name: string
  /** The `typ` header, compared without case; null = none is written and none is required. */
  readonly typ: string | null
  readonly algorithm: Algorithm
  /** `iss`, written and required; null = not looked at. */
  readonly issuer: string | null
  /** `aud`, written and required; null = not looked at (the profile may write its own). */
  readonly audience: string | null
  /** The claim that holds the id. */
  readonly idClaim: string
  readonly requireExpiry: boolean
  /**
   * The payload for a token that is being issued, `iss`, `aud`, `iat`, `nbf`, `exp` and the id left out: the
   * service writes those.
   */
  toClaims(token: Omit<StoredToken, 'tokenSha256' | 'keyId'>): JsonObject
  /**
   * Reads the payload back. Called only after the signature was found good, with the key's project.
   * @param claims frozen
   * @returns null when a claim is missing or of the wrong type
   */
  fromClaims(claims: JsonObject, project: string): TokenClaims | null
}
