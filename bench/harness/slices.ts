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
   * after each slice and counted with its share of what it costs under a load that never stops: a slice would have all
   * of it or nothing.
   */
  readonly cpuMicros: readonly number[]
  /** CPU time since the slice before, while others were measured (polling, idle collections), by the answers of the slice, microseconds. */
  readonly restMicros: readonly number[]
  readonly perSecond: readonly number[]
  /** Answers, warm-up included. */
  readonly requests: number
  /** Answers other than expected, warm-up included, by `expected → got`. */
  readonly wrong: ReadonlyMap<string, number>
}

interface Running {
  readonly subject: Subject
  readonly cpuMicros: number[]
  readonly restMicros: number[]
  readonly perSecond: number[]
  readonly wrong: Map<string, number>
  requests: number
}

const WARM_UP_ROUNDS = 2
const LAST_WORDS_MS = 1000

/** In each round every subject gets one slice, in an order that is drawn anew. */
export async function measureRounds(
  subjects: readonly Subject[],
  { rounds, sliceMs }: Pick<ScenarioOptions, 'rounds' | 'sliceMs'>,
): Promise<ReadonlyMap<string, Series>> {
  const running = subjects.map(
    (subject): Running => ({
      subject,
      cpuMicros: [],
      restMicros: [],
      perSecond: [],
      wrong: new Map(),
      requests: 0,
    }),
  )
  const died = Promise.race(subjects.map(({ server }) => server.died))
  /** Each server's account at the end of its last slice. */
  const rested = new Map<ServerProcess, number>()

  async function takeSlice(one: Running, measured: boolean): Promise<void> {
    const { server, load } = one.subject
    const before = await server.cpu()
    const rest = before - (rested.get(server) ?? before)
    const result = await load.run(sliceMs)
    const cpu = (await server.cpu()) - before + (await doBackgroundWork(one.subject, result))
    rested.set(server, await server.cpu())
    one.requests += result.requests
    addWrong(one.wrong, result)
    if (!measured) return
    one.cpuMicros.push(cpu / result.requests)
    one.restMicros.push(rest / result.requests)
    one.perSecond.push(result.requests / result.seconds)
  }

  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    assignCores([...new Set(subjects.map(({ server }) => server.pid))], round)
    try {
      for (const one of shuffle(running)) await Promise.race([takeSlice(one, round >= 0), died])
    } catch (error) {
      // The clients of a server that has died may be the first to notice; its last words say more.
      await Promise.race([died, delay(LAST_WORDS_MS)])
      throw error
    }
  }
  return new Map(running.map(({ subject, ...series }) => [subject.name, series]))
}

/**
 * The share of the slice in what the server does from time to time. What that costs depends on how many different requests
 * came before: in a short slice not all of them do, in the seconds between two rounds of it they may.
 * @returns CPU time, microseconds
 */
async function doBackgroundWork(
  { server, load }: Subject,
  { requests, seconds }: LoadResult,
): Promise<number> {
  const background = await server.doBackgroundWork()
  const different = Math.min(load.size, requests)
  const differentThen = Math.min(load.size, (requests / seconds) * BACKGROUND_SECONDS)
  return background * (seconds / BACKGROUND_SECONDS) * (differentThen / different)
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
