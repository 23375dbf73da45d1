import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What one host answered to every row. */
export interface HostColumn {
  readonly host: string
  /** Row id → what was seen, and whether it was what is expected. */
  readonly cells: Readonly<Record<string, HostCell>>
}

export interface HostCell {
  readonly title: string
  readonly expected: string
  readonly seen: string
  readonly good: boolean
}

/** Names the folder that collects the columns of all test files of one run. */
const FOLDER = 'HALLPASS_HOST_COLUMNS'

/** Keeps a column for the table at the end of the run. @returns false when nobody collects */
export function keepColumn(column: HostColumn): boolean {
  const folder = process.env[FOLDER]
  if (folder === undefined) return false
  writeFileSync(join(folder, `${column.host.replaceAll(/[^\w.-]+/g, '_')}.json`), JSON.stringify(column))
  return true
}

/** Vitest global set-up: collects the columns of every file and prints one table when the run ends. */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'hallpass-hosts-'))
  process.env[FOLDER] = folder
  return () => {
    const columns = readdirSync(folder)
      .toSorted()
      .map((name): HostColumn => JSON.parse(readFileSync(join(folder, name), 'utf8')))
    rmSync(folder, { recursive: true })
    delete process.env[FOLDER]
    if (columns.length > 0) process.stdout.write(`\n${formatHostTable(columns)}\n`)
  }
}

/** The host × row table: `=` is what is expected; anything else is shown, and counted below. */
export function formatHostTable(columns: readonly HostColumn[]): string {
  const rows = new Map<string, HostCell>()
  for (const { cells } of columns) {
    for (const [id, cell] of Object.entries(cells)) if (!rows.has(id)) rows.set(id, cell)
  }
  let differing = 0
  const lines = [...rows].map(([id, { title, expected }]) => {
    const seen = columns.map(({ cells }) => {
      const cell = cells[id]
      if (cell?.good) return '='
      differing += 1
      return cell === undefined ? 'not run' : `NOT ${cell.seen}`
    })
    return [id, shorten(title), shorten(expected), ...seen]
  })
  const head = ['row', 'request', 'expected', ...columns.map(({ host }) => host)]
  const widths = head.map((text, i) => Math.max(text.length, ...lines.map((line) => line[i]?.length ?? 0)))
  const format = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd()
  const cells = `${rows.size} rows × ${columns.length} hosts`
  const verdict = differing === 0 ? 'no cell differs' : `${differing} cells differ`
  return [format(head), ...lines.map(format), `${cells}: ${verdict}`].join('\n')
}

function shorten(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`
}
