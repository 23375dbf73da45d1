import type { JSONWebKeySet } from 'jose'
import type { ClientAddressOptions } from './client-address.ts'
import type { AccessRequest, Decision, SpendReceipt, VerifyRequest, VerifyResult } from './decision.ts'
import type { Denial } from './denial.ts'
import type { KeyOptions } from './key-ring.ts'
import type { Grant } from './principal.ts'
import type { TokenProfile } from './profile.ts'
import type { Awaitable, JsonObject, TokenRecord, TokenStatus } from './token.ts'
import type { Pool, RefundOutcome, TokenStore, UsageTotal } from './token-store.ts'

/** What a new token is to be. Everything is optional; absent limits do not limit. */
export interface IssueInput {
  /** Default `default`. 1 to 128 characters. */
  readonly project?: string
  /** Whom it stands for. Default `default`. 1 to 256 characters. */
  readonly subject?: string
  /** For people. ≤ 255 characters, no control or bidi characters. */
  readonly name?: string | null
  /** For usage reports. Default `default`. */
  readonly application?: string
  readonly notBefore?: Date
  /** Life in seconds (may be a fraction), or as text: `"6 hours"`. Not together with `expiresAt`. */
  readonly expiresIn?: number | string
  /** Null = never, where `limits.allowNoExpiry` or `allowNoExpiry` permits it. */
  readonly expiresAt?: Date | null
  /** Addresses and CIDR ranges, ≤ 32. */
  readonly ip?: readonly string[]
  /** Path patterns, 1 to 32; null = any path. */
  readonly paths?: readonly string[] | null
  /** Dotted names, ≤ 64. */
  readonly scope?: readonly string[]
  /** HTTP methods, 1 or more; null = any. */
  readonly httpMethods?: readonly string[] | null
  /** Whole number from 1 to 2^53 - 1; null = not metered. */
  readonly credits?: number | null
  /** A pool of the project, created with `createPool`. */
  readonly pool?: string | null
  /** Custom claims: ≤ 4 KB as JSON, depth ≤ 8, no registered names. */
  readonly claims?: JsonObject
  /** Id of who issues it. Default `service`. */
  readonly createdBy?: string
  /**
   * Holds the request to what a principal may grant: beyond it → `grant_exceeded` naming the field; an absent
   * field takes the grant's value. Not part of what an idempotency key is compared by.
   */
  readonly grant?: Grant
  /** The kind of token. Default: the native one. */
  readonly profile?: TokenProfile
  /** Refuse with `name_taken` when the subject has an unrevoked token of this name that was also issued so. */
  readonly uniqueName?: boolean
  /** Accept a life that is over already (for APIs that document it). Default false. */
  readonly allowExpired?: boolean
  /** Accept `expiresAt: null` whatever `limits.allowNoExpiry` says (for APIs that document it). Default false. */
  readonly allowNoExpiry?: boolean
  /** The same key and input give the same token again; 1 to 255 visible ASCII characters. */
  readonly idempotencyKey?: string
  /** What the request says besides: under the same key it must be the same too. */
  readonly idempotencyContext?: string
}

export interface IssuedToken {
  /** The compact JWT. Returned here and never stored or logged. */
  readonly token: string
  readonly record: TokenRecord
}

export interface ListQuery {
  readonly project: string
  readonly subject?: string
  readonly status?: TokenStatus
  readonly application?: string
  readonly name?: string
  /** 1 to 200. Default 50. */
  readonly limit?: number
  /** `next` of the page before. */
  readonly after?: string
}

export interface TokenPage {
  /** Newest first. With a `status` a page may hold fewer than `limit` although `next` is not null. */
  readonly tokens: readonly TokenRecord[]
  /** Null = there is no more. */
  readonly next: string | null
}

export interface UpdateInput {
  readonly name?: string | null
  readonly credits?: { readonly add: number }
  /** Earlier than it is. */
  readonly expiresAt?: Date
  /** Holds the change to what a principal may grant: a limit beyond `grant.credits` → `grant_exceeded`. */
  readonly grant?: Grant
}

export interface UsageQuery {
  readonly project: string
  /** UTC days, `2026-11-21`; both included, at most 366. Default: the last 30 days. */
  readonly from?: string
  readonly to?: string
  /** Default `application`. */
  readonly by?: 'application' | 'subject' | 'token'
  readonly subject?: string
}

export interface TokenHooks {
  onIssue?(record: TokenRecord): Awaitable<void>
  /**
   * A token was refused. Gets no token text, and the target without its query. Not called for a request that a guard
   * refuses because it has no token, or more than one.
   */
  onDeny?(denial: Denial, request: AccessRequest): Awaitable<void>
  /** One token was revoked with `revoke`. Not called for each token of `revokeAll` and `revokeProject`. */
  onRevoke?(record: TokenRecord): Awaitable<void>
  /** A spend took the credits to or below `defaults.lowCredits` of the limit. */
  onLowCredits?(record: TokenRecord): Awaitable<void>
  /**
   * Work in the background, or another hook, failed. Default: a process warning with the error's name, no message,
   * the same at most once a minute.
   */
  onError?(error: unknown, where: string): void
}

export interface TokenServiceOptions {
  /** `iss` of native tokens: constant for the life of the tokens. */
  readonly issuer: string
  /** `aud` of native tokens. Default: the issuer. */
  readonly audience?: string
  readonly store: TokenStore
  /** May be left out only with a store that is not persistent. */
  readonly keys?: KeyOptions
  /** Default strict. */
  readonly revocation?:
    | { readonly mode: 'strict' }
    | { readonly mode: 'bounded'; readonly maxStalenessMs: number }
  /** Leeway for `exp`. Default 0; `nbf` and `iat` always allow 5 s. */
  readonly clockToleranceSeconds?: number
  /** How long expired and revoked tokens stay listed. Default 30 days; null = for ever. */
  readonly retentionSeconds?: number | null
  /** How long usage is kept, by whole days; at least one day. Default null = for ever. */
  readonly usageRetentionSeconds?: number | null
  /** A store that has not answered by then is unavailable. Default 2000. */
  readonly storeTimeoutMs?: number
  /** Purge and refresh by itself. Default every hour; false = only when `purge` is called. */
  readonly maintenance?: { readonly everySeconds: number } | false
  readonly defaults?: {
    /** Seconds or text. Default 1 hour. */
    readonly expiresIn?: number | string
    /** Share of the limit at which `onLowCredits` is called. Default 0.1. */
    readonly lowCredits?: number
  }
  readonly limits?: {
    /** Default false. */
    readonly allowNoExpiry?: boolean
    /** Longest life of any token. Default: none. */
    readonly maxLifeSeconds?: number
  }
  readonly hooks?: TokenHooks
  readonly clientAddress?: ClientAddressOptions
  readonly now?: () => Date
}

/** Issues, verifies, lists, revokes and meters tokens. Knows no HTTP. */
export interface TokenService {
  /** @throws TokenRequestError */
  issue(input: IssueInput): Promise<IssuedToken>
  /** All or none; 1 to 1000, without `idempotencyKey`. @throws TokenRequestError */
  issueMany(inputs: readonly IssueInput[]): Promise<readonly IssuedToken[]>
  /** Looks at a token, asks the store, spends nothing. @throws TokenRequestError `store_unavailable` */
  verify(token: string, request?: VerifyRequest): Promise<VerifyResult>
  /**
   * The guard: text, signature, profile, limits, revocation, and last of all credits, which it spends. Never throws for
   * what the request holds.
   * Answers without a promise where no store has to be waited for.
   */
  authorize(token: string, request: AccessRequest): Awaitable<Decision>
  /** @throws TokenRequestError `invalid_request` for a tampered `after` */
  list(query: ListQuery): Promise<TokenPage>
  get(project: string, id: string): Promise<TokenRecord | null>
  /** @throws TokenRequestError `not_found`, `token_inactive`, `name_taken`, `invalid_request` */
  update(project: string, id: string, change: UpdateInput): Promise<TokenRecord>
  /**
   * Idempotent: the first time wins. Null = no such token. When it is answered this process refuses the token, and so does every
   * other in `strict` mode; in `bounded` mode the others do within their `maxStalenessMs`.
   * @throws TokenRequestError `invalid_request` for an argument that is left out
   */
  revoke(project: string, id: string): Promise<TokenRecord | null>
  /** @returns how many were revoked */
  revokeAll(whose: { readonly project: string; readonly subject: string }): Promise<number>
  revokeProject(project: string): Promise<number>
  /** Gives back what a request was charged: once, never above the limit. Possible for one day. */
  refund(spend: SpendReceipt): Promise<RefundOutcome>
  usage(query: UsageQuery): Promise<readonly UsageTotal[]>
  /** @returns false when the project has a pool of this name */
  createPool(project: string, name: string, credits: number): Promise<boolean>
  findPool(project: string, name: string): Promise<Pool | null>
  /** @throws TokenRequestError `not_found`, `invalid_request` */
  addPoolCredits(project: string, name: string, amount: number): Promise<Pool>
  /**
   * Makes a new key, which nothing else does once there is one; it signs after `publishDelaySeconds`. Default: the native
   * profile of `default`. Old keys are removed by `purge`, when no stored token needs them.
   */
  rotateKeys(which?: {
    readonly project?: string
    readonly profile?: TokenProfile
  }): Promise<{ keyId: string }>
  /** Public keys of native tokens. HMAC keys are never in it. */
  jwks(): Promise<JSONWebKeySet>
  /** Removes what is past its retention. @returns how many tokens */
  purge(): Promise<number>
  /** Flushes what is batched, stops all timers and closes the store. */
  close(): Promise<void>
  /**
   * The address of the client: the socket's, or what trusted proxies say of it.
   * @param peer the socket's remote address
   * @param header all values of one header, by lower-case name
   */
  clientAddress(peer: string | undefined, header: (name: string) => readonly string[]): string | null
  /** The clock that everything here goes by. */
  now(): Date
}
