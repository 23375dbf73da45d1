import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const DOCS = new URL('../../docs/data8.md', import.meta.url)

it('every row of docs/data8.md names a test that exists', () => {
  const text = readFileSync(DOCS, 'utf8')
  const tables = text.slice(text.indexOf('## Routes')).split('\n')
  const rows = tables.filter((line) => line.startsWith('| ') && !/\| test \|$/.test(line))
  expect(rows.length).toBeGreaterThan(30)
  for (const row of rows) expect(row).toContain('.test.ts)')
  const links = [...text.matchAll(/\[([^\]]+)\]\((\.\.\/test\/[\w/.-]+\.test\.ts)\)/g)]
  expect(links.length).toBeGreaterThan(rows.length)
  for (const [, title = '', path = ''] of links) {
    const source = readFileSync(new URL(path, DOCS), 'utf8')
    const titles = [`'${title}'`, `"${title}"`, `\`${title}\``].map((quoted) => `(${quoted},`)
    const isTitle = titles.some((call) => source.replaceAll(/\(\n\s+/g, '(').includes(call))
    expect(isTitle, `${path}: ${title}`).toBe(true)
  }
})
