import type { Database } from '../database.ts'
import { type ServiceProcess, startServiceProcess } from '../start-service-process.ts'
import { openStore } from '../store-place.ts'

const PROCESSES = 3
const CLIENTS = 64
const EACH = 2
const CREDITS = 150
/** For the rounds in which two tokens draw from one pool: less than both together. */
const POOL = 200

export interface ExactCredits {
  readonly rounds: number
  readonly requests: number
  readonly credits: number
  readonly granted: number
  /** Neither granted nor refused for want of credits. */
  readonly others: number
  /** Credits that the store says are left. */
  readonly left: number
}

/** Three processes of 64 clients ask for more than there is; every other round also draws from a shared pool. */
export async function runExactCredits(database: Database, rounds: number): Promise<ExactCredits> {
  const place = database.createPlace()
  const setup = { place: place(), maxStalenessMs: null, storeTimeoutMs: 20_000 }
  const opened = await openStore(place())
  const processes = await Promise.all(Array.from({ length: PROCESSES }, () => startServiceProcess(setup)))
  let [requests, credits, granted, others, left] = [0, 0, 0, 0, 0]
  try {
    for (let round = 0; round < rounds; round += 1) {
      const pool = round % 2 === 0 ? null : `pool-${round}`
      const issued = await issueTokens(processes, pool)
      const tokens = issued.map(({ token }) => token)
      const answers = await Promise.all(
        // Each process begins with another token, so that locks are asked for in every order.
        processes.map((process, number) =>
          process.ask('spend', {
            tokens: number % 2 === 0 ? tokens : tokens.toReversed(),
            clients: CLIENTS,
            each: EACH,
          }),
        ),
      )
      requests += PROCESSES * CLIENTS * EACH
      credits += pool === null ? CREDITS : POOL
      for (const { allowed = 0, credits_exhausted = 0, ...rest } of answers) {
        granted += allowed
        others += Object.values(rest).reduce((sum, count) => sum + count, 0)
      }
      for (const { id } of pool === null ? issued : []) {
        left += (await opened.store.find('default', id))?.credits?.remaining ?? 0
      }
      if (pool !== null) left += (await opened.store.findPool('default', pool))?.remaining ?? 0
    }
    return { rounds, requests, credits, granted, others, left }
  } finally {
    await Promise.all(processes.map((process) => process.kill()))
    await opened.close()
  }
}

async function issueTokens(processes: readonly ServiceProcess[], pool: string | null) {
  const [first] = processes
  if (first === undefined) throw new Error('no process was started')
  if (pool === null) return [await first.ask('issue', { credits: CREDITS })]
  await first.ask('createPool', { name: pool, credits: POOL })
  return [
    await first.ask('issue', { credits: CREDITS, pool }),
    await first.ask('issue', { credits: CREDITS, pool }),
  ]
}
