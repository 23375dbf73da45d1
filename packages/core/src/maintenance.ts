import { randomUUID } from 'node:crypto'
import type { SafeHooks } from './hooks.ts'
import type { KeyRing } from './key-ring.ts'
import type { RevocationFeed } from './revocation-feed.ts'
import type { StoreCall } from './store-call.ts'
import type { TokenStore } from './token-store.ts'
import { toDay } from './utc-day.ts'

/** What has to be done from time to time: purge, forget, re-read the keys. */
export interface Maintenance {
  /** Removes what is past its retention. @returns how many tokens */
  purge(): Promise<number>
  stop(): void
}

const DAY_MS = 86_400_000
/** Receipts are kept so long: the time within which a refund is possible. */
const RECEIPTS_MS = DAY_MS
/** A signed text is forgotten only when no tolerance can make it valid again. */
const FEED_MARGIN_MS = 3_600_000
const KEYS_EVERY_MS = 60_000

export function startMaintenance(context: {
  readonly store: TokenStore
  readonly ring: KeyRing
  readonly feed: RevocationFeed | null
  readonly longCall: StoreCall
  readonly hooks: SafeHooks
  readonly retentionSeconds: number | null
  readonly usageRetentionSeconds: number | null
  readonly maintenanceSeconds: number | null
  readonly now: () => Date
}): Maintenance {
  const { store, ring, feed, longCall, hooks, maintenanceSeconds, now } = context
  const { retentionSeconds, usageRetentionSeconds } = context

  /** Usage of days before this one is gone. */
  let usageGone: string | null = null

  const purge = async (): Promise<number> => {
    const at = now().getTime()
    const usageBefore =
      usageRetentionSeconds === null ? null : toDay(new Date(at - usageRetentionSeconds * 1000))
    const feedBefore = new Date(at - FEED_MARGIN_MS)
    await feed?.forget(feedBefore)
    const removed = await longCall(() =>
      store.purge({
        tokensBefore: retentionSeconds === null ? null : new Date(at - retentionSeconds * 1000),
        receiptsBefore: new Date(at - RECEIPTS_MS),
        feedBefore,
        // Once a day: there may be many projects to look at.
        usageBefore: usageBefore === usageGone ? null : usageBefore,
      }),
    )
    usageGone = usageBefore
    await ring.removeUnused(new Date(at - DAY_MS))
    return removed
  }

  /**
   * Of all processes only the one that gets the lease purges, and only once in the period: every turn asks under a
   * name of its own, so that not even the last holder gets it again before it has run out.
   */
  const purgeInTurn = async (everySeconds: number): Promise<void> => {
    const at = now()
    const until = new Date(at.getTime() + everySeconds * 1000)
    if (await longCall(() => store.lease('purge', randomUUID(), at, until))) await purge()
    else await feed?.forget(new Date(at.getTime() - FEED_MARGIN_MS))
  }

  const timers: NodeJS.Timeout[] = []
  const every = (ms: number, where: string, work: () => Promise<void>): void => {
    const run = (): void => void work().catch((error: unknown) => hooks.onError(error, where))
    timers.push(setInterval(run, ms).unref())
  }
  every(KEYS_EVERY_MS, 'key ring', () => ring.reload())
  if (maintenanceSeconds !== null) {
    // Looked at often and done seldom: a process that is restarted every half hour purges as well.
    every(Math.min(maintenanceSeconds * 1000, 60_000), 'maintenance', () => purgeInTurn(maintenanceSeconds))
  }
  return {
    purge,
    stop() {
      for (const timer of timers) clearInterval(timer)
    },
  }
}
