/** A UTC day. */
export interface Day {
  /** `2026-11-21`. */
  readonly text: string
  /** Milliseconds since 1970. */
  readonly startsAt: number
}

const DAY_MS = 86_400_000
let lastDay: Day = { text: '1970-01-01', startsAt: 0 }

/** Remembers the last: it is asked for on every request. */
export function dayOf(moment: number): Day {
  const startsAt = Math.floor(moment / DAY_MS) * DAY_MS
  if (startsAt !== lastDay.startsAt) lastDay = { text: toDay(new Date(moment)), startsAt }
  return lastDay
}

/** The UTC day of a moment, `2026-11-21`. */
export function toDay(moment: Date): string {
  return moment.toISOString().slice(0, 10)
}
