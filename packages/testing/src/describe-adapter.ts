import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AdapterBench, type AdapterVariant, type OpenBench, openAdapterBench } from './adapter-bench.ts'
import type { StartHost } from './adapter-host.ts'
import { type AdapterRow, findFaults, toCell, toExpectedCell } from './adapter-row.ts'
import { ADAPTER_ROWS } from './adapter-rows.ts'
import { formatHostTable, type HostCell, type HostColumn, keepColumn } from './host-table.ts'
import type { RawAnswer } from './raw-exchange.ts'

/** Every row is run in both: at `/` with nobody reading bodies, and under a prefix behind a body parser. */
const VARIANTS: readonly Omit<AdapterVariant, 'withoutGuard'>[] = [
  { prefix: '', bodyParser: 'none' },
  { prefix: '/api/v1', bodyParser: 'before' },
]

/** A row that a host did not answer as expected. */
export interface Difference {
  readonly host: string
  readonly id: string
  readonly title: string
  readonly expected: string
  readonly seen: string
  readonly faults: readonly string[]
}

/**
 * The contract of a host adapter as tests, one for each row, over real sockets. The table of all hosts is printed
 * when the run ends (`host-table.ts` as a global set-up) or, without it, when the file ends.
 * @param start starts the host as its users would, with its framework's defaults
 */
export function describeAdapter(name: string, start: StartHost): void {
  describe(name, () => {
    for (const variant of VARIANTS) describeVariant(toHostName(name, variant), start, variant)
  })
}

function describeVariant(
  host: string,
  start: StartHost,
  variant: Omit<AdapterVariant, 'withoutGuard'>,
): void {
  describe(host, () => {
    let open: OpenBench | undefined
    const cells: Record<string, HostCell> = {}
    beforeAll(async () => {
      open = await openAdapterBench(start, { ...variant, withoutGuard: false })
    })
    afterAll(async () => {
      await open?.close()
      const column: HostColumn = { host, cells }
      if (!keepColumn(column)) console.log(formatHostTable([column]))
    })
    for (const row of ADAPTER_ROWS) {
      test(`${row.id} ${row.title}`, async () => {
        if (open === undefined) throw new Error('the host did not start')
        const { expected, seen, faults } = await runRow(host, row, open.bench)
        cells[row.id] = { title: row.title, expected, seen, good: faults.length === 0 }
        expect(faults, `${seen} where ${expected} is expected`).toEqual([])
      })
    }
  })
}

/**
 * Runs all rows and returns those that differ; empty = the host keeps the contract.
 * @param withoutGuard true asks the host to leave its guards out: then many rows must differ
 */
export async function findDifferences(
  name: string,
  start: StartHost,
  options: { readonly withoutGuard?: boolean } = {},
): Promise<readonly Difference[]> {
  const differences: Difference[] = []
  for (const variant of VARIANTS) {
    const { bench, close } = await openAdapterBench(start, {
      ...variant,
      withoutGuard: options.withoutGuard ?? false,
    })
    try {
      for (const row of ADAPTER_ROWS) {
        const difference = await runRow(toHostName(name, variant), row, bench)
        if (difference.faults.length > 0) differences.push(difference)
      }
    } finally {
      await close()
    }
  }
  return differences
}

async function runRow(host: string, row: AdapterRow, bench: AdapterBench): Promise<Difference> {
  bench.secrets.clear()
  const answers = await row.run(bench)
  const faults = row.expected.flatMap((expected, i) => {
    const answer = answers[i]
    const found = answer === undefined ? ['no answer'] : findFaults(expected, answer)
    return found.map((fault) => (row.expected.length === 1 ? fault : `answer ${i + 1}: ${fault}`))
  })
  if (answers.length > row.expected.length) faults.push('more answers than expected')
  if (row.showsToken !== true && answers.some((answer) => holdsSecret(answer, bench.secrets))) {
    faults.push('an answer holds the text of a token')
  }
  return {
    host,
    id: row.id,
    title: row.title,
    expected: joinCells(row.expected.map(toExpectedCell)),
    seen: joinCells(answers.map(toCell)),
    faults,
  }
}

function holdsSecret(answer: RawAnswer, secrets: ReadonlySet<string>): boolean {
  const text = `${[...answer.headers.values()].flat().join('\n')}\n${answer.body.toString()}`
  return [...secrets].some((secret) => text.includes(secret))
}

/** `200, 200, 402` with repetitions counted: `200 ×2, 402`. */
function joinCells(cells: readonly string[]): string {
  const groups: { cell: string; count: number }[] = []
  for (const cell of cells) {
    const last = groups.at(-1)
    if (last?.cell === cell) last.count += 1
    else groups.push({ cell, count: 1 })
  }
  return groups.map(({ cell, count }) => (count === 1 ? cell : `${cell} ×${count}`)).join(', ')
}

function toHostName(name: string, { prefix, bodyParser }: Omit<AdapterVariant, 'withoutGuard'>): string {
  return `${name} at ${prefix === '' ? '/' : prefix}${bodyParser === 'before' ? ' after a parser' : ''}`
}
