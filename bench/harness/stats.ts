/** The middle of a series and how far it spreads: the quartiles. */
export interface Summary {
  readonly median: number
  readonly low: number
  readonly high: number
}

export function summarize(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b)
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.25), high: quantile(sorted, 0.75) }
}

/** The ratio inside each round, and only then the median: what slows a whole round down cancels out. */
export function summarizeRatios(values: readonly number[], bases: readonly number[]): Summary {
  return summarize(inRounds(values, bases, (value, base) => value / base))
}

/** The difference inside each round. */
export function subtractRounds(values: readonly number[], bases: readonly number[]): readonly number[] {
  return inRounds(values, bases, (value, base) => value - base)
}

function inRounds(
  values: readonly number[],
  bases: readonly number[],
  compare: (value: number, base: number) => number,
): readonly number[] {
  if (values.length !== bases.length) throw new Error('a comparison needs two series of the same rounds')
  return values.map((value, round) => compare(value, bases[round] ?? Number.NaN))
}

/** `2.13 (2.08 – 2.20)` */
export function formatSummary({ median, low, high }: Summary, digits = 2): string {
  return `${median.toFixed(digits)} (${low.toFixed(digits)} – ${high.toFixed(digits)})`
}

/** Linear between neighbours. @see Hyndman and Fan (1996), definition 7 */
export function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share
  const below = sorted[Math.floor(at)]
  const above = sorted[Math.ceil(at)]
  if (below === undefined || above === undefined) throw new Error('nothing was measured')
  return below + (above - below) * (at - Math.floor(at))
}
