import type { JsonObject, TokenStatus } from '@hallpass/core'

// What travels over the native routes, as JSON has it: times are RFC 3339 text. `schemas.ts` holds a schema for
// each of these, and the compiler holds the two together. Free of zod, so that a client's types are too.

/** Body of `POST /`. */
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

/** Answer of `POST /`: the only time that the token's text is shown. */
export interface IssuedTokenJson extends TokenRecordJson {
  readonly token: string
  readonly url?: string
}

/** Query of `GET /`, before it is read: everything is text. */
export interface ListParameters {
  readonly project?: string
  readonly subject?: string
  readonly status?: TokenStatus
  readonly application?: string
  readonly name?: string
  readonly limit?: string
  readonly after?: string
}

/** Answer of `GET /`. */
export interface TokenPageJson {
  readonly tokens: readonly TokenRecordJson[]
  readonly next: string | null
}

/** Query of the routes of one token. */
export interface ItemParameters {
  readonly project?: string
}

/** Body of `PATCH /:id`. */
export interface UpdateBody {
  readonly name?: string | null
  readonly credits?: { readonly add: number }
  /** Earlier than it is. */
  readonly expiresAt?: string
}

/** Query of `DELETE /`. */
export interface RevokeAllParameters {
  readonly project: string
  readonly subject: string
}

/** Answer of `DELETE /`. */
export interface RevokedJson {
  readonly revoked: number
}

/** Body of `POST /verify`. A fact that is left out is not checked. */
export interface VerifyBody {
  readonly token: string
  readonly ip?: string
  readonly target?: string
  readonly method?: string
  readonly scope?: readonly string[]
}

/** Answer of `POST /verify`. */
export type VerifiedJson =
  | {
      readonly valid: true
      readonly claims: JsonObject
      readonly record: TokenRecordJson
      readonly unchecked: readonly ('ip' | 'target' | 'method')[]
    }
  | { readonly valid: false; readonly error: string; readonly message: string }

/** Query of `GET /usage`. */
export interface UsageParameters {
  readonly project?: string
  readonly subject?: string
  readonly from?: string
  readonly to?: string
  readonly by?: 'application' | 'subject' | 'token'
}

/** Answer of `GET /usage`. */
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
