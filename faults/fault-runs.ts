import { DatabaseSync } from 'node:sqlite'
import type { Database } from './database.ts'
import { type ExactCredits, runExactCredits } from './scenarios/exact-credits.ts'
import { type ExhaustedPool, runExhaustedPool } from './scenarios/exhausted-pool.ts'
import { type Fsyncs, runFsyncs } from './scenarios/fsyncs.ts'
import { runFullDisk } from './scenarios/full-disk.ts'
import { type KilledServices, runKilledServices } from './scenarios/killed-services.ts'
import { type Outages, runOutages } from './scenarios/outage.ts'
import { runStaleness, type Staleness, type StalenessSetup } from './scenarios/staleness.ts'
import { startTcpProxy } from './tcp-proxy.ts'

/** How often and how long; fewer for a quick look. */
export interface Rounds {
  readonly killedServices: number
  readonly killedServers: number
  readonly cuts: number
  readonly cutMs: number
  readonly exactCredits: number
  readonly revocations: number
}

export const FULL: Rounds = {
  killedServices: 50,
  killedServers: 10,
  cuts: 3,
  cutMs: 5000,
  exactCredits: 20,
  revocations: 200,
}
export const QUICK: Rounds = {
  killedServices: 3,
  killedServers: 2,
  cuts: 1,
  cutMs: 1500,
  exactCredits: 2,
  revocations: 20,
}

/** Everything that was seen of one store. */
export interface FaultResults {
  readonly store: string
  readonly killedServices: KilledServices
  readonly outages: readonly { readonly fault: string; readonly seen: Outages }[]
  readonly exactCredits: ExactCredits
  readonly staleness: readonly { readonly mode: string; readonly seen: Staleness }[]
  readonly exhaustedPool: ExhaustedPool | null
  readonly fsyncs: readonly Fsyncs[]
}

const MAX_STALENESS_MS = 1000
const AWAY_MS = 500

export async function runFaults(
  database: Database,
  rounds: Rounds,
  say: (line: string) => void,
): Promise<FaultResults> {
  const step = async <T>(what: string, run: () => Promise<T>): Promise<T> => {
    say(`${database.name}: ${what}`)
    return run()
  }
  const url = database.server?.toUrl(database.server.port)
  return {
    store: database.name,
    killedServices: await step('kill -9 of a service', () =>
      runKilledServices(database, rounds.killedServices),
    ),
    outages: await step('the store away', () =>
      database.server === null ? runSqliteOutages(database, rounds) : runServerOutages(database, rounds),
    ),
    exactCredits: await step('credits', () => runExactCredits(database, rounds.exactCredits)),
    staleness: await step('revocation elsewhere', () => runModes(database, rounds.revocations)),
    exhaustedPool: url?.startsWith('postgres:')
      ? await step('pool exhausted', () => runExhaustedPool(url, 'faults_pool'))
      : null,
    fsyncs: database.server === null ? await step('fsyncs', () => countFsyncs()) : [],
  }
}

async function runServerOutages(database: Database, rounds: Rounds): Promise<FaultResults['outages']> {
  const { server } = database
  if (server === null) return []
  const killed = database.createPlace()
  const killedServer = await runOutages({
    place: killed(),
    direct: killed(),
    rounds: rounds.killedServers,
    lastsMs: AWAY_MS,
    begin: () => server.kill(),
    end: () => server.start(),
  })
  const proxy = await startTcpProxy(server)
  try {
    const cut = database.createPlace()
    const cutOff = await runOutages({
      place: cut({ port: proxy.port }),
      direct: cut(),
      rounds: rounds.cuts,
      lastsMs: rounds.cutMs,
      begin: async () => proxy.set('cut'),
      end: async () => proxy.set('open'),
    })
    const lost = database.createPlace()
    const unheard = await runOutages({
      place: lost({ port: proxy.port }),
      direct: lost(),
      rounds: rounds.cuts,
      lastsMs: rounds.cutMs,
      begin: async () => proxy.set('lost'),
      end: async () => proxy.set('open'),
    })
    return [
      { fault: 'kill −9 of the server', seen: killedServer },
      { fault: `connection cut for ${rounds.cutMs / 1000} s`, seen: cutOff },
      { fault: `every answer lost for ${rounds.cutMs / 1000} s`, seen: unheard },
    ]
  } finally {
    await proxy.close()
  }
}

/** A file cannot be cut off; what comes nearest is another process that keeps the write lock. */
async function runSqliteOutages(database: Database, rounds: Rounds): Promise<FaultResults['outages']> {
  const place = database.createPlace()()
  let holder: DatabaseSync | null = null
  const locked = await runOutages({
    place,
    direct: place,
    rounds: rounds.cuts,
    lastsMs: rounds.cutMs,
    async begin() {
      holder = new DatabaseSync(place.kind === 'sqlite' ? place.path : '', { timeout: 2000 })
      holder.exec('BEGIN IMMEDIATE')
    },
    async end() {
      holder?.exec('ROLLBACK')
      holder?.close()
    },
  })
  const full = await runFullDisk(rounds.cuts)
  return [
    { fault: `write lock held elsewhere for ${rounds.cutMs / 1000} s`, seen: locked },
    ...(full === null ? [] : [{ fault: 'disk full', seen: full }]),
  ]
}

async function runModes(database: Database, revocations: number): Promise<FaultResults['staleness']> {
  const bounded = { maxStalenessMs: MAX_STALENESS_MS, revocations }
  const modes: readonly (StalenessSetup & { readonly mode: string })[] = [
    { mode: 'strict', maxStalenessMs: null, push: false, revocations },
    { mode: `bounded, ${MAX_STALENESS_MS} ms, polling`, push: false, ...bounded },
    ...(database.server === null
      ? []
      : [{ mode: `bounded, ${MAX_STALENESS_MS} ms, told by the store`, push: true, ...bounded }]),
  ]
  const seen: { mode: string; seen: Staleness }[] = []
  for (const { mode, ...setup } of modes) seen.push({ mode, seen: await runStaleness(database, setup) })
  return seen
}

async function countFsyncs(): Promise<readonly Fsyncs[]> {
  const counted = [await runFsyncs(1, 1000), await runFsyncs(64, 100)]
  return counted.filter((fsyncs) => fsyncs !== null)
}
