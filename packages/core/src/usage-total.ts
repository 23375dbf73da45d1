import type { UsageTotal } from './token-store.ts'

const MOST = Number.MAX_SAFE_INTEGER

type UsageCounts = Pick<UsageTotal, 'calls' | 'credits'>

/** Counts together with those before, if there are any. They stop where a number is no longer exact. */
export function addUsageCounts(before: UsageCounts | undefined, more: UsageCounts): UsageCounts {
  return {
    calls: Math.min(MOST, more.calls + (before?.calls ?? 0)),
    credits: Math.min(MOST, more.credits + (before?.credits ?? 0)),
  }
}

/** The order of a report: credits, then calls, descending, then key by the bytes of its UTF-8, as databases sort it. */
export function compareUsageTotals(a: UsageTotal, b: UsageTotal): number {
  return b.credits - a.credits || b.calls - a.calls || Buffer.compare(Buffer.from(a.key), Buffer.from(b.key))
}
