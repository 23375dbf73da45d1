import { toTokenKey } from './token-key.ts'
import type { Day } from './utc-day.ts'

/** Uses of one token on one day that are not written yet. Of the token it holds only what is written. */
export interface PendingUse {
  /** Whether it takes calls: false while it is being written, and afterwards until the next use. */
  open: boolean
  readonly day: Day
  /** 0 = all of it is written. */
  calls: number
  credits: number
  /** Milliseconds since the day began: a number so small has no object of its own. */
  lastUsed: number
  /** When its token was touched, as far as this entry knows: milliseconds since 1970. */
  touchedAt: number
  readonly project: string
  readonly application: string
  readonly subject: string
  readonly tokenId: string
}

/** Their numbers are written. */
export function markWritten(entries: readonly PendingUse[]): void {
  for (const entry of entries) {
    entry.calls = 0
    entry.credits = 0
  }
}

/** One entry for each token and day. What is added to it again leaves its numbers there and is open no more. */
export class MergedUses {
  readonly #entries = new Map<string, PendingUse>()

  values(): PendingUse[] {
    return [...this.#entries.values()]
  }

  add(entry: PendingUse): void {
    let key = entry.tokenId
    let first = this.#entries.get(key)
    if (first !== undefined && !isSameCount(first, entry)) {
      key = `${entry.day.text}${toTokenKey({ project: entry.project, id: entry.tokenId })}`
      first = this.#entries.get(key)
    }
    if (first === undefined) {
      this.#entries.set(key, entry)
      return
    }
    first.calls += entry.calls
    first.credits += entry.credits
    first.lastUsed = Math.max(first.lastUsed, entry.lastUsed)
    entry.calls = 0
    entry.credits = 0
    entry.open = false
  }
}

function isSameCount(a: PendingUse, b: PendingUse): boolean {
  return a.tokenId === b.tokenId && a.project === b.project && a.day.startsAt === b.day.startsAt
}
