import { setTimeout as delay } from 'node:timers/promises'
import type { Database } from '../database.ts'
import { createLedger, type Meter, type Tally, takeStock } from '../ledger.ts'
import { startServiceProcess } from '../start-service-process.ts'
import { openStore } from '../store-place.ts'

const LANES = 8
/** Never spent in a run. */
const LARGE = 1_000_000
/** Spent within a round, so that the last credit is fought for while a process dies. */
const SMALL = 40

export interface KilledServices extends Tally {
  readonly rounds: number
  /** Longest time from a kill to the next answer of the process that lived on. */
  readonly longestPauseMs: number
}

/** One process works on while another, in each round a new one, is killed in the midst of its work. */
export async function runKilledServices(database: Database, rounds: number): Promise<KilledServices> {
  const place = database.createPlace()
  const setup = { place: place(), maxStalenessMs: null, storeTimeoutMs: 2000 }
  const opened = await openStore(place())
  const survivor = await startServiceProcess(setup)
  const ledger = createLedger()
  ledger.follow(survivor)
  const meters: Meter[] = []
  let longestPauseMs = 0

  const addMeter = async (limit: number): Promise<string> => {
    const { token, id } = await survivor.ask('issue', { credits: limit })
    meters.push({ id, limit })
    return token
  }
  try {
    const large = await addMeter(LARGE)
    for (let round = 0; round < rounds; round += 1) {
      const load = { lanes: LANES, meters: [large, await addMeter(SMALL)] }
      const victim = await startServiceProcess(setup)
      ledger.follow(victim)
      await Promise.all([survivor.ask('work', load), victim.ask('work', load)])
      await delay(40 + 10 * (round % 20))
      const killedAt = performance.now()
      await Promise.all([victim.kill(), survivor.nextAnswer()])
      longestPauseMs = Math.max(longestPauseMs, performance.now() - killedAt)
      await survivor.ask('rest', null)
    }
    return { rounds, longestPauseMs, ...(await takeStock(opened.store, ledger, meters)) }
  } finally {
    await survivor.kill()
    await opened.close()
  }
}
