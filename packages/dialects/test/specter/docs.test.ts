import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const DOCS = new URL('../../docs/specter.md', import.meta.url)

it('every row of docs/specter.md names a test that exists', () => {
  const text = readFileSync(DOCS, 'utf8')
  const rows = text.split('\n').filter((line) => line.includes('test.ts)'))
  const tables = text
    .slice(text.indexOf('## Routes'))
    .split('\n')
    .filter((line) => /^\| (?!---)/.test(line))
  // All rows but the three headings of tables.
  expect(tables.filter((line) => !line.includes('test.ts)')).length).toBe(3)
  expect(rows.length).toBeGreaterThan(25)
  const links = [...text.matchAll(/\[([^\]]+)\]\((\.\.\/test\/[\w/.-]+\.test\.ts)\)/g)]
  for (const [, title = '', path = ''] of links) {
    const source = readFileSync(new URL(path, DOCS), 'utf8')
    const titles = [`'${title}'`, `"${title}"`]
    expect(
      titles.some((quoted) => source.includes(quoted)),
      `${path}: ${title}`,
    ).toBe(true)
  }
})
