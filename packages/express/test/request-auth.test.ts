import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const source = (name: string): string => readFileSync(new URL(`../src/${name}`, import.meta.url), 'utf8')

test('Express is augmented by the one entry for it, which nothing else imports', () => {
  const files = readdirSync(new URL('../src/', import.meta.url))
  expect(files.filter((name) => source(name).includes('declare global'))).toEqual(['request-auth.ts'])
  expect(files.filter((name) => source(name).includes('request-auth.ts'))).toEqual([])
})
