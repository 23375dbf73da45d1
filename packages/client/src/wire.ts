// What travels over the native routes, as JSON has it: times are RFC 3339 text. The same types as the server's in
// `@hallpass/http`, written a second time so that this package needs no other; a test holds the two together.

/** A JSON value. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue }
export type JsonObject = { readonly [key: string]: JsonValue }

export type TokenStatus = 'pending' | 'active' | 'exhausted' | 'expired' | 'revoked'

/** What a new token is to be. Everything is optional; absent limits do not limit. */
export interface IssueBody {
  readonly project?: string
  readonly subject?: string
  readonly name?: string | null
  readonly application?: string
  readonly notBefore?: string
  /** Seconds, or text such as `6 hours`. */
  readonly expiresIn?: number | string
  /** Null = never, where the service allows it. */
  readonly expiresAt?: string | null
  readonly ip?: readonly string[]
  readonly paths?: readonly string[] | null
  readonly scope?: readonly string[]
  readonly httpMethods?: readonly string[] | null
  readonly credits?: number | null
  readonly pool?: string | null
  readonly claims?: JsonObject
  readonly uniqueName?: boolean
  /** A path that the token opens; the answer's `url` is this path with the token in it. */
  readonly link?: string
}

/** A token as the routes show it. */
export interface TokenRecordJson {
  readonly id: string
  readonly project: string
  readonly subject: string
  readonly name: string | null
  readonly application: string
  readonly profile: string
  readonly createdAt: string
  readonly notBefore: string | null
  readonly expiresAt: string | null
  readonly ip: readonly string[]
  readonly paths: readonly string[] | null
  readonly scope: readonly string[]
  readonly httpMethods: readonly string[] | null
  readonly credits: { readonly limit: number; readonly remaining: number } | null
  readonly pool: string | null
  readonly claims: JsonObject
  readonly tokenSha256: string
  readonly createdBy: string
  readonly lastUsedAt: string | null
  readonly revokedAt: string | null
  readonly status: TokenStatus
  readonly remainingSeconds: number | null
}

/** A token that was issued: the only time that its text is shown. */
export interface IssuedTokenJson extends TokenRecordJson {
  readonly token: string
  readonly url?: string
}

/** What a list is filtered by. */
export interface ListParameters {
  readonly project?: string
  readonly subject?: string
  readonly status?: TokenStatus
  readonly application?: string
  readonly name?: string
  readonly limit?: string
  readonly after?: string
}

/** One page, newest first; hand `next` to `after`. With a `status` a page may be short although `next` is not null. */
export interface TokenPageJson {
  readonly tokens: readonly TokenRecordJson[]
  readonly next: string | null
}

/** Which project a token is in, where the caller has more than one. */
export interface ItemParameters {
  readonly project?: string
}

/** What can be changed of a token. */
export interface UpdateBody {
  readonly name?: string | null
  readonly credits?: { readonly add: number }
  /** Earlier than it is. */
  readonly expiresAt?: string
}

/** A token and the facts to verify it against. A fact that is left out is not checked. */
export interface VerifyBody {
  readonly token: string
  readonly ip?: string
  readonly target?: string
  readonly method?: string
  readonly scope?: readonly string[]
}

export type VerifiedJson =
  | {
      readonly valid: true
      readonly claims: JsonObject
      readonly record: TokenRecordJson
      /** Limits that the token has and no fact was given for. */
      readonly unchecked: readonly ('ip' | 'target' | 'method')[]
    }
  | { readonly valid: false; readonly error: string; readonly message: string }

/** What usage is asked for. Days are UTC, `2026-11-21`; default the last 30. */
export interface UsageParameters {
  readonly project?: string
  readonly subject?: string
  readonly from?: string
  readonly to?: string
  readonly by?: 'application' | 'subject' | 'token'
}

export interface UsageJson {
  readonly usage: readonly { readonly key: string; readonly calls: number; readonly credits: number }[]
}

/** Body of every refusal. */
export interface ErrorJson {
  readonly error: string
  readonly message: string
  readonly details?: {
    readonly field?: string
    readonly scope?: readonly string[]
    readonly remaining?: number
    readonly cost?: number
  }
}
