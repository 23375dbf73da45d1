import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { I3D_PROFILE } from '../../src/i3d.ts'
import { startExpress } from '../hosts.ts'
import { type I3dApp, readPart, startI3d, VHOST } from './start-i3d.ts'

let app: I3dApp
beforeAll(async () => {
  app = await startI3d(startExpress)
  await app.accessToken()
})
afterAll(() => app.close())

/** Names that mean something, values near to what is meant, and anything else. */
const body = fc.dictionary(
  fc.constantFrom('exp', 'nbf', 'ip', 'file', '__proto__', 'constructor', 'x'),
  fc.oneof(
    fc.jsonValue(),
    fc.integer(),
    fc.ipV4(),
    fc.webPath(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('..', '/', '**', VHOST, 1e300, -0),
  ),
)

it('answers any JSON with a token for its vhost or with 400', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof({ weight: 4, arbitrary: body }, fc.jsonValue()), async (value) => {
      const { status, json } = await app.issue(value)
      if (status === 200) expect(String(readPart(String(json.token)).file).startsWith(`${VHOST}/`)).toBe(true)
      else expect([status, json]).toEqual([400, { code: 400, message: expect.any(String) }])
    }),
    { numRuns: 300 },
  )
})

it('answers any text in the place of a token with 201, or 4xx', async () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.webFragments(), fc.base64String())
  await fc.assert(
    fc.asyncProperty(text, async (token) => {
      const { status, json } = await app.verify(encodeURIComponent(token))
      if (status === 201) expect(json.valid).toBe(false)
      else expect([400, 404, 405]).toContain(status)
    }),
    { numRuns: 200 },
  )
})

it('makes a token that opens the file it is for, however the file is written', async () => {
  const file = fc.oneof(
    fc.webPath(),
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constantFrom('a b/*', 'ü?#'),
  )
  let opened = 0
  await fc.assert(
    fc.asyncProperty(file, async (file) => {
      const { status, json } = await app.issue({ file })
      if (status !== 200) return
      opened++
      const escaped = String(json.file).replace(/[^%/\w.~-]/gu, encodeURIComponent)
      const request = { address: null, target: `/${escaped}`, method: 'GET', profiles: [I3D_PROFILE] }
      expect(await app.service.authorize(String(json.token), request)).toMatchObject({ allowed: true })
    }),
    { numRuns: 200, examples: [['a b/*'], ['ü?#'], ['']] },
  )
  expect(opened).toBeGreaterThan(10)
})
