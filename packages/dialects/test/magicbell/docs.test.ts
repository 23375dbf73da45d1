import { existsSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const DOCS = new URL('../../docs/magicbell.md', import.meta.url)

/** The rows of the tables under the headings of what is documented. */
function readRows(text: string): readonly string[] {
  return text
    .slice(text.indexOf('## Routes'))
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| documented'))
}

it('every row of docs/magicbell.md is linked to a test of that title', () => {
  const rows = readRows(readFileSync(DOCS, 'utf8'))
  expect(rows.length).toBeGreaterThan(25)
  for (const row of rows) {
    const links = [...row.matchAll(/\[([^\]]+)\]\((\.\.\/test\/[\w/.-]+\.test\.ts)\)/g)]
    expect(links, row).not.toEqual([])
    for (const [, title = '', path = ''] of links) {
      const file = new URL(path, DOCS)
      expect(existsSync(file), path).toBe(true)
      expect(readFileSync(file, 'utf8').includes(`'${title}'`), `${path}: ${title}`).toBe(true)
    }
  }
})
