import { once } from 'node:events'
import { createServer } from 'node:http'
import { type HostSetup, type RunningHost, type StartHost, toEcho } from '@hallpass/testing'
import type express from 'express'
import { type AuthedRequest, mount, requireToken, tokenRoutes } from '../src/index.ts'

/** Starts hosts on this major of Express, as its users would: nested routers, no error handler. */
export function startExpress(framework: typeof express): StartHost {
  return async (setup) => {
    const app = framework()
    if (setup.bodyParser === 'before') app.use(framework.json())
    const router = createRouter(framework, setup)
    if (setup.prefix === '') {
      app.use(router)
    } else {
      const [first, ...rest] = setup.prefix.slice(1).split('/')
      app.use(`/${first}`, framework.Router().use(`/${rest.join('/')}`, router))
    }
    return listen(app)
  }
}

function createRouter(framework: typeof express, setup: HostSetup): express.Router {
  const router = framework.Router()
  for (const { path, service, options, serve } of setup.guards) {
    const place = path === '' ? '/' : path
    if (!setup.withoutGuard) router.use(place, requireToken(service, options))
    if (serve === 'echo') router.use(place, (req: AuthedRequest, res) => res.json(toEcho(req.auth)))
    else router.use(place, framework.static(serve.directory))
  }
  for (const { path, service, authorize } of setup.routes)
    router.use(path, tokenRoutes(service, { authorize }))
  for (const { path, handler } of setup.handlers) router.use(path, mount(handler))
  return router
}

/** Serves an app on a free port of 127.0.0.1. */
export async function listen(app: express.Express): Promise<RunningHost> {
  const server = createServer(app).listen(0, '127.0.0.1')
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
