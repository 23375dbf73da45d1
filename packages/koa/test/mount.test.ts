import { ConfigurationError, createMemoryStore, createTokenService } from '@hallpass/core'
import type { Handler, HttpResponse } from '@hallpass/http'
import { bodyParser } from '@koa/bodyparser'
import Router from '@koa/router'
import Koa from 'koa'
import koaMount from 'koa-mount'
import Koa2 from 'koa2'
import { expect, test } from 'vitest'
import { type MountOptions, mount, requireToken, tokenRoutes } from '../src/index.ts'
import { askApp } from './ask-app.ts'

const showTarget: Handler = ({ target, originalTarget }) => ({
  status: 200,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify([target, originalTarget]),
})

/** What Koa does with a body differs between its majors. */
const MAJORS = [
  ['2', Koa2],
  ['3', Koa],
] as const

const constant =
  (response: Partial<HttpResponse>): Handler =>
  () => ({ status: 200, headers: {}, body: null, ...response })

/** The target that the handler is handed; null = the request went on. */
async function targetBelow(prefix: string, target: string): Promise<unknown> {
  const app = new Koa().use(mount(showTarget, { prefix }))
  app.use((ctx) => {
    ctx.body = '[null]'
  })
  const [seen] = JSON.parse((await askApp(app, { target })).body)
  return seen
}

test('a prefix ends at a segment, and what is below it is handed over raw', async () => {
  expect(await targetBelow('/tokens', '/tokens')).toBe('/')
  expect(await targetBelow('/tokens', '/tokens?limit=1')).toBe('/?limit=1')
  expect(await targetBelow('/tokens', '/tokens/')).toBe('/')
  expect(await targetBelow('/tokens', '/tokens/a%2Fb//c?x=%20')).toBe('/a%2Fb//c?x=%20')
  expect(await targetBelow('/a/b.c', '/a/b.c/d')).toBe('/d')
  expect(await targetBelow('', '/anything')).toBe('/anything')
})

test('a request outside of the prefix goes on', async () => {
  for (const target of ['/', '/tokens2', '/token', '/TOKENS/a', '/x/tokens', '//tokens', '/?/tokens']) {
    expect(await targetBelow('/tokens', target), target).toBe(null)
  }
})

test('CAR-82 other spellings of the prefix are not the prefix', async () => {
  for (const target of ['/%74okens/a', '/tokens%2Fa', '/tokens%3Flimit', '/tokens;v=1/a', '/./tokens/a']) {
    expect(await targetBelow('/tokens', target), target).toBe(null)
  }
})

test('CAR-83 an absolute-form target is not below the prefix, and is refused under koa-mount', async () => {
  expect(await targetBelow('/tokens', 'http://127.0.0.1/tokens/a')).toBe(null)
  const service = await createTokenService({ issuer: 'https://hallpass.test', store: createMemoryStore() })
  const app = new Koa().use(koaMount('/tokens', tokenRoutes(service, { authorize: () => null })))
  const answer = await askApp(app, { target: 'http://127.0.0.1/tokens/jwks.json' })
  expect(answer.status).toBe(400)
})

test('the prefix comes after that of koa-mount, and is the whole path under a router', async () => {
  const mounted = new Koa().use(koaMount('/api', mount(showTarget, { prefix: '/tokens' })))
  expect((await askApp(mounted, { target: '/api/tokens/a?x' })).body).toBe('["/a?x","/api/tokens/a?x"]')
  const router = new Router({ prefix: '/api' })
  router.all('/tokens{/*rest}', mount(showTarget, { prefix: '/api/tokens' }))
  const routed = new Koa().use(router.routes())
  expect((await askApp(routed, { target: '/api/tokens/a?x' })).body).toBe('["/a?x","/api/tokens/a?x"]')
})

test.each(MAJORS)(
  'bodies and types are sent as the handler gives them, whatever Koa %s would guess',
  async (_major, Framework) => {
    const ask = (response: Partial<HttpResponse>): ReturnType<typeof askApp> =>
      askApp(new Framework().use(mount(constant(response))), { target: '/' })
    const empty = await ask({ body: null })
    expect(empty).toMatchObject({ status: 200, body: '', headers: { 'content-length': '0' } })
    expect(empty.headers).not.toHaveProperty('content-type')
    const window = new TextEncoder().encode('<<bytes>>').subarray(2, 7)
    const image = await ask({ body: window, headers: { 'content-type': 'image/png' } })
    expect(image).toMatchObject({ status: 200, body: 'bytes', headers: { 'content-type': 'image/png' } })
    const untyped = await ask({ body: '<p>text</p>' })
    expect(untyped.headers).not.toHaveProperty('content-type')
    const none = await ask({ status: 204, headers: { allow: 'GET' } })
    expect(none).toMatchObject({ status: 204, body: '', headers: { allow: 'GET' } })
    expect(none.headers).not.toHaveProperty('content-length')
  },
)

test.each(MAJORS)('HEAD has the headers of the body and no body in Koa %s', async (_major, Framework) => {
  const app = new Framework().use(
    mount(constant({ body: 'twelve bytes', headers: { 'content-type': 'text/plain' } })),
  )
  const answer = await askApp(app, { method: 'HEAD', target: '/' })
  expect(answer).toMatchObject({ status: 200, body: '', headers: { 'content-length': '12' } })
})

test("middleware around a mount works on its answers, and errors of a handler are its application's", async () => {
  const app = new Koa()
  app.silent = true
  app.use(async (ctx, next) => {
    try {
      await next()
      ctx.set('x-length', String(ctx.length))
    } catch {
      ctx.status = 502
      ctx.body = 'caught'
    }
  })
  app.use(mount(async () => Promise.reject(new Error('a handler that throws')), { prefix: '/broken' }))
  app.use(mount(constant({ body: 'four' })))
  expect((await askApp(app, { target: '/' })).headers['x-length']).toBe('4')
  expect(await askApp(app, { target: '/broken' })).toMatchObject({ status: 502, body: 'caught' })
})

test('CAR-84 duplicate members that a body parser has swallowed are still refused', async () => {
  const service = await createTokenService({ issuer: 'https://hallpass.test', store: createMemoryStore() })
  const authorize = () => ({ id: 'root', projects: '*', subjects: '*', can: ['issue'] }) as const
  const question = {
    method: 'POST',
    target: '/tokens',
    headers: { 'content-type': 'application/json' },
    body: '{"subject":"ada","subject":"root"}',
  }
  const unread = new Koa().use(tokenRoutes(service, { authorize, prefix: '/tokens' }))
  const read = new Koa().use(bodyParser()).use(tokenRoutes(service, { authorize, prefix: '/tokens' }))
  const answers = [await askApp(unread, question), await askApp(read, question)]
  expect(answers.map(({ status }) => status)).toEqual([400, 400])
  expect(answers[1]?.body).toBe(answers[0]?.body)
})

test('a body that a parser left as an object alone is taken as it is', async () => {
  const app = new Koa()
  app.use(async (ctx, next) => {
    for await (const _chunk of ctx.req);
    Object.assign(ctx.request, { body: { from: 'another parser' } })
    await next()
  })
  app.use(
    mount(async (request) => ({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(await request.body(100)),
    })),
  )
  const answer = await askApp(app, { method: 'POST', target: '/', body: '{"from":"the wire"}' })
  expect(answer.body).toBe('{"parsed":{"from":"another parser"}}')
})

test('a body that somebody drained and kept nothing of is an answer, not a hang', async () => {
  const service = await createTokenService({ issuer: 'https://hallpass.test', store: createMemoryStore() })
  const authorize = () => ({ id: 'root', projects: '*', subjects: '*', can: ['issue'] }) as const
  const app = new Koa()
  app.use(async (ctx, next) => {
    for await (const _chunk of ctx.req);
    await next()
  })
  app.use(tokenRoutes(service, { authorize, prefix: '/tokens' }))
  const answer = await askApp(app, {
    method: 'POST',
    target: '/tokens',
    headers: { 'content-type': 'application/json' },
    body: '{"subject":"ada"}',
  })
  expect(answer.status).toBe(400)
  expect(JSON.parse(answer.body)).toMatchObject({ error: 'body_unreadable' })
})

test('options that cannot be right are refused at once', () => {
  const refuse = (options: object): void => {
    expect(() => mount(showTarget, options)).toThrow(ConfigurationError)
  }
  const prefixes: readonly unknown[] = [
    'tokens',
    '/tokens/',
    '/',
    '//',
    '/a//b',
    '/a?b',
    '/a#b',
    '/a b',
    '/é',
    7,
    null,
  ]
  for (const prefix of prefixes) refuse({ prefix })
  refuse({ path: '/tokens' })
  const good: MountOptions = { prefix: '/api/v1/%C3%A9~(x)' }
  expect(() => mount(showTarget, good)).not.toThrow()
})

test('what cannot be mounted or served is refused at once', async () => {
  const service = await createTokenService({ issuer: 'https://hallpass.test', store: createMemoryStore() })
  const refuse = (made: (...given: never[]) => unknown, ...given: readonly unknown[]): void =>
    expect(() => Reflect.apply(made, undefined, given)).toThrow(ConfigurationError)
  refuse(mount)
  refuse(mount, null, { prefix: '/a' })
  refuse(mount, showTarget, null)
  refuse(tokenRoutes, service)
  refuse(tokenRoutes, Promise.resolve(service), { authorize: () => null })
  refuse(requireToken)
  refuse(requireToken, Promise.resolve(service))
})

test('an option that the routes do not have is refused, and so is the place by another name', async () => {
  const service = await createTokenService({ issuer: 'https://hallpass.test', store: createMemoryStore() })
  const options = { authorize: () => null, path: '/tokens' }
  expect(() => tokenRoutes(service, options)).toThrow(ConfigurationError)
  expect(() => tokenRoutes(service, options)).toThrow('the management routes have no option `path`')
})
