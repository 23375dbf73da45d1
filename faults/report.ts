import type { FaultResults } from './fault-runs.ts'
import type { Tally } from './ledger.ts'

type Cell = string | number

/** The tables of docs/reliability.md. */
export function toReport(results: readonly FaultResults[], machine: string): string {
  const tables = [
    machine,
    toTable(
      [
        'store',
        'fault',
        'rounds',
        'acknowledged',
        'lost',
        'undone',
        'over-spent',
        'charged, unanswered',
        'answered meanwhile',
        'longest wait afterwards',
      ],
      results.flatMap(toFaultRows),
    ),
    toTable(
      ['store', 'rounds', 'requests', 'credits', 'granted', 'left', 'other answers'],
      results.map(({ store, exactCredits: seen }) => [
        store,
        seen.rounds,
        seen.requests,
        seen.credits,
        seen.granted,
        seen.left,
        seen.others,
      ]),
    ),
    toTable(
      ['store', 'mode', 'refusals measured', 'half within', '99 % within', 'longest'],
      results.flatMap(({ store, staleness }) =>
        staleness.map(({ mode, seen }) => [
          store,
          mode,
          seen.revocations,
          toMs(seen.p50Ms),
          toMs(seen.p99Ms),
          toMs(seen.longestMs),
        ]),
      ),
    ),
    results.flatMap(toSentences).join('\n'),
  ]
  return tables.join('\n\n')
}

function toFaultRows({ store, killedServices, outages }: FaultResults): readonly (readonly Cell[])[] {
  const { rounds, longestPauseMs } = killedServices
  return [
    [store, 'kill −9 of a service', rounds, ...toCells(killedServices), '–', toMs(longestPauseMs)],
    ...outages.map(({ fault, seen }) => [
      store,
      fault,
      seen.rounds,
      ...toCells(seen),
      seen.answeredMeanwhile,
      toMs(seen.longestRecoveryMs),
    ]),
  ]
}

function toCells({ acknowledged, lost, undone, overSpent, unanswered }: Tally): readonly Cell[] {
  return [acknowledged, lost, undone, overSpent, unanswered]
}

function toSentences({ store, outages, exhaustedPool, fsyncs }: FaultResults): readonly string[] {
  const lines: string[] = []
  for (const { fault, seen } of outages) {
    const codes = [...seen.refused].map(([code, count]) => `\`${code}\` ${count}`).join(', ')
    lines.push(`- ${store}, ${fault}: refusals ${codes || 'none'}.`)
  }
  if (exhaustedPool !== null) {
    const { requests, unavailable, allowed, charged, recoveryMs } = exhaustedPool
    lines.push(
      `- ${store}, pool exhausted: of ${requests} requests ${unavailable} \`store_unavailable\`, ${allowed} allowed, ${charged} charged; allowed again ${toMs(recoveryMs)} after the connections came back.`,
    )
  }
  for (const { clients, acknowledged, fsyncs: count } of fsyncs) {
    lines.push(
      `- ${store}, ${clients} client${clients === 1 ? '' : 's'}: ${acknowledged} tokens acknowledged, ${count} fsyncs (${(count / acknowledged).toFixed(2)} for each).`,
    )
  }
  return lines
}

function toMs(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`
}

function toTable(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const line = (cells: readonly Cell[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** What must be nought everywhere. @returns what is not */
export function findFaults(results: readonly FaultResults[]): readonly string[] {
  const found: string[] = []
  const expect = (holds: boolean, what: string): void => void (holds || found.push(what))
  for (const { store, killedServices, outages, exactCredits, exhaustedPool, staleness, fsyncs } of results) {
    const tallies = [{ fault: 'kill −9 of a service', seen: killedServices }, ...outages] satisfies readonly {
      fault: string
      seen: Tally
    }[]
    for (const { fault, seen } of tallies) {
      const { lost, undone, overSpent } = seen
      expect(lost + undone + overSpent === 0, `${store}, ${fault}: something acknowledged does not hold`)
    }
    for (const { fault, seen } of outages) {
      expect(seen.answeredMeanwhile === 0, `${store}, ${fault}: answered while the store was away`)
      const strange = [...seen.refused.keys()].filter((code) => code !== 'store_unavailable')
      expect(strange.length === 0, `${store}, ${fault}: refused with ${strange.join(', ')}`)
    }
    const { credits, granted, left, others } = exactCredits
    expect(credits === granted && left === 0 && others === 0, `${store}: credits are not exact`)
    expect(exhaustedPool === null || exhaustedPool.allowed === 0, `${store}: allowed without a connection`)
    for (const { mode, seen } of staleness) {
      expect(seen.longestMs <= (mode === 'strict' ? 0 : 1000), `${store}, ${mode}: allowed past the bound`)
    }
    const alone = fsyncs.find(({ clients }) => clients === 1)
    expect(alone === undefined || alone.fsyncs >= alone.acknowledged, `${store}: acknowledged without fsync`)
  }
  return found
}
