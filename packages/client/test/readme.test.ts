import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Client } from '../src/index.ts'
import { type HallpassServer, startHallpass } from './start-server.ts'

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

let server: HallpassServer
beforeAll(async () => {
  server = await startHallpass()
})
afterAll(() => server.close())

it('the code of README.md runs', async () => {
  const blocks = [...README.matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => code)
  expect(blocks).toHaveLength(2)
  const env = { PROJECT_TOKEN: server.projectToken, MANAGEMENT_TOKEN: server.managementToken }
  const printed: unknown[] = []
  const console = { log: (text: unknown) => printed.push(text) }
  for (const block of blocks) {
    const code = block
      .replace("import { Client } from '@hallpass/client'\n", '')
      .replaceAll('https://tokens.example', server.url)
    const run = Function('Client', 'process', 'console', `return (async () => {${code}})()`)
    await run(Client, { env }, console)
  }
  expect(printed).toEqual([expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/)])
})

it('README.md names every option and method', () => {
  for (const name of ['baseUrl', 'token', 'tokensUrl', 'fetch', 'timeoutMs', 'retries']) {
    expect(README).toContain(`| \`${name}\` |`)
  }
  const client = new Client({ baseUrl: 'https://tokens.example' })
  for (const service of [client.jwt, client.tokens]) {
    const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(service))
    expect(methods.length).toBeGreaterThan(5)
    for (const method of methods.filter((each) => each !== 'constructor')) {
      expect(README).toContain(`| \`${method}(`)
    }
  }
})
