import { applyChange } from './apply-change.ts'
import { MemoryFeed } from './memory-feed.ts'
import { toKey, toNameKey, toPoolKey, toUsageKey } from './memory-key.ts'
import { createMemoryRows, type TokenRow } from './memory-rows.ts'
import { type MemoryEntry, MemoryTokenIndex } from './memory-token-index.ts'
import type { StoredReceipt } from './stored-row.ts'
import type { StoredToken } from './token.ts'
import { copyIn, copyOut } from './token-copy.ts'
import type {
  Counter,
  Pool,
  SpendResult,
  StoredKey,
  TokenStore,
  UsageEntry,
  UsageTotal,
} from './token-store.ts'
import { addUsageCounts, compareUsageTotals } from './usage-total.ts'

type CounterState =
  | { readonly usable: true; readonly remaining: number }
  | { readonly usable: false; readonly reason: 'revoked' | 'expired' | 'unknown'; readonly remaining: number }

const MAX_USAGE_TOTALS = 1000
const CANCELLED: SpendResult = { outcome: 'refused', counter: 0, reason: 'cancelled', remaining: 0 }

/**
 * A store in the memory of this process, for tests and for a first try: what it holds ends with the process.
 * Every method answers without a promise, so each is one step that nothing can come between.
 */
export function createMemoryStore(): TokenStore {
  const tokens = new MemoryTokenIndex()
  const feed = new MemoryFeed()
  /** Held names (project, subject, name). */
  const names = new Set<string>()
  const idempotency = new Map<string, { readonly entry: MemoryEntry; readonly requestSha256: string }>()
  const receipts = new Map<string, StoredReceipt>()
  const pools = new Map<string, Pool>()
  const usage = new Map<string, UsageEntry>()
  const keys = new Map<string, StoredKey>()
  /** How many stored tokens each (project, key) signed. */
  const signed = new Map<string, number>()
  const leases = new Map<string, { readonly holder: string; readonly until: Date }>()

  function releaseName({ token, holdsName }: MemoryEntry): void {
    const held = holdsName ? toHeldName(token) : null
    if (held !== null) names.delete(held)
  }

  function countSigned({ project, keyId }: StoredToken, by: 1 | -1): void {
    const key = toKey(project, keyId)
    const count = (signed.get(key) ?? 0) + by
    if (count === 0) signed.delete(key)
    else signed.set(key, count)
  }

  function addToken({ token, uniqueName, idempotency: once }: TokenRow): void {
    const entry = { token: copyIn(token), holdsName: uniqueName, idempotencyKey: once?.keySha256 ?? null }
    tokens.add(entry)
    countSigned(token, 1)
    const held = uniqueName ? toHeldName(token) : null
    if (held !== null) names.add(held)
    if (once !== null) idempotency.set(once.keySha256, { entry, requestSha256: once.requestSha256 })
  }

  function checkToken({ token, uniqueName, idempotency: once }: TokenRow): void {
    const held = uniqueName ? toHeldName(token) : null
    if (held !== null && names.has(held)) throw new Error('the name of a token is taken')
    if (once !== null && idempotency.has(once.keySha256))
      throw new Error('the idempotency key of a token is taken')
  }

  function revokeEntry(entry: MemoryEntry, at: Date): void {
    releaseName(entry)
    const { project, id, signedExpiresAt } = entry.token
    tokens.replace(entry, { ...entry.token, revokedAt: new Date(at) })
    feed.add({ project, id, reason: 'revoked', refusedFrom: new Date(at), signedExpiresAt })
  }

  function readCounter(counter: Counter, at: Date): CounterState {
    if (!('id' in counter)) {
      const pool = pools.get(toKey(counter.project, counter.pool))
      return pool === undefined ? UNKNOWN : { usable: true, remaining: pool.remaining }
    }
    const token = tokens.find(counter.project, counter.id)?.token
    if (token === undefined) return UNKNOWN
    const remaining = token.credits?.remaining ?? 0
    if (token.revokedAt !== null) return { usable: false, reason: 'revoked', remaining }
    if (token.expiresAt !== null && token.expiresAt <= at)
      return { usable: false, reason: 'expired', remaining }
    return token.credits === null ? UNKNOWN : { usable: true, remaining }
  }

  /** Sets what a counter holds; one that is gone meanwhile is passed over. */
  function writeCounter(counter: Counter, toRemaining: (remaining: number, limit: number) => number): void {
    if (!('id' in counter)) {
      const key = toKey(counter.project, counter.pool)
      const pool = pools.get(key)
      if (pool !== undefined) pools.set(key, { ...pool, remaining: toRemaining(pool.remaining, pool.limit) })
      return
    }
    const entry = tokens.find(counter.project, counter.id)
    if (entry === undefined || entry.token.credits === null) return
    const { limit, remaining } = entry.token.credits
    tokens.replace(entry, { ...entry.token, credits: { limit, remaining: toRemaining(remaining, limit) } })
  }

  return {
    persistent: false,

    insert(added, { uniqueName = false, idempotency: once }) {
      const before = once === undefined ? undefined : idempotency.get(once.keySha256)
      if (before !== undefined) {
        return { outcome: 'exists', token: copyOut(before.entry.token), requestSha256: before.requestSha256 }
      }
      const taken = new Set<string>()
      const ids = new Set<string>()
      for (const token of added) {
        const id = toKey(token.project, token.id)
        if (ids.has(id) || tokens.find(token.project, token.id) !== undefined) {
          throw new Error('a token of this project and id is stored already')
        }
        ids.add(id)
        const held = uniqueName ? toHeldName(token) : null
        if (held === null || token.name === null) continue
        if (names.has(held) || taken.has(held)) return { outcome: 'name_taken', name: token.name }
        taken.add(held)
      }
      for (const token of added) addToken({ kind: 'token', token, uniqueName, idempotency: once ?? null })
      return { outcome: 'inserted' }
    },

    find(project, id) {
      const entry = tokens.find(project, id)
      return entry === undefined ? null : copyOut(entry.token)
    },

    list(filter, after, limit) {
      const page: StoredToken[] = []
      for (const entry of tokens.newestFirst(filter, after)) {
        if (page.length >= limit) break
        page.push(copyOut(entry.token))
      }
      return page
    },

    update(project, id, change) {
      const entry = tokens.find(project, id)
      if (entry === undefined) return { outcome: 'not_found' }
      const before = entry.token
      const changed = applyChange(before, change)
      if (typeof changed === 'string') return { outcome: changed }
      if (entry.holdsName && changed.name !== before.name) {
        const key = changed.name === null ? null : toNameKey(changed, changed.name)
        if (key !== null && names.has(key)) return { outcome: 'name_taken' }
        releaseName(entry)
        if (key !== null) names.add(key)
      }
      tokens.replace(entry, copyOut(changed))
      const { expiresAt, signedExpiresAt } = changed
      if (expiresAt !== null && expiresAt.getTime() !== before.expiresAt?.getTime()) {
        feed.add({ project, id, reason: 'expired', refusedFrom: new Date(expiresAt), signedExpiresAt })
      }
      return { outcome: 'updated', token: copyOut(changed) }
    },

    revoke(project, id, at) {
      const entry = tokens.find(project, id)
      if (entry === undefined) return null
      if (entry.token.revokedAt === null) revokeEntry(entry, at)
      return copyOut(entry.token)
    },

    revokeAll(project, subject, at, expiredBy = at) {
      let count = 0
      for (const entry of tokens.newestFirst(subject === null ? { project } : { project, subject }, null)) {
        const { revokedAt, expiresAt } = entry.token
        if (revokedAt !== null || (expiresAt !== null && expiresAt <= expiredBy)) continue
        revokeEntry(entry, at)
        count += 1
      }
      return count
    },

    spend(spend): SpendResult {
      const before = receipts.get(spend.receipt)
      if (before?.counters.length === 0) return CANCELLED
      if (before !== undefined) return { outcome: 'spent', remaining: before.remaining }
      const remaining: number[] = []
      for (const [index, counter] of spend.counters.entries()) {
        const state = readCounter(counter, spend.at)
        if (!state.usable) {
          return { outcome: 'refused', counter: index, reason: state.reason, remaining: state.remaining }
        }
        if (state.remaining < spend.amount) {
          return { outcome: 'refused', counter: index, reason: 'empty', remaining: state.remaining }
        }
        remaining.push(state.remaining - spend.amount)
      }
      for (const counter of spend.counters) writeCounter(counter, (held) => held - spend.amount)
      receipts.set(spend.receipt, { ...spend, at: new Date(spend.at), remaining, refunded: false })
      return { outcome: 'spent', remaining }
    },

    refund(receipt, at) {
      const found = receipts.get(receipt)
      if (found === undefined) {
        const cancelled = {
          receipt,
          counters: [],
          amount: 0,
          at: new Date(at),
          remaining: [],
          refunded: true,
        }
        receipts.set(receipt, cancelled)
        return 'unknown'
      }
      if (found.refunded) return 'already_refunded'
      receipts.set(receipt, { ...found, refunded: true })
      for (const counter of found.counters) {
        writeCounter(counter, (held, limit) => Math.min(limit, held + found.amount))
      }
      return 'refunded'
    },

    createPool(pool) {
      const key = toPoolKey(pool)
      if (pools.has(key)) return false
      pools.set(key, { ...pool })
      return true
    },

    findPool(project, name) {
      const pool = pools.get(toKey(project, name))
      return pool === undefined ? null : { ...pool }
    },

    addPoolCredits(project, name, amount) {
      const key = toKey(project, name)
      const pool = pools.get(key)
      if (pool === undefined) return null
      if (pool.limit + amount > Number.MAX_SAFE_INTEGER) return 'overflow'
      const grown = { ...pool, limit: pool.limit + amount, remaining: pool.remaining + amount }
      pools.set(key, grown)
      return { ...grown }
    },

    touch(touches) {
      for (const { project, id, at } of touches) {
        const entry = tokens.find(project, id)
        if (entry === undefined) continue
        const { lastUsedAt } = entry.token
        if (lastUsedAt === null || lastUsedAt < at) {
          tokens.replace(entry, { ...entry.token, lastUsedAt: new Date(at) })
        }
      }
    },

    addUsage(entries) {
      for (const entry of entries) {
        const key = toUsageKey(entry)
        usage.set(key, { ...entry, ...addUsageCounts(usage.get(key), entry) })
      }
    },

    usage({ project, from, to, by, subject }) {
      const field = by === 'token' ? 'tokenId' : by
      const totals = new Map<string, UsageTotal>()
      for (const entry of usage.values()) {
        if (entry.project !== project || entry.day < from || entry.day > to) continue
        if (subject !== undefined && entry.subject !== subject) continue
        const key = entry[field]
        totals.set(key, { key, ...addUsageCounts(totals.get(key), entry) })
      }
      return [...totals.values()].sort(compareUsageTotals).slice(0, MAX_USAGE_TOTALS)
    },

    revokedSince: (cursor, limit) => feed.read(cursor, limit),
    // Polling is enough for what never leaves the process.
    watchRevocations: () => () => {},

    insertKey(key) {
      for (const { project, profile, version } of keys.values()) {
        if (project === key.project && profile === key.profile && version === key.version) return false
      }
      if (keys.has(key.id)) throw new Error('a key of this id is stored already')
      keys.set(key.id, { ...key })
      return true
    },

    keys: () => [...keys.values()],

    resealKey(keyId, sealed) {
      const key = keys.get(keyId)
      if (key !== undefined) keys.set(keyId, { ...key, sealed })
    },

    deleteUnusedKey(project, keyId) {
      if (keys.get(keyId)?.project !== project || signed.has(toKey(project, keyId))) return false
      return keys.delete(keyId)
    },

    purge({ tokensBefore, receiptsBefore, feedBefore, usageBefore = null }) {
      const removed =
        tokensBefore === null ? [] : tokens.removeWhere((token) => endedBefore(token, tokensBefore))
      for (const entry of removed) {
        releaseName(entry)
        countSigned(entry.token, -1)
        if (entry.idempotencyKey !== null) idempotency.delete(entry.idempotencyKey)
      }
      for (const [id, { at }] of receipts) if (at < receiptsBefore) receipts.delete(id)
      feed.purge(feedBefore)
      if (usageBefore !== null) {
        for (const [key, { day }] of usage) if (day < usageBefore) usage.delete(key)
      }
      return removed.length
    },

    lease(name, holder, at, until) {
      const lease = leases.get(name)
      if (lease !== undefined && lease.holder !== holder && lease.until > at) return false
      leases.set(name, { holder, until: new Date(until) })
      return true
    },

    ...createMemoryRows({ tokens, feed, idempotency, receipts, pools, usage, checkToken, addToken }),

    close() {},
  }
}

const UNKNOWN: CounterState = { usable: false, reason: 'unknown', remaining: 0 }

/** The name that an unrevoked token keeps from others, where it was inserted so. */
function toHeldName(token: StoredToken): string | null {
  return token.name === null || token.revokedAt !== null ? null : toNameKey(token, token.name)
}

function endedBefore({ expiresAt, revokedAt }: StoredToken, before: Date): boolean {
  return (expiresAt !== null && expiresAt < before) || (revokedAt !== null && revokedAt < before)
}
