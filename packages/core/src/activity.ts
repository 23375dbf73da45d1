import { setImmediate } from 'node:timers/promises'
import type { VerifiedToken } from './decision.ts'
import type { StoreCall } from './store-call.ts'
import { toTokenKey } from './token-key.ts'
import type { TokenStore, Touch, UsageEntry } from './token-store.ts'

/** Counts what tokens are used for, off the path of the request, and writes it in batches. */
export interface Activity {
  /** One accepted request. */
  note(token: VerifiedToken, credits: number, now: Date): void
  /** Writes what is pending. What fails stays pending. */
  flush(): Promise<void>
  close(): Promise<void>
}

interface Pending {
  readonly token: VerifiedToken
  calls: number
  credits: number
  lastUsedAt: Date
}

const FLUSH_EVERY_MS = 5000
/** `lastUsedAt` of a token is written at most once in this time. */
const TOUCH_EVERY_MS = 60_000
/** Written in one step, between which everything else gets its turn. */
const STEP = 500

export function createActivity(store: TokenStore, call: StoreCall): Activity {
  /** By token and day. */
  let pending = new Map<string, Pending>()
  /** When a token was last touched; entries older than a minute are dropped with each flush. */
  const touchedAt = new Map<string, number>()
  let timer: NodeJS.Timeout | null = null
  let flushing: Promise<void> = Promise.resolve()
  let closed = false

  const plan = (): void => {
    if (!closed) timer ??= setTimeout(() => void flush(), FLUSH_EVERY_MS).unref()
  }

  const note: Activity['note'] = (token, credits, now) => {
    const key = `${toDay(now)}${toTokenKey(token)}`
    const entry = pending.get(key)
    if (entry === undefined) pending.set(key, { token, calls: 1, credits, lastUsedAt: now })
    else {
      entry.calls += 1
      entry.credits += credits
      entry.lastUsedAt = now
    }
    plan()
  }

  const write = async (): Promise<void> => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    if (pending.size === 0) return
    const entries = [...pending]
    pending = new Map()
    for (let at = 0; at < entries.length; at += STEP) {
      if (at > 0) await setImmediate()
      const step = new Map(entries.slice(at, at + STEP))
      try {
        await call(() => store.addUsage([...step.values()].map(toUsageEntry)))
      } catch {
        // Reported by the store call. The numbers wait for the next flush.
        for (const [key, entry] of entries.slice(at)) restore(pending, key, entry)
        plan()
        return
      }
      await touch(step)
    }
    forgetTouches(touchedAt, entries)
  }

  const touch = async (step: ReadonlyMap<string, Pending>): Promise<void> => {
    const touches = toTouches(step, touchedAt)
    try {
      if (touches.length > 0) await call(() => store.touch(touches))
    } catch {
      // The next use sets it.
      for (const each of touches) touchedAt.delete(toTokenKey(each))
    }
  }

  const flush = (): Promise<void> => {
    flushing = flushing.then(write)
    return flushing
  }

  return {
    note,
    flush,
    async close() {
      closed = true
      await flush()
      if (timer !== null) clearTimeout(timer)
    },
  }
}

function toUsageEntry({ token, calls, credits, lastUsedAt }: Pending): UsageEntry {
  const { project, application, subject, id: tokenId } = token
  return { project, day: toDay(lastUsedAt), application, subject, tokenId, calls, credits }
}

function toTouches(batch: ReadonlyMap<string, Pending>, touchedAt: Map<string, number>): readonly Touch[] {
  const touches: Touch[] = []
  for (const { token, lastUsedAt } of batch.values()) {
    const at = lastUsedAt.getTime()
    const key = toTokenKey(token)
    if (at - (touchedAt.get(key) ?? Number.NEGATIVE_INFINITY) < TOUCH_EVERY_MS) continue
    touchedAt.set(key, at)
    touches.push({ project: token.project, id: token.id, at: lastUsedAt })
  }
  return touches
}

/** An entry that is older than a minute holds nothing back. */
function forgetTouches(
  touchedAt: Map<string, number>,
  entries: readonly (readonly [string, Pending])[],
): void {
  let latest = 0
  for (const [, { lastUsedAt }] of entries) latest = Math.max(latest, lastUsedAt.getTime())
  for (const [key, at] of touchedAt) if (latest - at >= TOUCH_EVERY_MS) touchedAt.delete(key)
}

function restore(pending: Map<string, Pending>, key: string, entry: Pending): void {
  const newer = pending.get(key)
  if (newer === undefined) pending.set(key, entry)
  else {
    newer.calls += entry.calls
    newer.credits += entry.credits
  }
}

const DAY_MS = 86_400_000
let lastDay = { number: Number.NaN, text: '' }

/** The UTC day of a moment, `2026-11-21`. Remembers the last: it is asked for on every request. */
export function toDay(moment: Date): string {
  const number = Math.floor(moment.getTime() / DAY_MS)
  if (number !== lastDay.number) lastDay = { number, text: moment.toISOString().slice(0, 10) }
  return lastDay.text
}
