import { readFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { bearer, send } from './http-client.ts'
import { PLATFORMS, startApp } from './nest-platform.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

/** Imports are sorted by their paths, which differ; the rest is the same to the letter. */
function toComparable(code: string): string {
  const lines = code.replace('../src/index.ts', '@hallpass/nestjs').trim().split('\n')
  const imports = lines.filter((line) => line.startsWith('import ')).toSorted()
  return [...imports, ...lines.filter((line) => !line.startsWith('import '))].join('\n')
}

test.each(PLATFORMS)('the first example of the README does what it says on $name', async (platform) => {
  const example = readFileSync(new URL('readme-example.ts', import.meta.url), 'utf8')
  expect(toComparable(/```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '')).toBe(toComparable(example))

  vi.stubEnv('ADMIN_PASSWORD', 'correct horse')
  vi.resetModules()
  const { AppModule } = await import('./readme-example.ts')
  const { port, close } = await startApp(platform, AppModule)
  const credentials = Buffer.from('admin:correct horse').toString('base64')
  const issued = await send(port, '/tokens', {
    method: 'POST',
    headers: { authorization: `Basic ${credentials}`, 'content-type': 'application/json' },
    body: '{"subject":"ada","scope":["reports"]}',
  })
  expect(issued.status).toBe(201)
  const answer = await send(port, '/reports', { headers: bearer(String(issued.json().token)) })
  expect([answer.status, answer.json()]).toEqual([200, { reader: 'ada' }])
  expect((await send(port, '/reports')).status).toBe(401)
  await close()
  vi.unstubAllEnvs()
})
