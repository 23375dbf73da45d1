import { createMemoryStore, createTokenService, type TokenService } from '@hallpass/core'
import Router from '@koa/router'
import Koa, { type Context, type Middleware } from 'koa'
import koaMount from 'koa-mount'
import { beforeAll, expectTypeOf, test } from 'vitest'
import { type Auth, type AuthedState, mount, requireToken, tokenRoutes } from '../src/index.ts'

interface AppState {
  readonly user: string
}

let service: TokenService
beforeAll(async () => {
  service = await createTokenService({ issuer: 'https://hallpass.test', store: createMemoryStore() })
})

test('ctx.state.auth is a verified token behind a guard', () => {
  const app = new Koa().use(requireToken(service))
  app.use((ctx) => expectTypeOf(ctx.state.auth).toEqualTypeOf<Auth>())
})

test('with another key it stands there, beside what the application keeps in its state', () => {
  const app = new Koa<AppState>().use(requireToken(service, { key: 'pass' }))
  app.use((ctx) => {
    expectTypeOf(ctx.state.pass).toEqualTypeOf<Auth>()
    expectTypeOf(ctx.state.user).toEqualTypeOf<string>()
    expectTypeOf(ctx.state).not.toHaveProperty('auth')
  })
})

test('an optional guard may leave null', () => {
  const app = new Koa<AppState>().use(requireToken(service, { optional: true }))
  app.use((ctx) => expectTypeOf(ctx.state.auth).toEqualTypeOf<Auth | null>())
  expectTypeOf<AuthedState<'auth', boolean>>().toEqualTypeOf<{ auth: Auth | null }>()
})

test('functions among the options get the Koa context, with the state that is named', () => {
  requireToken(service, { cost: (ctx) => ctx.path.length, address: (ctx) => ctx.get('x-real-ip') })
  requireToken<AppState>(service, { cost: (ctx) => ctx.state.user.length })
  tokenRoutes(service, {
    authorize: ({ native }) => {
      expectTypeOf(native).toEqualTypeOf<Context>()
      return null
    },
  })
})

test('works where middleware is expected: koa-mount, a router, an application with a state of its own', () => {
  const router = new Router()
  router.get('/x', requireToken(service), (ctx) =>
    expectTypeOf(ctx.state.auth.token.id).toEqualTypeOf<string>(),
  )
  const app = new Koa<AppState>()
    .use(koaMount('/tokens', tokenRoutes(service, { authorize: () => null })))
    .use(koaMount('/x', requireToken(service)))
    .use(mount(() => ({ status: 200, headers: {}, body: null }), { prefix: '/h' }))
  app.use((ctx) => expectTypeOf(ctx.state.user).toEqualTypeOf<string>())
  expectTypeOf(requireToken(service)).toExtend<Middleware<AuthedState>>()
})

test('wrong options do not compile', () => {
  // @ts-expect-error a Koa guard throws, it has no `next` to hand errors to
  const next: Parameters<typeof requireToken>[1] = { errors: 'next' }
  expectTypeOf(next).not.toBeUndefined()
})
