import type { Series } from './slices.ts'
import { type Summary, subtractRounds, summarizeRatios } from './stats.ts'

/** The series of one comparison, by subject. */
export class Comparison {
  readonly #series: ReadonlyMap<string, Series>

  constructor(series: ReadonlyMap<string, Series>) {
    this.#series = series
  }

  /** @throws when there is no such subject */
  of(subject: string): Series {
    const series = this.#series.get(subject)
    if (series === undefined) throw new Error(`${subject} was not measured`)
    return series
  }

  /** CPU of `base` by that of `subject`, in each round: 1 = it costs nothing. */
  cpuShare(subject: string, base: string): Summary {
    return summarizeRatios(this.of(base).cpuMicros, this.of(subject).cpuMicros)
  }

  /** CPU of `subject` beside that of `base`. */
  cpuRatio(subject: string, base: string): Summary {
    return summarizeRatios(this.of(subject).cpuMicros, this.of(base).cpuMicros)
  }

  /** Answers per second beside those of `base`. */
  throughput(subject: string, base: string): Summary {
    return summarizeRatios(this.of(subject).perSecond, this.of(base).perSecond)
  }

  /** Microseconds of CPU that `subject` takes over `base`, one value for each round. */
  added(subject: string, base: string): readonly number[] {
    return subtractRounds(this.of(subject).cpuMicros, this.of(base).cpuMicros)
  }
}
