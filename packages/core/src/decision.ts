import type { Denial } from './denial.ts'
import type { TokenClaims, TokenProfile } from './profile.ts'
import type { JsonObject, TokenRecord } from './token.ts'

/** What the guard knows of a request and asks of its token. */
export interface AccessRequest {
  /** The client's address as `service.clientAddress` found it; null = none that can be believed. */
  readonly address: string | null
  /** The raw request target in origin-form, mount and global prefix included; null = the context has none. */
  readonly target: string | null
  /** Upper-case HTTP method; null = the context has none. */
  readonly method: string | null
  /** All of them are needed. */
  readonly scope?: readonly string[] | undefined
  /** The only project whose tokens are accepted. */
  readonly project?: string | undefined
  /** Accepted kinds of token. Default `['native']`. */
  readonly profiles?: readonly (TokenProfile | 'native')[] | undefined
  /** Refuse tokens that are not bound to paths. */
  readonly requirePaths?: boolean | undefined
  /** Credits that the request costs: a whole number from 0 to 1e6. Default 0. */
  readonly cost?: number | undefined
}

/** A token that was found good: what its text says, in the service's words. */
export interface VerifiedToken extends TokenClaims {
  readonly profile: string
  readonly issuedAt: Date
  /** When its text expires; null = never. */
  readonly expiresAt: Date | null
}

/** What was taken from the token's credits and its pool. Hand it to `service.refund` to give it back. */
export interface SpendReceipt {
  readonly receipt: string
  readonly cost: number
  /** Credits left on the token; null = the token itself is not metered. */
  readonly remaining: number | null
  /** Credits left in the token's pool; null = it draws from none. */
  readonly poolRemaining: number | null
}

export interface Allowed {
  readonly allowed: true
  readonly token: VerifiedToken
  /** The payload as it was signed. */
  readonly claims: JsonObject
  /** The stored record; null where no store was asked (`bounded`, not metered). */
  readonly record: TokenRecord | null
  /** Null when the token is not metered or the request costs nothing. */
  readonly spend: SpendReceipt | null
}

export type Decision = Allowed | Denial

/** Facts to verify a token against; what is left out is not checked and is listed in `unchecked`. */
export interface VerifyRequest {
  readonly ip?: string
  readonly target?: string
  readonly method?: string
  readonly scope?: readonly string[]
  readonly project?: string
  readonly profiles?: readonly (TokenProfile | 'native')[]
}

export type Unchecked = 'ip' | 'target' | 'method'

export type VerifyResult =
  | {
      readonly valid: true
      readonly token: VerifiedToken
      readonly claims: JsonObject
      readonly record: TokenRecord
      /** Limits the token has and the caller gave no fact for. */
      readonly unchecked: readonly Unchecked[]
    }
  | {
      readonly valid: false
      readonly error: Denial['code']
      readonly message: string
      /**
       * What the text says, where it is well signed and of an accepted kind, whatever else it is refused for. Whether
       * the caller may see it is for the application to judge: it may be of another project or subject.
       */
      readonly token?: VerifiedToken
      readonly claims?: JsonObject
    }
