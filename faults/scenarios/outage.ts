import { setTimeout as delay } from 'node:timers/promises'
import { createLedger, type Ledger, type Meter, type Tally, takeStock } from '../ledger.ts'
import type { Outcome } from '../service-commands.ts'
import { startServiceProcess } from '../start-service-process.ts'
import { openStore, type StorePlace } from '../store-place.ts'

const LANES = 16
const LIMIT = 1_000_000

export interface Outages extends Tally {
  readonly rounds: number
  /** Answers other than 503 that any client got while the store was away, the first 100 ms apart. */
  readonly answeredMeanwhile: number
  /** Refusals of any kind, by code. */
  readonly refused: ReadonlyMap<Outcome, number>
  /** Longest time until both processes answered again, without a restart. */
  readonly longestRecoveryMs: number
}

export interface OutageSetup {
  /** As the services see it. */
  readonly place: StorePlace
  /** As the one who counts sees it. */
  readonly direct: StorePlace
  readonly rounds: number
  readonly lastsMs: number
  /** Takes the store away. */
  begin(): Promise<void>
  /** Brings it back. */
  end(): Promise<void>
}

/** Two processes work on while their store goes away and comes back. */
export async function runOutages(setup: OutageSetup): Promise<Outages> {
  const service = { place: setup.place, maxStalenessMs: null, storeTimeoutMs: 1000 }
  const processes = await Promise.all([startServiceProcess(service), startServiceProcess(service)])
  const ledger = createLedger()
  for (const process of processes) ledger.follow(process)
  let answeredMeanwhile = 0
  let longestRecoveryMs = 0
  try {
    const { token, id } = await processes[0].ask('issue', { credits: LIMIT })
    const meters: readonly Meter[] = [{ id, limit: LIMIT }]
    for (const process of processes) await process.ask('work', { lanes: LANES, meters: [token] })
    for (let round = 0; round < setup.rounds; round += 1) {
      await delay(300 + 30 * round)
      await setup.begin()
      answeredMeanwhile += await countAnswers(ledger, setup.lastsMs)
      await setup.end()
      const endedAt = performance.now()
      await Promise.all(processes.map((process) => process.nextAnswer()))
      longestRecoveryMs = Math.max(longestRecoveryMs, performance.now() - endedAt)
    }
    for (const process of processes) await process.ask('rest', null)
    const opened = await openStore(setup.direct)
    const tally = await takeStock(opened.store, ledger, meters)
    await opened.close()
    return { rounds: setup.rounds, answeredMeanwhile, refused: ledger.refused, longestRecoveryMs, ...tally }
  } finally {
    await Promise.all(processes.map((process) => process.kill()))
  }
}

/** What was on its way may still arrive in the first moment. */
async function countAnswers(ledger: Ledger, forMs: number): Promise<number> {
  const settleMs = Math.min(100, forMs)
  await delay(settleMs)
  const before = ledger.answers
  await delay(forMs - settleMs)
  return ledger.answers - before
}
