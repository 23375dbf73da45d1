import type { Scenario } from '../harness/result.ts'
import { type ServerProcess, startServer } from '../harness/server-process.ts'
import { readNumber } from '../harness/sqlite-numbers.ts'
import { formatSummary, summarize } from '../harness/stats.ts'
import { createFolder, issueAll, openService, type ServicePlace, STRICT } from '../harness/tokens.ts'
import type { SpendOrder, SpendReport } from '../servers/spender.ts'

const PROCESSES = 3
const CLIENTS = 64
/** Tokens that never run out, and such that soon have. */
const RICH = { tokens: 100, credits: 1_000_000 }
const POOR = { tokens: 20, credits: 100 }
const LONGEST_P99_MS = 10
/** The timer that is watched runs every millisecond; what is beyond that is delay. */
const RESOLUTION_MS = 1
const WARM_UP_ROUNDS = 2

export const run: Scenario = async ({ rounds, sliceMs }) => {
  const folder = await createFolder()
  const processes: ServerProcess[] = []
  try {
    const place = folder.place('shared.db')
    const tokens = await issueTokens(place)
    for (let i = 0; i < PROCESSES; i += 1) processes.push(await startServer('spender', { place, tokens }))
    const outcomes = new Map<string, number>()
    const delays = processes.map((): number[] => [])
    const longest = processes.map(() => 0)
    const overall = processes.map(() => 0)
    const perSecond: number[] = []
    for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
      const order: SpendOrder = { ms: sliceMs, clients: CLIENTS, measured: round >= 0 }
      const startedAt = performance.now()
      const reports = (await Promise.all(
        processes.map((process) => process.ask('spend', order)),
      )) as SpendReport[]
      const seconds = (performance.now() - startedAt) / 1000
      let allowed = 0
      for (const [i, report] of reports.entries()) {
        for (const [outcome, count] of Object.entries(report.outcomes)) {
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + count)
        }
        allowed += report.outcomes.allowed ?? 0
        if (round < 0) continue
        overall[i] = report.p99OfAll - RESOLUTION_MS
        delays[i]?.push(report.p99 - RESOLUTION_MS)
        longest[i] = Math.max(longest[i] ?? 0, report.max - RESOLUTION_MS)
      }
      if (round >= 0) perSecond.push(allowed / seconds)
    }
    await Promise.all(processes.map((process) => process.stop()))

    const granted = outcomes.get('allowed') ?? 0
    const taken = readTaken(place)
    if (taken !== granted) throw new Error(`${granted} requests were let in and ${taken} credits taken`)
    return {
      tables: [
        {
          title: `${PROCESSES} processes on one SQLite file, ${CLIENTS} clients in each, all spending`,
          columns: [
            'process',
            'event-loop delay p99 of a round, ms',
            'p99 of the whole run, ms',
            'longest, ms',
          ],
          rows: processes.map((_, i) => [
            String(i + 1),
            formatSummary(summarize(delays[i] ?? [])),
            (overall[i] ?? 0).toFixed(2),
            (longest[i] ?? 0).toFixed(2),
          ]),
        },
        {
          title: 'Answers, over the whole run',
          columns: ['answer', 'count'],
          rows: [
            ...[...outcomes].map(([outcome, count]) => [outcome, String(count)]),
            ['credits taken, by the records', String(taken)],
            ['spends per second, all processes', formatSummary(summarize(perSecond), 0)],
          ],
        },
      ],
      targets: [
        {
          what: 'Three processes on one SQLite file, saturated: credits taken = requests let in',
          target: 'exact',
          measured: `${taken} = ${granted}`,
          met: true,
        },
        {
          what: 'Three processes on one SQLite file, saturated: event-loop delay p99 in each',
          target: `≤ ${LONGEST_P99_MS} ms`,
          measured: `${overall.map((ms) => ms.toFixed(2)).join(', ')} ms`,
          met: overall.every((ms) => ms <= LONGEST_P99_MS),
        },
      ],
      notes: NOTES,
    }
  } finally {
    await Promise.all(processes.map((process) => process.stop()))
    await folder.remove()
  }
}

async function issueTokens(place: ServicePlace): Promise<string[]> {
  const service = await openService(place, STRICT)
  const inputs = [RICH, POOR].flatMap(({ tokens, credits }) =>
    Array.from({ length: tokens }, () => ({ expiresIn: '1 day', credits })),
  )
  const issued = await issueAll(service, inputs)
  await service.close()
  return issued.map(({ token }) => token)
}

function readTaken({ file }: ServicePlace): number {
  return readNumber(file, 'SELECT sum(credit_limit - credit_remaining) FROM hallpass_tokens')
}

const NOTES: readonly string[] = [
  `${PROCESSES} processes, each with ${CLIENTS} clients that call \`service.authorize\` with cost 1 one after the other, on ${RICH.tokens} tokens with plenty of credits and ${POOR.tokens} that soon have none, drawn at random by all. Strict mode, WAL, synchronous = FULL. No HTTP: the generator would take the cores that the processes are to saturate.`,
  'Event-loop delay: `perf_hooks.monitorEventLoopDelay({ resolution: 1 })` records how long it takes from one run of a timer of 1 ms to the next; 1 ms is taken off, so that an idle loop has about 0.',
  'The processes outnumber the cores of this machine, so that part of the delay is waiting for a core.',
  'After the run the credits that are left were summed up in the file. All slices count, warm-up included.',
]
