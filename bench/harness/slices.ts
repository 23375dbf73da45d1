import { setTimeout as delay } from 'node:timers/promises'
import { BACKGROUND_SECONDS } from './background.ts'
import { assignCores } from './cores.ts'
import type { Load, LoadResult } from './load.ts'
import type { ScenarioOptions } from './result.ts'
import type { ServerProcess } from './server-process.ts'

/** One server under one load. Several subjects may share a server. */
export interface Subject {
  readonly name: string
  readonly server: ServerProcess
  readonly load: Load
}

/** What was measured of a subject: one value for each round. */
export interface Series {
  /**
   * CPU time of the server's process in the slice, by its answers, microseconds. What it does every few seconds is done
   * after some pieces and counted with its share of what it costs under a load that never stops: a slice would have all
   * of it or nothing.
   */
  readonly cpuMicros: readonly number[]
  /** CPU time while others were measured (polling, idle collections), by the answers of its slice, microseconds. */
  readonly restMicros: readonly number[]
  readonly perSecond: readonly number[]
  /** Answers, warm-up included. */
  readonly requests: number
  /** Answers other than expected, warm-up included, by `expected → got`. */
  readonly wrong: ReadonlyMap<string, number>
}

/** How a slice is taken. */
export interface SliceOptions extends Pick<ScenarioOptions, 'rounds' | 'sliceMs'> {
  /**
   * Into how many pieces a slice is cut; the pieces of all subjects take turns. The more, the less it matters that
   * the machine changes its speed within a round; each ends with waiting for the last answers. Default 1.
   */
  readonly pieces?: number
}

interface Running {
  readonly subject: Subject
  readonly cpuMicros: number[]
  readonly restMicros: number[]
  readonly perSecond: number[]
  readonly wrong: Map<string, number>
  requests: number
  slice: Slice
}

/** What the pieces of a slice make together. */
interface Slice {
  cpu: number
  /** CPU between the pieces. */
  rest: number
  requests: number
  seconds: number
  /** What came since the background work was done last. */
  since: { requests: number; seconds: number }
}

const WARM_UP_ROUNDS = 2
const LAST_WORDS_MS = 1000
/** Of a server's own time between two rounds of background work: sooner, so that it never does it by itself. */
const BACKGROUND_PART = 0.8

function beginSlice(): Slice {
  return { cpu: 0, rest: 0, requests: 0, seconds: 0, since: { requests: 0, seconds: 0 } }
}

/** In each round every subject gets one slice, in an order that is drawn anew for each piece of it. */
export async function measureRounds(
  subjects: readonly Subject[],
  { rounds, sliceMs, pieces = 1 }: SliceOptions,
): Promise<ReadonlyMap<string, Series>> {
  const running = subjects.map(
    (subject): Running => ({
      subject,
      cpuMicros: [],
      restMicros: [],
      perSecond: [],
      wrong: new Map(),
      requests: 0,
      slice: beginSlice(),
    }),
  )
  const died = Promise.race(subjects.map(({ server }) => server.died))
  /** By server: its account at the end of its last piece, and whose piece that was. */
  const rested = new Map<ServerProcess, { readonly cpu: number; readonly by: Running }>()

  async function takePiece(one: Running): Promise<void> {
    const { server, load } = one.subject
    const before = await server.cpu()
    const rest = rested.get(server)
    if (rest !== undefined) rest.by.slice.rest += before - rest.cpu
    const result = await load.run(sliceMs / pieces)
    const { slice } = one
    slice.cpu += (await server.cpu()) - before
    for (const sum of [slice, slice.since]) {
      sum.requests += result.requests
      sum.seconds += result.seconds
    }
    one.requests += result.requests
    addWrong(one.wrong, result)
  }

  /**
   * What it costs depends on how many different requests came since: in a few tenths of a second not all of them do, in
   * the seconds between two rounds of it they may.
   */
  async function doBackgroundWork({ subject: { server, load }, slice }: Running): Promise<void> {
    const { requests, seconds } = slice.since
    const background = await server.doBackgroundWork()
    const different = Math.min(load.size, requests)
    const differentThen = Math.min(load.size, (requests / seconds) * BACKGROUND_SECONDS)
    slice.cpu += background * (seconds / BACKGROUND_SECONDS) * (differentThen / different)
    slice.since = { requests: 0, seconds: 0 }
  }

  const pieceSeconds = sliceMs / pieces / 1000
  const together = Math.max(
    1,
    Math.floor((BACKGROUND_PART * BACKGROUND_SECONDS) / (pieceSeconds * subjects.length)),
  )

  async function takeRound(measured: boolean): Promise<void> {
    for (const one of running) one.slice = beginSlice()
    for (let piece = 1; piece <= pieces; piece += 1) {
      for (const one of shuffle(running)) {
        await takePiece(one)
        if (piece === pieces || piece % together === 0) await doBackgroundWork(one)
        rested.set(one.subject.server, { cpu: await one.subject.server.cpu(), by: one })
      }
    }
    if (!measured) return
    for (const { slice, cpuMicros, restMicros, perSecond } of running) {
      cpuMicros.push(slice.cpu / slice.requests)
      restMicros.push(slice.rest / slice.requests)
      perSecond.push(slice.requests / slice.seconds)
    }
  }

  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    assignCores([...new Set(subjects.map(({ server }) => server.pid))], round)
    try {
      await Promise.race([takeRound(round >= 0), died])
    } catch (error) {
      // The clients of a server that has died may be the first to notice; its last words say more.
      await Promise.race([died, delay(LAST_WORDS_MS)])
      throw error
    }
  }
  return new Map(running.map(({ subject, slice: _, ...series }) => [subject.name, series]))
}

/** The rounds of one series after those of another. */
export function joinSeries(first: Series, second: Series): Series {
  const wrong = new Map(first.wrong)
  addWrong(wrong, second)
  return {
    cpuMicros: [...first.cpuMicros, ...second.cpuMicros],
    restMicros: [...first.restMicros, ...second.restMicros],
    perSecond: [...first.perSecond, ...second.perSecond],
    requests: first.requests + second.requests,
    wrong,
  }
}

function addWrong(all: Map<string, number>, { wrong }: Pick<LoadResult, 'wrong'>): void {
  for (const [what, count] of wrong) all.set(what, (all.get(what) ?? 0) + count)
}

/** A new list in random order. @see Knuth, TAOCP vol. 2, 3.4.2, algorithm P */
export function shuffle<T>(list: readonly T[]): T[] {
  const shuffled = [...list]
  for (let i = shuffled.length - 1; i > 0; i -= 1) {
    const j = Math.floor(Math.random() * (i + 1))
    const [a, b] = [shuffled[i], shuffled[j]]
    if (a === undefined || b === undefined) continue
    shuffled[i] = b
    shuffled[j] = a
  }
  return shuffled
}

/** @throws when any answer was not the expected one */
export function requireRight(name: string, wrong: ReadonlyMap<string, number>): void {
  if (wrong.size === 0) return
  const list = [...wrong].map(([what, count]) => `${what}: ${count}`).join(', ')
  throw new Error(`${name} gave wrong answers (expected → got): ${list}`)
}
