import { setImmediate, setTimeout } from 'node:timers/promises'
import { shuffle } from './slices.ts'

/** Something that is measured inside the process of its scenario. */
export interface Subject {
  readonly name: string
  /** One slice. @returns how many operations it did; @throws for a wrong answer */
  readonly slice: () => Promise<number>
}

/**
 * CPU µs per operation of each subject in each round, by the subject's name. In a round every subject has one slice,
 * in random order; a round before the first is not counted.
 */
export async function measureRounds(
  subjects: readonly Subject[],
  rounds: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  if (new Set(subjects.map(({ name }) => name)).size < subjects.length)
    throw new Error('two subjects have one name')
  const series = new Map(subjects.map(({ name }): [string, number[]] => [name, []]))
  for (let round = -1; round < rounds; round += 1) {
    for (const subject of shuffle(subjects)) {
      const { count, cpuMicros } = await measureSlice(subject)
      if (round >= 0) series.get(subject.name)?.push(cpuMicros / count)
    }
  }
  return series
}

/** Threads that sweep up after a collection, and the finalizers that it calls for, are done by then. */
const SETTLE_MS = 30

/** What one slice cost. */
export interface SliceCost {
  /** Operations, never 0. */
  readonly count: number
  readonly cpuMicros: number
}

/** By the account of the operating system: threads that collect garbage or do cryptography are in it. */
export async function measureSlice({ name, slice }: Subject): Promise<SliceCost> {
  // What the one before left behind is not this one's to clear away.
  globalThis.gc?.()
  await setTimeout(SETTLE_MS)
  const before = process.cpuUsage()
  const count = await slice()
  const { user, system } = process.cpuUsage(before)
  if (count === 0) throw new Error(`${name} did nothing`)
  return { count, cpuMicros: user + system }
}

/**
 * Does `batch` again and again until the slice is over. The event loop turns between two batches, as it does in a
 * server, so that timers get their turn.
 * @param batch returns how many operations it did
 */
export async function repeat(sliceMs: number, batch: () => number | Promise<number>): Promise<number> {
  const end = performance.now() + sliceMs
  let operations = 0
  do {
    const done = batch()
    operations += typeof done === 'number' ? done : await done
    await setImmediate()
  } while (performance.now() < end)
  return operations
}

/** The rounds of a subject that was measured. */
export function seriesOf(series: ReadonlyMap<string, readonly number[]>, name: string): readonly number[] {
  const found = series.get(name)
  if (found === undefined) throw new Error(`${name} was not measured`)
  return found
}
