/** A value or a promise of it: in-process stores answer without a tick. */
export type Awaitable<T> = T | Promise<T>

/** What the outside may see of credits: the granted total and what is left. Whole numbers. */
export interface Credits {
  readonly limit: number
  readonly remaining: number
}

/** A JSON value, as custom claims may hold it. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue }
export type JsonObject = { readonly [key: string]: JsonValue }

/** A token as a store keeps it. The token's text is never part of it, only its hash. */
export interface StoredToken {
  /** UUIDv7: ordered by the time of issue. */
  readonly id: string
  readonly project: string
  readonly subject: string
  readonly name: string | null
  readonly application: string
  /** Name of the profile whose key signed it. */
  readonly profile: string
  /** `kid` of the key that signed it. */
  readonly keyId: string
  readonly createdAt: Date
  readonly notBefore: Date | null
  /** When it stops being accepted; null = never. May be moved earlier after the issue. */
  readonly expiresAt: Date | null
  /** When the signed text expires: what `expiresAt` was at the issue. */
  readonly signedExpiresAt: Date | null
  /** Addresses and CIDR ranges it may be used from; empty = any. */
  readonly ip: readonly string[]
  /** Path patterns in canonical form (see `parsePathPattern`); null = any path. */
  readonly paths: readonly string[] | null
  readonly scope: readonly string[]
  /** Upper-case HTTP methods; null = any. */
  readonly httpMethods: readonly string[] | null
  /** Null = not metered. */
  readonly credits: Credits | null
  /** Name of the project's pool that every spend also draws from; null = none. */
  readonly pool: string | null
  /** Custom claims, as given at the issue. */
  readonly claims: JsonObject
  /** Lower-case hex SHA-256 of the compact token. */
  readonly tokenSha256: string
  /** Id of the principal that issued it. */
  readonly createdBy: string
  readonly lastUsedAt: Date | null
  readonly revokedAt: Date | null
}

export type TokenStatus = 'pending' | 'active' | 'exhausted' | 'expired' | 'revoked'

/** A token as the service shows it: what is stored, and what follows from the clock. */
export interface TokenRecord extends Omit<StoredToken, 'keyId' | 'signedExpiresAt'> {
  readonly status: TokenStatus
  /** Seconds until it expires, never below 0; null = never expires. */
  readonly remainingSeconds: number | null
}

/** The right-most of pending, active, exhausted, expired, revoked that holds at `now`. */
export function toTokenStatus(token: StoredToken, now: Date): TokenStatus {
  return toTokenStatusAt(token, now.getTime())
}

/** By numbers: to compare two dates takes longer than all the rest. */
function toTokenStatusAt(token: StoredToken, now: number): TokenStatus {
  if (token.revokedAt !== null) return 'revoked'
  if (token.expiresAt !== null && token.expiresAt.getTime() <= now) return 'expired'
  if (token.credits !== null && token.credits.remaining === 0) return 'exhausted'
  if (token.notBefore !== null && token.notBefore.getTime() > now) return 'pending'
  return 'active'
}

/** The record of a stored token at `now`. */
export function toTokenRecord(stored: StoredToken, now: Date): TokenRecord {
  return toTokenRecordAt(stored, now.getTime())
}

/**
 * The record at `now`, milliseconds since 1970. Written out: it is made on requests, and copying the rest is slow.
 */
export function toTokenRecordAt(stored: StoredToken, now: number): TokenRecord {
  return {
    id: stored.id,
    project: stored.project,
    subject: stored.subject,
    name: stored.name,
    application: stored.application,
    profile: stored.profile,
    createdAt: stored.createdAt,
    notBefore: stored.notBefore,
    expiresAt: stored.expiresAt,
    ip: stored.ip,
    paths: stored.paths,
    scope: stored.scope,
    httpMethods: stored.httpMethods,
    credits: stored.credits,
    pool: stored.pool,
    claims: stored.claims,
    tokenSha256: stored.tokenSha256,
    createdBy: stored.createdBy,
    lastUsedAt: stored.lastUsedAt,
    revokedAt: stored.revokedAt,
    status: toTokenStatusAt(stored, now),
    remainingSeconds:
      stored.expiresAt === null ? null : Math.max(0, (stored.expiresAt.getTime() - now) / 1000),
  }
}

/** Whether a request can be charged to the token: it has credits of its own, draws from a pool, or both. */
export function isMetered({ credits, pool }: Pick<StoredToken, 'credits' | 'pool'>): boolean {
  return credits !== null || pool !== null
}
