/** A clock that a test sets. */
export interface Clock {
  readonly now: () => Date
  set(moment: Date | string): void
  advance(seconds: number): void
}

export const START: Date = new Date('2026-11-21T12:00:00.000Z')

export function createClock(start: Date = START): Clock {
  let moment = start.getTime()
  return {
    now: () => new Date(moment),
    set(to) {
      moment = new Date(to).getTime()
    },
    advance(seconds) {
      moment += seconds * 1000
    },
  }
}
