import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const ID = /\b(?:TXT|CAR|PTH|MTH|ADR|MGT|CRD|STO|SEC)-\d{2,3}\b/

interface Row {
  readonly id: string
  readonly files: readonly string[]
}

/** `| id | input | what happens | test |`, the test as a path from the root. */
const rows: readonly Row[] = readFileSync(join(root, 'docs/threats.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && ID.test(line.slice(0, 12)))
  .map((line) => ({
    id: ID.exec(line)?.[0] ?? '',
    files: [...line.matchAll(/`((?:packages|apps|test)\/[\w./-]+\.ts)`/g)].map((match) => match[1] ?? ''),
  }))

const testFiles = globSync(['{packages,apps}/*/{test,src}/**/*.ts', 'test/*.test.ts'], { cwd: root }).filter(
  (file) => !file.includes('node_modules'),
)
/** Test titles and table rows begin with the id: the id right behind a quote, in the file that the row names. */
const idsOf = (file: string): readonly string[] =>
  [
    ...readFileSync(join(root, file), 'utf8').matchAll(
      /['"`]((?:TXT|CAR|PTH|MTH|ADR|MGT|CRD|STO|SEC)-\d{2,3})\b/g,
    ),
  ].map((match) => match[1] ?? '')

describe('docs/threats.md', () => {
  test('has rows, and no id twice', () => {
    expect(rows.length).toBeGreaterThan(100)
    const ids = rows.map((row) => row.id)
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
  })

  test('every row names a test whose title begins with its id', () => {
    const unproven = rows.filter(
      ({ id, files }) => files.length === 0 || !files.every((file) => idsOf(file).includes(id)),
    )
    expect(unproven).toEqual([])
  })

  test('every id that a test begins with has a row', () => {
    const known = new Set(rows.map((row) => row.id))
    const orphans = testFiles.flatMap((file) =>
      idsOf(file)
        .filter((id) => !known.has(id))
        .map((id) => `${file} ${id}`),
    )
    expect(orphans).toEqual([])
  })
})
