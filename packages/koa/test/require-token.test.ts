import { ConfigurationError, createMemoryStore, createTokenService, type TokenService } from '@hallpass/core'
import Koa from 'koa'
import Koa2 from 'koa2'
import { expect, test } from 'vitest'
import { GuardDenialError, requireToken } from '../src/index.ts'
import { askApp } from './ask-app.ts'

async function openService(
  options: Partial<Parameters<typeof createTokenService>[0]> = {},
): Promise<TokenService> {
  return createTokenService({ issuer: 'https://hallpass.test', store: createMemoryStore(), ...options })
}

const bearer = (token: string): { authorization: string } => ({ authorization: `Bearer ${token}` })

test('another key, and two guards on one request', async () => {
  const users = await openService()
  const partners = await openService()
  const app = new Koa()
    .use(requireToken(users))
    .use(requireToken(partners, { key: 'partner', from: [{ query: 'partner' }] }))
  app.use((ctx) => {
    ctx.body = [ctx.state.auth.token.subject, ctx.state.partner.token.subject]
  })
  const user = await users.issue({ subject: 'ada' })
  const partner = await partners.issue({ subject: 'acme' })
  const answer = await askApp(app, { target: `/?partner=${partner.token}`, headers: bearer(user.token) })
  expect(answer).toMatchObject({ status: 200, body: '["ada","acme"]' })
  expect(answer.headers['referrer-policy']).toBe('no-referrer')
})

test('an optional guard puts null where no token came', async () => {
  const app = new Koa().use(requireToken(await openService(), { optional: true }))
  app.use((ctx) => {
    ctx.body = { auth: ctx.state.auth }
  })
  expect(await askApp(app, { target: '/' })).toMatchObject({ status: 200, body: '{"auth":null}' })
})

test('middleware around the guard sees the refusal and may still add headers', async () => {
  const seen: number[] = []
  const app = new Koa()
  app.use(async (ctx, next) => {
    await next()
    seen.push(ctx.status)
    ctx.set('x-response-time', '1ms')
  })
  app.use(requireToken(await openService()))
  const answer = await askApp(app, { target: '/' })
  expect(seen).toEqual([401])
  expect(answer.status).toBe(401)
  expect(answer.headers).toMatchObject({ 'www-authenticate': 'Bearer', 'x-response-time': '1ms' })
})

test("errors: 'throw' hands over the answer that would have been sent", async () => {
  const service = await openService()
  const answered = await askApp(new Koa().use(requireToken(service, { scope: ['reports'] })), {
    target: '/',
    headers: bearer((await service.issue({})).token),
  })
  const caught: unknown[] = []
  const app = new Koa()
  app.use(async (ctx, next) => {
    try {
      await next()
    } catch (error) {
      caught.push(error)
      if (!(error instanceof GuardDenialError)) throw error
      ctx.status = error.status
      ctx.set({ ...error.headers })
      ctx.body = error.body
    }
  })
  app.use(requireToken(service, { scope: ['reports'], errors: 'throw' }))
  const handed = await askApp(app, { target: '/', headers: bearer((await service.issue({})).token) })
  expect(caught).toMatchObject([{ status: 403, expose: true, code: 'scope_denied' }])
  expect(handed.status).toBe(403)
  expect(handed.body).toBe(answered.body)
  for (const name of ['content-type', 'content-length', 'www-authenticate', 'cache-control']) {
    expect(handed.headers[name]).toBe(answered.headers[name])
  }
})

test.each([
  ['2', Koa2],
  ['3', Koa],
])(
  "errors: 'throw' with no error handler keeps status, challenge and caching in the answer of Koa %s",
  async (_major, Framework) => {
    const app = new Framework().use(requireToken(await openService(), { errors: 'throw' }))
    app.silent = true
    const answer = await askApp(app, { target: '/' })
    expect(answer).toMatchObject({ status: 401, body: 'an access token is required' })
    expect(answer.headers).toMatchObject({ 'www-authenticate': 'Bearer', 'cache-control': 'no-store' })
  },
)

test('what the application throws behind the guard stays its own error', async () => {
  const service = await openService()
  const app = new Koa().use(requireToken(service))
  app.silent = true
  app.use((ctx) => ctx.throw(409, 'already there'))
  const answer = await askApp(app, { target: '/', headers: bearer((await service.issue({})).token) })
  expect(answer).toMatchObject({ status: 409, body: 'already there' })
})

test('CAR-80 app.proxy believes the left-most X-Forwarded-For; the guard does not', async () => {
  const service = await openService()
  const { token } = await service.issue({ ip: ['203.0.113.9'] })
  const app = new Koa({ proxy: true })
  const believed: string[] = []
  app.use((ctx, next) => {
    believed.push(ctx.ip)
    return next()
  })
  app.use(requireToken(service))
  const answer = await askApp(app, {
    target: '/',
    headers: { ...bearer(token), 'x-forwarded-for': '203.0.113.9, 198.51.100.1' },
  })
  expect(believed).toEqual(['203.0.113.9'])
  expect(answer.status).toBe(403)
  expect(JSON.parse(answer.body)).toMatchObject({ error: 'ip_denied' })
})

test('CAR-81 a URL that middleware has rewritten opens nothing that the request line does not', async () => {
  const service = await openService()
  const { token } = await service.issue({ paths: ['/open/'] })
  const app = new Koa()
  app.use((ctx, next) => {
    ctx.url = '/open/a'
    return next()
  })
  app.use(requireToken(service))
  app.use((ctx) => {
    ctx.body = 'served'
  })
  expect(await askApp(app, { target: '/closed/a', headers: bearer(token) })).toMatchObject({ status: 403 })
  expect(await askApp(app, { target: '/open/a', headers: bearer(token) })).toMatchObject({ status: 200 })
})

test('options that cannot be right are refused at once', async () => {
  const service = await openService()
  const refuse = (options: object): void => {
    expect(() => requireToken(service, options)).toThrow(ConfigurationError)
  }
  refuse({ errors: 'next' })
  refuse({ key: '' })
  refuse({ key: 7 })
  refuse({ key: '__proto__' })
  refuse({ skope: ['reports'] })
  refuse({ cost: -1 })
})
