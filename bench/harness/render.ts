import type { Machine } from './machine.ts'
import type { ScenarioResult, Table, Target } from './result.ts'

/** One run of one scenario, as `results/<scenario>.json` keeps it. */
export interface RunRecord {
  readonly scenario: string
  readonly machine: Machine
  readonly commit: string
  readonly date: string
  readonly command: string
  readonly rounds: number
  readonly sliceMs: number
  readonly seconds: number
  readonly result: ScenarioResult
}

/** What a run found, for a terminal. */
export function toText({ scenario, result }: RunRecord): string {
  const parts = result.tables.map(toTextTable)
  if (result.targets.length > 0) parts.push(toTextTable(toTargetTable(result.targets)))
  if (result.notes.length > 0) parts.push(result.notes.map((note) => `- ${note}`).join('\n'))
  return `== ${scenario}\n\n${parts.join('\n\n')}\n`
}

function toTextTable({ title, columns, rows }: Table): string {
  const lines = [columns, ...rows]
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)))
  const write = (line: readonly string[]): string =>
    line
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ')
  const rule = widths.map((width) => '-'.repeat(width)).join('  ')
  return [title, write(columns), rule, ...rows.map(write)].join('\n')
}

/** RESULTS.md: every target first, then a section for each scenario. */
export function toPage(records: readonly RunRecord[]): string {
  const targets = records.flatMap(({ scenario, result }) =>
    result.targets.map((target) => [`[${scenario}](#${scenario})`, ...toTargetRow(target)]),
  )
  const met = records.flatMap(({ result }) => result.targets).filter((target) => target.met).length
  return [
    '# Results',
    'Written by `npm run bench`, section by section, from `results/`; [README.md](README.md) says what is measured, how, and why beside these peers. Ratios are formed inside each round; shown are the median and, in brackets, the quartiles over the rounds.',
    ...(targets.length > 0
      ? [
          '## Targets',
          `${met} of ${targets.length} met.`,
          toMarkdownTable(['scenario', ...TARGET_COLUMNS], targets, '---'),
        ]
      : []),
    ...records.map(toSection),
  ]
    .join('\n\n')
    .concat('\n')
}

function toSection(record: RunRecord): string {
  const { machine, result } = record
  const facts = [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGib} GiB, ${machine.system}, Node ${machine.node}`,
    `commit ${record.commit}, ${record.date}, \`${record.command}\``,
    `${record.rounds} rounds, slices of ${record.sliceMs} ms, ${record.seconds} s in all`,
  ]
  return [
    `## ${record.scenario}`,
    `${facts.join('; ')}.`,
    ...result.tables.flatMap(({ title, columns, rows }) => [`**${title}**`, toMarkdownTable(columns, rows)]),
    ...(result.notes.length > 0 ? [result.notes.map((note) => `- ${note}`).join('\n')] : []),
  ].join('\n\n')
}

const TARGET_COLUMNS = ['what', 'target', 'measured', 'met']

function toTargetTable(targets: readonly Target[]): Table {
  return { title: 'Targets', columns: TARGET_COLUMNS, rows: targets.map(toTargetRow) }
}

function toTargetRow({ what, target, measured, met }: Target): readonly string[] {
  return [what, target, measured, met ? 'yes' : 'no']
}

function toMarkdownTable(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  rule: '---' | '---:' = '---:',
): string {
  const write = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  const rules = columns.map((_, at) => (at === 0 ? '---' : rule))
  return [write(columns), `|${rules.join('|')}|`, ...rows.map(write)].join('\n')
}
