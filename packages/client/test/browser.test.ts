import { join } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { build, type Rollup } from 'vite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type HallpassServer, startHallpass } from './start-server.ts'

let server: HallpassServer
let code: string

beforeAll(async () => {
  server = await startHallpass()
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      lib: { entry: join(import.meta.dirname, '../src/index.ts'), formats: ['iife'], name: 'hallpass' },
    },
  })
  const [output] = Array.isArray(result) ? result : []
  code = output?.output.find((chunk): chunk is Rollup.OutputChunk => chunk.type === 'chunk')?.code ?? ''
})
afterAll(() => server.close())

it('bundles for browsers, and imports nothing', () => {
  expect(code).toContain('exports.Client = ')
  expect(code).not.toMatch(/\bimport\b|\brequire\(|node:|\bprocess\b|\bBuffer\b|\bglobal\./)
  expect(code.length).toBeLessThan(30_000)
})

it('runs with what a browser has, and nothing of Node', async () => {
  const { projectToken: token, baseUrl } = server
  const browser = createContext({ fetch, AbortSignal, crypto, setTimeout, token, baseUrl })
  const script = `${code}
    ;(async () => {
      const client = new hallpass.Client({ token, baseUrl })
      const { data } = await client.jwt.createProjectJwt({ name: 'from a page' })
      await client.jwt.discardProjectJwt(data.tokenId)
      const refused = await client.jwt.createProjectJwt({ name: '' }).catch((error) => error)
      return JSON.stringify([data.tokenId === data.token_id, refused.code, refused instanceof hallpass.HallpassError])
    })()`
  expect(await runInContext(script, browser)).toBe('[true,"invalid_request_error",true]')
})
