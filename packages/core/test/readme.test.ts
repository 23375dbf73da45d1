import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createTestService } from '../src/testing.ts'

test('README.md names every method of the service', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const service = await createTestService()
  const methods = Object.keys(service)
  expect(methods.length).toBeGreaterThan(15)
  expect(methods.filter((name) => !readme.includes(`| \`${name}(`))).toEqual([])
  await service.close()
})
