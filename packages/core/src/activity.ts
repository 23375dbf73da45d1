import { setImmediate } from 'node:timers/promises'
import { isPromise } from './awaitable.ts'
import type { VerifiedToken } from './decision.ts'
import { MergedUses, markWritten, type PendingUse } from './pending-use.ts'
import type { StoreCall } from './store-call.ts'
import type { Awaitable } from './token.ts'
import { toTokenKey } from './token-key.ts'
import type { TokenStore, Touch, UsageEntry } from './token-store.ts'
import { type Day, dayOf } from './utc-day.ts'

/** Counts what tokens are used for, off the path of the request, and writes it in batches. */
export interface Activity {
  /** One request that was accepted at `now`, milliseconds since 1970. */
  note(used: Used, credits: number, now: number): void
  /** Writes what is pending. What fails stays pending. */
  flush(): Promise<void>
  close(): Promise<void>
}

/** What is counted. It carries its own count, so that the next request need not look for it. */
export interface Used {
  readonly token: VerifiedToken
  /** Null = not counted yet. Nobody else's to read. */
  pendingUse: PendingUse | null
}

const FLUSH_EVERY_MS = 5000
/** How long an answer may still come after it was late. */
const ANSWER_MS = 60_000
/** `lastUsedAt` of a token is written at most once in this time. */
const TOUCH_EVERY_MS = 60_000
const NOT_YET = Number.NEGATIVE_INFINITY
/** More than a process is asked for in five seconds. */
const MOST_PENDING = 100_000
/** Looked at and written in one step, between which everything else gets its turn. */
const STEP = 500

export function createActivity(store: TokenStore, call: StoreCall): Activity {
  /** A token is in it as often as it was read anew. */
  let pending: PendingUse[] = []
  /** How many it may be before those of one token are made one. */
  let room = MOST_PENDING
  /** When a token was last touched; entries older than a minute are dropped with each flush. */
  const touchedAt = new Map<string, number>()
  let timer: NodeJS.Timeout | null = null
  let flushing: Promise<void> = Promise.resolve()
  /** A write whose answer did not come in time: it may take effect yet, so it is waited for before the next one. */
  let unanswered: Promise<void> | null = null
  let closed = false

  const plan = (): void => {
    if (!closed) timer ??= setTimeout(() => void flush(), FLUSH_EVERY_MS).unref()
  }

  const note: Activity['note'] = (used, credits, now) => {
    const day = dayOf(now)
    let entry = used.pendingUse
    if (entry === null || entry.day.startsAt !== day.startsAt) {
      entry = start(used.token, day)
      used.pendingUse = entry
    } else if (!entry.open) {
      entry = resume(entry)
      used.pendingUse = entry
    }
    entry.calls += 1
    entry.credits += credits
    entry.lastUsed = now - day.startsAt
  }

  const start = (token: VerifiedToken, day: Day): PendingUse => {
    const { project, application, subject, id: tokenId } = token
    return add({
      open: true,
      day,
      calls: 0,
      credits: 0,
      lastUsed: 0,
      touchedAt: NOT_YET,
      project,
      application,
      subject,
      tokenId,
    })
  }

  /** A token that is in use is counted again and again in one object. */
  const resume = (entry: PendingUse): PendingUse => {
    // What is being written may yet fail: its numbers stay.
    return add(entry.calls === 0 ? entry : { ...entry, calls: 0, credits: 0 })
  }

  /** Has it written with the next flush. */
  const add = (entry: PendingUse): PendingUse => {
    if (pending.length >= room) merge()
    entry.open = true
    pending.push(entry)
    plan()
    return entry
  }

  /** Their numbers wait for the next flush. */
  const putBack = (entries: readonly PendingUse[]): void => {
    for (const entry of entries) add(entry)
  }

  /** Keeps what waits for a store that does not answer to the number of tokens. */
  const merge = (): void => {
    const merged = new MergedUses()
    for (const entry of pending) merged.add(entry)
    pending = merged.values()
    room = Math.max(MOST_PENDING, 2 * pending.length)
  }

  const write = async (): Promise<void> => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    const answered = await isAnswered()
    // At the end what was not sent yet is written, whatever becomes of what was.
    if (pending.length === 0 || !(answered || closed)) return
    const closing = pending
    pending = []
    room = MOST_PENDING
    const entries = await closeUses(closing)
    for (let at = 0; at < entries.length; at += STEP) {
      if (at > 0) await setImmediate()
      const step = entries.slice(at, at + STEP)
      if (!(await writeStep(step))) {
        putBack(entries.slice(at + STEP))
        return
      }
      await touch(step)
    }
    forgetTouches(touchedAt, entries)
  }

  /** @returns whether it was written in time; else its numbers wait until it is known whether they were written */
  const writeStep = async (step: readonly PendingUse[]): Promise<boolean> => {
    const written: { answer?: Awaitable<void> } = {}
    try {
      await call(() => {
        written.answer = store.addUsage(step.map(toUsageEntry))
        return written.answer
      })
    } catch {
      // Reported by the store call, which does not wait for ever.
      const { answer } = written
      if (isPromise(answer)) unanswered = settleLater(step, answer)
      else putBack(step)
      return false
    }
    markWritten(step)
    return true
  }

  /** Until the answer has come after all, or is given up. */
  const settleLater = (step: readonly PendingUse[], answer: Promise<void>): Promise<void> =>
    new Promise((resolve) => {
      let settled = false
      const settle = (wasWritten: boolean): void => {
        // What comes after it was given up says nothing of the write that followed.
        if (settled) return
        settled = true
        unanswered = null
        clearTimeout(timeout)
        if (wasWritten) {
          markWritten(step)
          void touch(step)
        } else {
          putBack(step)
        }
        resolve()
      }
      // Of a connection that is half open nothing may ever come: then it may be counted twice, rather than not at all.
      const timeout = setTimeout(() => settle(false), ANSWER_MS).unref()
      answer.then(
        () => settle(true),
        () => settle(false),
      )
    })

  const isAnswered = async (): Promise<boolean> => {
    const answer = unanswered
    if (answer === null) return true
    try {
      await call(() => answer)
      return true
    } catch {
      plan()
      return false
    }
  }

  /** Ends the counting in these entries; of those of one token and day, one has it all. */
  const closeUses = async (closing: readonly PendingUse[]): Promise<readonly PendingUse[]> => {
    const merged = new MergedUses()
    for (let at = 0; at < closing.length; at += STEP) {
      // What is used meanwhile and was not come to yet is still counted in it.
      if (at > 0) await setImmediate()
      for (const entry of closing.slice(at, at + STEP)) {
        merged.add(entry)
        entry.open = false
      }
    }
    return merged.values()
  }

  const touch = async (step: readonly PendingUse[]): Promise<void> => {
    const touches = toTouches(step, touchedAt)
    try {
      if (touches.length > 0) await call(() => store.touch(touches))
    } catch {
      // The next use sets it.
      for (const each of touches) touchedAt.delete(toTokenKey(each))
      for (const entry of step) entry.touchedAt = NOT_YET
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

function toUsageEntry(pending: PendingUse): UsageEntry {
  const { project, day, application, subject, tokenId, calls, credits } = pending
  return { project, day: day.text, application, subject, tokenId, calls, credits }
}

function toTouches(step: readonly PendingUse[], touchedAt: Map<string, number>): readonly Touch[] {
  const touches: Touch[] = []
  for (const entry of step) {
    const at = toTime(entry)
    if (at - entry.touchedAt < TOUCH_EVERY_MS) continue
    const { project, tokenId: id } = entry
    const key = toTokenKey({ project, id })
    entry.touchedAt = touchedAt.get(key) ?? NOT_YET
    if (at - entry.touchedAt < TOUCH_EVERY_MS) continue
    entry.touchedAt = at
    touchedAt.set(key, at)
    touches.push({ project, id, at: new Date(at) })
  }
  return touches
}

/** When it was used last, milliseconds since 1970. */
function toTime({ day, lastUsed }: PendingUse): number {
  return day.startsAt + lastUsed
}

/** An entry that is older than a minute holds nothing back. */
function forgetTouches(touchedAt: Map<string, number>, written: readonly PendingUse[]): void {
  const latest = written.reduce((time, entry) => Math.max(time, toTime(entry)), 0)
  for (const [key, at] of touchedAt) if (latest - at >= TOUCH_EVERY_MS) touchedAt.delete(key)
}
