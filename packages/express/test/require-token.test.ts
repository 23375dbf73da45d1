import { ConfigurationError, createMemoryStore, createTokenService, type TokenService } from '@hallpass/core'
import { exchange, type RawAnswer } from '@hallpass/testing'
import express, { type ErrorRequestHandler, type Request, type RequestHandler } from 'express'
import { beforeAll, describe, expect, expectTypeOf, test, vi } from 'vitest'
import '../src/request-auth.ts'
import {
  type Auth,
  type AuthedRequest,
  GuardDenialError,
  mount,
  requireToken,
  tokenRoutes,
} from '../src/index.ts'
import { listen } from './start-express.ts'

let service: TokenService
beforeAll(async () => {
  service = await createTokenService({ issuer: 'https://express.test', store: createMemoryStore() })
})

async function ask(app: express.Express, target: string, token?: string): Promise<RawAnswer> {
  const host = await listen(app)
  try {
    const headers = token === undefined ? [] : [['Authorization', `Bearer ${token}`] as const]
    return await exchange(host.port, { method: 'GET', target, headers })
  } finally {
    await host.close()
  }
}

describe('errors: next', () => {
  test('hands the denial to the error handler, and answers nothing itself', async () => {
    const seen = vi.fn<(error: unknown) => void>()
    const handler: ErrorRequestHandler = (error, _req, res, _next) => {
      seen(error)
      res.status(error.status).set(error.headers).send(`mine: ${error.code}`)
    }
    const app = express().use(requireToken(service, { errors: 'next', realm: 'here' }), handler)
    const answer = await ask(app, '/')
    expect(answer.status).toBe(401)
    expect(answer.body.toString()).toBe('mine: token_missing')
    expect(answer.headers.get('www-authenticate')).toEqual(['Bearer realm="here"'])
    expect(seen).toHaveBeenCalledOnce()
    expect(seen.mock.calls[0]?.[0]).toBeInstanceOf(GuardDenialError)
  })

  test("SEC-34 keeps status and challenge in Express's own error page, which shows no token", async () => {
    const { token } = await service.issue({ scope: ['a'] })
    const app = express().use(requireToken(service, { errors: 'next', scope: ['b'] }))
    const answer = await ask(app, '/', token)
    expect(answer.status).toBe(403)
    expect(answer.headers.get('www-authenticate')).toEqual(['Bearer error="insufficient_scope", scope="b"'])
    expect(answer.body.toString()).not.toContain(token)
  })
})

test('what a service throws goes to the error handler, with and without a promise', async () => {
  const fault = new Error('a fault inside')
  for (const authorize of [
    () => {
      throw fault
    },
    async () => {
      throw fault
    },
  ]) {
    const seen = vi.fn<(error: unknown) => void>()
    const handler: ErrorRequestHandler = (error, _req, res, _next) => {
      seen(error)
      res.sendStatus(500)
    }
    const app = express().use(requireToken({ ...service, authorize }), handler)
    expect((await ask(app, '/', 'x')).status).toBe(500)
    expect(seen).toHaveBeenCalledExactlyOnceWith(fault)
  }
})

test('a handler that throws, at once or later, ends in the error handler', async () => {
  const handler: ErrorRequestHandler = (error: Error, _req, res, _next) => {
    res.status(500).send(error.message)
  }
  for (const fault of [
    () => {
      throw new Error('broken')
    },
    async () => Promise.reject(new Error('broken')),
  ]) {
    expect((await ask(express().use(mount(fault), handler), '/')).body.toString()).toBe('broken')
  }
})

test('an inner guard that is optional does not leave what an outer one found', async () => {
  const { token } = await service.issue({})
  const app = express()
  app.use(requireToken(service), requireToken(service, { optional: true, from: [{ query: 'token' }] }))
  app.use((req: AuthedRequest, res) => res.json({ auth: req.auth }))
  expect((await ask(app, '/', token)).body.toString()).toBe('{"auth":null}')
})

test('options that cannot be right are refused when the app starts', () => {
  // @ts-expect-error Koa's name for it
  expect(() => requireToken(service, { errors: 'throw' })).toThrow(ConfigurationError)
  // @ts-expect-error no such option
  expect(() => requireToken(service, { credits: 1 })).toThrow('no option `credits`')
  expect(() => requireToken(service, { cost: -1 })).toThrow(ConfigurationError)
  const routes = { authorize: () => null, origin: ['https://admin.example'] }
  expect(() => tokenRoutes(service, routes)).toThrow(ConfigurationError)
  expect(() => tokenRoutes(service, routes)).toThrow('the management routes have no option `origin`')
})

test('what cannot be mounted or served is refused when the app starts', () => {
  const refuse = (made: (...given: never[]) => unknown, ...given: readonly unknown[]): void =>
    expect(() => Reflect.apply(made, undefined, given)).toThrow(ConfigurationError)
  refuse(mount)
  refuse(mount, 'handler')
  refuse(tokenRoutes, service)
  refuse(tokenRoutes, Promise.resolve(service), { authorize: () => null })
  refuse(requireToken)
  refuse(requireToken, Promise.resolve(service))
})

test('types', () => {
  const options = { authorize: () => null }
  expectTypeOf(requireToken(service)).toEqualTypeOf<RequestHandler>()
  expectTypeOf(tokenRoutes(service, options)).toEqualTypeOf<RequestHandler>()
  expectTypeOf<AuthedRequest['auth']>().toEqualTypeOf<Auth | null | undefined>()
  expectTypeOf<AuthedRequest<{ id: string }>['params']>().toEqualTypeOf<{ id: string }>()
  expectTypeOf<Request['auth']>().toEqualTypeOf<Auth | null | undefined>()
  express().get(
    '/:id',
    requireToken(service, { cost: (req) => req.path.length }),
    (req: AuthedRequest<{ id: string }>, res) => {
      res.json([req.params.id, req.auth?.token.subject])
    },
  )
})
