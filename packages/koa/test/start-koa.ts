import { once } from 'node:events'
import { createServer } from 'node:http'
import {
  type HostGuard,
  type HostSetup,
  type RunningHost,
  readServedFile,
  type StartHost,
  toEcho,
} from '@hallpass/testing'
import { bodyParser } from '@koa/bodyparser'
import Router from '@koa/router'
import type Koa from 'koa'
import type { Middleware } from 'koa'
import koaMount from 'koa-mount'
import { type AuthedState, mount, requireToken, tokenRoutes } from '../src/index.ts'

type GuardedMiddleware = Middleware<AuthedState<'auth', boolean>>

/** Starts hosts on this major of Koa as users of koa-mount would: nested mounts, no error handler. */
export function startKoa(Framework: typeof Koa): StartHost {
  return async (setup) => {
    const inner = new Framework()
    for (const guard of setup.guards) {
      for (const middleware of toGuarded(guard, setup)) inner.use(koaMount(guard.path || '/', middleware))
    }
    for (const { path, service, authorize } of setup.routes) {
      inner.use(koaMount(path, tokenRoutes(service, { authorize })))
    }
    for (const { path, handler } of setup.handlers) inner.use(koaMount(path, mount(handler)))
    const app = createApp(Framework, setup)
    if (setup.prefix === '') {
      app.use(koaMount(inner))
    } else {
      const [first, ...rest] = setup.prefix.slice(1).split('/')
      app.use(koaMount(`/${first}`, new Framework().use(koaMount(`/${rest.join('/')}`, inner))))
    }
    return listen(app)
  }
}

/** Starts hosts as users of @koa/router would: wildcard routes, and `prefix` where there is a handler. */
export function startKoaRouter(Framework: typeof Koa): StartHost {
  return async (setup) => {
    const app = createApp(Framework, setup)
    const router = new Router()
    for (const guard of setup.guards) {
      const at = `${setup.prefix}${guard.path}`
      for (const middleware of toGuarded(guard, setup, at)) {
        if (guard.path === '') app.use(middleware)
        else router.all(`${at}{/*rest}`, middleware)
      }
    }
    for (const { path, service, authorize } of setup.routes) {
      const prefix = `${setup.prefix}${path}`
      router.all(`${prefix}{/*rest}`, tokenRoutes(service, { authorize, prefix }))
    }
    for (const { path, handler } of setup.handlers) {
      const prefix = `${setup.prefix}${path}`
      router.all(`${prefix}{/*rest}`, mount(handler, { prefix }))
    }
    app.use(router.routes())
    return listen(app)
  }
}

/** Starts hosts that use nothing but Koa: `prefix` where there is a handler, and a test of the path elsewhere. */
export function startPlainKoa(Framework: typeof Koa): StartHost {
  return async (setup) => {
    const app = createApp(Framework, setup)
    for (const guard of setup.guards) {
      const at = `${setup.prefix}${guard.path}`
      const isBelow = (path: string): boolean => guard.path === '' || path === at || path.startsWith(`${at}/`)
      for (const middleware of toGuarded(guard, setup, at)) {
        app.use((ctx, next) => (isBelow(ctx.path) ? middleware(ctx, next) : next()))
      }
    }
    for (const { path, service, authorize } of setup.routes) {
      app.use(tokenRoutes(service, { authorize, prefix: `${setup.prefix}${path}` }))
    }
    for (const { path, handler } of setup.handlers) {
      app.use(mount(handler, { prefix: `${setup.prefix}${path}` }))
    }
    return listen(app)
  }
}

function createApp(Framework: typeof Koa, setup: HostSetup): Koa {
  const app = new Framework()
  // Rows that make a `cost` fail would print a stack each.
  app.silent = true
  if (setup.bodyParser === 'before') app.use(bodyParser())
  return app
}

/** @param at what stands before a file's name in `ctx.url` */
function toGuarded(guard: HostGuard, setup: HostSetup, at = ''): readonly GuardedMiddleware[] {
  const { service, options, serve } = guard
  const served: GuardedMiddleware = async (ctx) => {
    const file = serve === 'echo' ? null : await readServedFile(serve.directory, ctx.url.slice(at.length))
    if (serve === 'echo') ctx.body = toEcho(ctx.state.auth)
    else if (file !== null) ctx.body = file
  }
  return setup.withoutGuard ? [served] : [requireToken(service, options), served]
}

async function listen(app: Koa): Promise<RunningHost> {
  const server = createServer(app.callback()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return {
    port: address.port,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
