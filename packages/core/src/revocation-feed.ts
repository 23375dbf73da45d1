import { setImmediate } from 'node:timers/promises'
import { type Denial, toDenial } from './denial.ts'
import { RevocationTable } from './revocation-table.ts'
import type { StoreCall } from './store-call.ts'
import type { TokenFingerprint } from './token-fingerprint.ts'
import type { RevocationEntry, TokenStore } from './token-store.ts'

/** The refused ids that a process holds in `bounded` mode, so that no store has to be asked for each request. */
export interface RevocationFeed {
  /**
   * What is known of a token at `now`, milliseconds since 1970: null = not refused. A feed that is too old refuses
   * everything.
   */
  check(token: TokenFingerprint, now: number): Denial | null
  /** Makes a refusal hold in this process at once. */
  add(entry: RevocationEntry): void
  /** Reads the feed to its end now. @throws TokenRequestError `store_unavailable` */
  catchUp(): Promise<void>
  /** Forgets entries whose signed text expired before `moment`. */
  forget(moment: Date): Promise<void>
  close(): void
}

/** Read in one step, between which everything else gets its turn. With more, what is read stays in memory for longer. */
const PAGE = 250
/** From a change that the store tells of to the poll that reads it. */
const SETTLE_MS = 5

/**
 * Follows the store's feed by polling, sooner where the store tells of a change. Its age counts from the start of
 * the last poll that reached the end of the feed, by a clock that nobody can set.
 * @param maxStalenessMs older than this → `revocation_stale`
 * @returns after the first full load, or its failure: then it answers `revocation_stale` and goes on trying
 */
export async function openRevocationFeed(
  store: TokenStore,
  maxStalenessMs: number,
  call: StoreCall,
): Promise<RevocationFeed> {
  const feed = new PolledFeed(store, maxStalenessMs, call)
  await feed.poll()
  return feed
}

class PolledFeed implements RevocationFeed {
  readonly #store: TokenStore
  readonly #maxStalenessMs: number
  readonly #call: StoreCall
  readonly #refused = new RevocationTable()
  #cursor: string | null = null
  #freshAt = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | null = null
  #polling = false
  /** The store told of a change that no poll has begun to read yet. */
  #changed = false
  #closed = false
  readonly #unwatch: () => void

  constructor(store: TokenStore, maxStalenessMs: number, call: StoreCall) {
    this.#store = store
    this.#maxStalenessMs = maxStalenessMs
    this.#call = call
    this.#unwatch = store.watchRevocations(() => this.#onChange())
  }

  check(token: TokenFingerprint, now: number): Denial | null {
    if (performance.now() - this.#freshAt > this.#maxStalenessMs) return toDenial('revocation_stale')
    const refusedFrom = this.#refused.refusedFrom(token)
    // Whenever that was: the clock of the process that revoked it may be ahead of this one.
    if (refusedFrom === Number.NEGATIVE_INFINITY) return toDenial('token_revoked')
    return refusedFrom > now ? null : toDenial('token_expired')
  }

  add(entry: RevocationEntry): void {
    this.#refused.add(entry)
  }

  forget(moment: Date): Promise<void> {
    return this.#refused.forget(moment)
  }

  async catchUp(): Promise<void> {
    const startedAt = performance.now()
    for (let more = true; more && !this.#closed; ) {
      const page = await this.#call(() => this.#store.revokedSince(this.#cursor, PAGE))
      for (const entry of page.entries) this.add(entry)
      this.#cursor = page.cursor
      more = page.more
      if (more) await setImmediate()
    }
    this.#freshAt = Math.max(this.#freshAt, startedAt)
  }

  /** Reads the feed, then plans the next reading. Never throws: the store call reports. */
  async poll(): Promise<void> {
    this.#polling = true
    this.#changed = false
    try {
      await this.catchUp()
    } catch {
      // The age of the feed says it: past its bound everything is refused.
    }
    this.#polling = false
    if (!this.#closed) this.#plan(this.#changed ? SETTLE_MS : this.#maxStalenessMs / 4)
  }

  /** Any number of changes that come together cost one poll. */
  #onChange(): void {
    if (this.#changed || this.#closed) return
    this.#changed = true
    if (!this.#polling) this.#plan(SETTLE_MS)
  }

  #plan(waitMs: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.poll(), waitMs).unref()
  }

  close(): void {
    this.#closed = true
    this.#unwatch()
    if (this.#timer !== null) clearTimeout(this.#timer)
  }
}
