import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { ACCESS_FIELDS, CREATE_JWT_FIELDS } from '../../src/servicestack/fields.ts'

const DOCS = new URL('../../docs/servicestack.md', import.meta.url)
const text = readFileSync(DOCS, 'utf8')

it('every row of docs/servicestack.md names a test that exists', () => {
  const tables = text.slice(text.indexOf('## Routes'))
  const rows = tables.split('\n').filter((line) => line.startsWith('| '))
  // All rows but the four headings of tables.
  expect(rows.filter((row) => !row.includes('.test.ts)'))).toHaveLength(4)
  expect(rows.length).toBeGreaterThan(40)
  const links = [...text.matchAll(/\[([^\]]+)\]\((\.\.\/test\/[\w/.-]+\.test\.ts)\)/g)]
  expect(links.length).toBeGreaterThan(60)
  for (const [, title = '', path = ''] of links) {
    const source = readFileSync(new URL(path, DOCS), 'utf8')
    const isThere = source.includes(`'${title}'`) || source.includes(`"${title}"`)
    expect([path, title, isThere]).toEqual([path, title, true])
  }
})

it('every field of the API is in docs/servicestack.md', () => {
  for (const { name } of [...CREATE_JWT_FIELDS.values(), ...ACCESS_FIELDS.values()]) {
    expect(text).toMatch(new RegExp(`\\b${name}\\b`))
  }
})
