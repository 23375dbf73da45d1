import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { TokenService } from '@hallpass/core'
import { createTestService } from '@hallpass/core/testing'
import { createProjectToken, magicbell } from '@hallpass/dialects'
import { mount, tokenRoutes } from '@hallpass/express'
import { tokenAuthorizer } from '@hallpass/http'
import { createClock } from '@hallpass/testing'
import express from 'express'

export interface Server {
  readonly url: string
  close(): Promise<void>
}

/** A server on a free port of 127.0.0.1. */
export async function startServer(listener: RequestListener): Promise<Server> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

export interface HallpassServer extends Server {
  readonly service: TokenService
  /** Base URL of the MagicBell-compatible API, and a token that opens it. */
  readonly baseUrl: string
  readonly projectToken: string
  /** Mount of the native routes, and a token that opens them. */
  readonly tokensUrl: string
  readonly managementToken: string
}

/** An Express app with both APIs, on a clock that stands still. */
export async function startHallpass(): Promise<HallpassServer> {
  const service = await createTestService({ now: createClock().now })
  const { token: projectToken } = await createProjectToken(service)
  const { token: managementToken } = await service.issue({
    subject: 'ada',
    scope: ['hallpass', 'files'],
    expiresIn: '30 days',
  })
  const app = express()
  app.use('/magicbell', mount(magicbell(service)))
  app.use('/tokens', tokenRoutes(service, { authorize: tokenAuthorizer(service) }))
  const server = await startServer(app)
  return {
    ...server,
    service,
    projectToken,
    managementToken,
    baseUrl: `${server.url}/magicbell/v2`,
    tokensUrl: `${server.url}/tokens`,
    async close() {
      await server.close()
      await service.close()
    },
  }
}
