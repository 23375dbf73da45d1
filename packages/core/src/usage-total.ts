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
  return b.credits - a.credits || b.calls - a.calls || compareCodePoints(a.key, b.key)
}

/** UTF-8 sorts by code point. UTF-16 does not: halves of the high ones come before the last of the low ones. */
function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)]
    if (x !== y) return toRank(x) - toRank(y)
  }
  return a.length - b.length
}

/** Surrogates (0xD800 to 0xDFFF) behind all else. */
function toRank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}
