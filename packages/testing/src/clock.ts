/** A clock that stands still until a test moves it. */
export interface Clock {
  /** A new Date each time. Hand it over as `now: clock.now`. */
  readonly now: () => Date
  readonly set: (to: Date | string) => void
  readonly advance: (seconds: number) => void
}

/** @param start default 2026-11-21T12:00:00.000Z */
export function createClock(start: Date | string = '2026-11-21T12:00:00.000Z'): Clock {
  let time = new Date(start).getTime()
  return {
    now: () => new Date(time),
    set: (to) => {
      time = new Date(to).getTime()
    },
    advance: (seconds) => {
      time += seconds * 1000
    },
  }
}
