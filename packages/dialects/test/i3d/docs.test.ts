import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const DOCS = new URL('../../docs/i3d.md', import.meta.url)

it('every row of docs/i3d.md names a test that exists', () => {
  const text = readFileSync(DOCS, 'utf8')
  const rows = text
    .slice(text.indexOf('## Routes'))
    .split('\n')
    .filter((line) => /^\| (?!---|documented \||\| \| test|status \|)/.test(line))
  expect(rows.length).toBeGreaterThan(25)
  for (const row of rows) expect(row).toContain('.test.ts)')
  const links = [...text.matchAll(/\[([^\]]+)\]\((\.\.\/test\/[\w/.-]+\.test\.ts)\)/g)]
  expect(links.length).toBeGreaterThan(rows.length)
  for (const [, title = '', path = ''] of links) {
    const source = readFileSync(new URL(path, DOCS), 'utf8')
    const quoted = [`'${title}'`, `"${title}"`, `\`${title}\``]
    expect(
      quoted.some((literal) => source.includes(literal)),
      `${path}: ${title}`,
    ).toBe(true)
  }
})
