import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dialectsReadme } from '../scripts/dialects-readme.js'

test('the README of the dialects holds the tables of its docs; if not: node scripts/dialects-readme.js', () => {
  const readme = join(import.meta.dirname, '../packages/dialects/README.md')
  expect(readFileSync(readme, 'utf8')).toBe(dialectsReadme())
})
