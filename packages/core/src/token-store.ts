import type { StoredRows } from './stored-row.ts'
import type { Awaitable, Credits, StoredToken } from './token.ts'

/** What `insert` must hold to. */
export interface InsertConditions {
  /**
   * Each token's name must be free among the unrevoked tokens of its (project, subject) that were also
   * inserted under this condition. The store's constraint decides, so two parallel inserts cannot both win.
   */
  readonly uniqueName?: boolean
  /** Only with one token. Both are lower-case hex SHA-256; the key's hash already covers project and principal. */
  readonly idempotency?: { readonly keySha256: string; readonly requestSha256: string }
}

export type InsertResult =
  | { readonly outcome: 'inserted' }
  /** The idempotency key was used before: nothing is written. */
  | { readonly outcome: 'exists'; readonly token: StoredToken; readonly requestSha256: string }
  /** A name is taken: nothing is written. */
  | { readonly outcome: 'name_taken'; readonly name: string }

export interface ListFilter {
  readonly project: string
  readonly subject?: string
  readonly application?: string
  readonly name?: string
}

export interface TokenChange {
  readonly name?: string | null
  /** Added to both the limit and what remains. Positive whole number. */
  readonly addCredits?: number
  /** What the limit may be after `addCredits`; more is refused. Absent = as much as a number holds. */
  readonly maxCreditLimit?: number
  /** Takes effect only where it is earlier than what is stored; a later one is refused. */
  readonly expiresAt?: Date
  /** The moment of the change: a token that is revoked or expired then is inactive. */
  readonly at: Date
}

export type UpdateResult =
  | { readonly outcome: 'updated'; readonly token: StoredToken }
  | { readonly outcome: 'not_found' | 'name_taken' | ChangeRefusal }

/** Why a change cannot be applied to a token. */
export type ChangeRefusal =
  | 'inactive'
  | 'not_metered'
  | 'credits_overflow'
  | 'credit_limit_exceeded'
  | 'not_earlier'

/** What a spend draws from: a token's credits, or a pool that an account shares. */
export type Counter =
  | { readonly project: string; readonly id: string }
  | { readonly project: string; readonly pool: string }

export interface Spend {
  /**
   * UUIDv7 chosen by the caller. The same receipt again is counted once: a spend whose answer was lost may be
   * sent again.
   */
  readonly receipt: string
  /** 1 to 8, no two the same. */
  readonly counters: readonly Counter[]
  /** Whole number from 1 to 1e6, taken from each counter. */
  readonly amount: number
  readonly at: Date
}

export type SpendResult =
  /** `remaining` has one number for each counter, in their order. */
  | { readonly outcome: 'spent'; readonly remaining: readonly number[] }
  | {
      readonly outcome: 'refused'
      /** Index of the first counter at fault. */
      readonly counter: number
      /** `cancelled`: its receipt was given back before it came. */
      readonly reason: 'empty' | 'revoked' | 'expired' | 'unknown' | 'cancelled'
      /** What that counter holds, where it is known. */
      readonly remaining: number
    }

export type RefundOutcome = 'refunded' | 'already_refunded' | 'unknown'

export interface Touch {
  readonly project: string
  readonly id: string
  readonly at: Date
}

/** Calls and credits to be added to one (project, day, application, subject, token). */
export interface UsageEntry {
  readonly project: string
  /** UTC day, `2026-11-21`. */
  readonly day: string
  readonly application: string
  readonly subject: string
  readonly tokenId: string
  readonly calls: number
  readonly credits: number
}

export interface UsageFilter {
  readonly project: string
  /** First and last UTC day, both included. */
  readonly from: string
  readonly to: string
  readonly by: 'application' | 'subject' | 'token'
  readonly subject?: string
}

export interface UsageTotal {
  /** The application, subject or token id. */
  readonly key: string
  readonly calls: number
  readonly credits: number
}

/** One refusal that every process must learn of. */
export interface RevocationEntry {
  readonly project: string
  readonly id: string
  /** `expired`: the expiry was moved earlier than the signed one. */
  readonly reason: 'revoked' | 'expired'
  /** Refused from this moment on. */
  readonly refusedFrom: Date
  /** When the signed text expires by itself and the entry may be forgotten; null = never. */
  readonly signedExpiresAt: Date | null
}

export interface RevocationPage {
  readonly entries: readonly RevocationEntry[]
  /** Opaque; hand it to the next call. */
  readonly cursor: string
  /** False when the feed was read to its end. */
  readonly more: boolean
}

/** A signing key as a store keeps it. */
export interface StoredKey {
  /** `kid`. */
  readonly id: string
  readonly project: string
  readonly profile: string
  readonly algorithm: string
  /** 1, 2, 3 … within (project, profile). */
  readonly version: number
  readonly createdAt: Date
  /** Signs from this moment on; verifies from the moment it is stored. */
  readonly activatesAt: Date
  /** The private key as a compact JWE under the master secret. */
  readonly sealed: string
}

export interface Pool extends Credits {
  readonly project: string
  readonly name: string
}

/** Until when what a store keeps may be removed. */
export interface PurgeLimits {
  /** Null = none. */
  readonly tokensBefore: Date | null
  readonly receiptsBefore: Date
  readonly feedBefore: Date
  /** A UTC day, `2026-11-21`. Null or absent = all usage stays. */
  readonly usageBefore?: string | null
}

/**
 * Where a store may leave what lets it find a token again with less work. Whoever looks one token up again and again
 * keeps one of these with it; whoever wraps a store hands on the very same object.
 */
export interface FindHint {
  /** The store's to write, and nobody else's to read. Null = nothing yet. */
  hint: unknown
}

/**
 * Where tokens, keys, pools and usage are kept. Every member is required; nothing is found by an id alone.
 * A mutation answers only when it is durable; `touch` and `addUsage` may be lost with the machine's power, the last
 * seconds of them, as what is not written yet is lost with the process. A store knows no HTTP and no rules beyond what is said here:
 * `describeTokenStore` in `@hallpass/testing` is the contract in full.
 */
export interface TokenStore extends StoredRows {
  /** Whether what is written outlives the process. A persistent store needs a master secret. */
  readonly persistent: boolean

  /** All or nothing, 1 to 1000 tokens. */
  insert(tokens: readonly StoredToken[], conditions: InsertConditions): Awaitable<InsertResult>
  /** @param hint what it holds, be it of another token, never changes what is found */
  find(project: string, id: string, hint?: FindHint): Awaitable<StoredToken | null>
  /** Newest first (by id, descending); `after` = the last id of the page before. */
  list(filter: ListFilter, after: string | null, limit: number): Awaitable<readonly StoredToken[]>
  /** What `applyChange` says, under the store's lock. An earlier expiry is added to the revocation feed. */
  update(project: string, id: string, change: TokenChange): Awaitable<UpdateResult>
  /** Idempotent; the first time wins. Adds to the revocation feed once. Null = no such token. */
  revoke(project: string, id: string, at: Date): Awaitable<StoredToken | null>
  /**
   * Revokes what the project (and subject, unless null) has that is neither revoked nor expired.
   * @param expiredBy what expires later than this is not expired: it may still be accepted by a clock with a
   * tolerance. Default `at`.
   * @returns how many
   */
  revokeAll(project: string, subject: string | null, at: Date, expiredBy?: Date): Awaitable<number>

  /** From every counter or from none, in one guarded step. A revoked or expired token refuses. */
  spend(spend: Spend): Awaitable<SpendResult>
  /**
   * Gives back what a receipt took: once, to all its counters, never above a limit. A receipt that is unknown is cancelled:
   * its spend may be under way yet, behind a connection that has broken, and takes nothing when it comes.
   */
  refund(receipt: string, at: Date): Awaitable<RefundOutcome>

  /** @returns false when there is one of this name */
  createPool(pool: Pool): Awaitable<boolean>
  findPool(project: string, name: string): Awaitable<Pool | null>
  /** Adds to the limit and to what remains. Null = no such pool. Refuses to exceed 2^53 - 1 with `overflow`. */
  addPoolCredits(project: string, name: string, amount: number): Awaitable<Pool | 'overflow' | null>

  /** Sets `lastUsedAt` where the given time is later. Unknown ids are passed over. */
  touch(touches: readonly Touch[]): Awaitable<void>
  addUsage(entries: readonly UsageEntry[]): Awaitable<void>
  /** Sorted by credits, then calls, descending, then key; at most 1000. */
  usage(filter: UsageFilter): Awaitable<readonly UsageTotal[]>

  /** What was added to the feed after `cursor` (null = from the beginning), oldest first. Never skips an entry that commits late. */
  revokedSince(cursor: string | null, limit: number): Awaitable<RevocationPage>
  /**
   * Tells when the feed may have grown, where the store can. It only shortens the wait for the next poll, so it may be
   * late, in vain or never; it never throws. Nothing is told after `close`.
   * @returns ends the watch; idempotent
   */
  watchRevocations(onChange: () => void): () => void

  /** Compare-and-set: false when (project, profile, version) is there already. */
  insertKey(key: StoredKey): Awaitable<boolean>
  keys(): Awaitable<readonly StoredKey[]>
  /** Replaces the sealed text of a key, for a change of the master secret. */
  resealKey(keyId: string, sealed: string): Awaitable<void>
  /** Removes a key unless a stored token was signed with it. @returns whether it was removed */
  deleteUnusedKey(project: string, keyId: string): Awaitable<boolean>

  /**
   * Removes, in small steps, tokens that expired or were revoked before `tokensBefore` (null = none), receipts
   * from before `receiptsBefore`, feed entries whose signed text expired before `feedBefore`, and the usage of days
   * before `usageBefore`. Feed entries of texts that never expire stay. @returns how many tokens
   */
  purge(before: PurgeLimits): Awaitable<number>
  /** Takes or renews a lease by name: true when `holder` has it until `until`. */
  lease(name: string, holder: string, at: Date, until: Date): Awaitable<boolean>

  /** Waits for what was accepted, then lets go of what the store itself opened. Idempotent. */
  close(): Awaitable<void>
}
