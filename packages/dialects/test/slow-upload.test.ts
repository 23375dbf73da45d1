import { once } from 'node:events'
import { connect } from 'node:net'
import type { Principal, TokenService } from '@hallpass/core'
import { createTestService } from '@hallpass/core/testing'
import type { Handler } from '@hallpass/http'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createProjectToken, i3d, magicbell, servicestack, specter } from '../src/index.ts'
import { HOSTS, type StartHost } from './hosts.ts'
import { requestAccessToken } from './i3d/start-i3d.ts'

/** One API below `/api`, with somebody who may issue a token there until they are removed. */
interface Caller {
  readonly handler: Handler
  readonly path: string
  readonly body: string
  /** @param url of the mount */
  authorize(url: string): Promise<string>
  remove(): Promise<unknown>
}

const ADA: Principal = { id: 'ada', projects: ['default'], subjects: ['ada'], can: ['issue'] }

/** Somebody with a password. */
function createUser(): {
  readonly authenticate: () => Principal | null
  readonly authorize: Caller['authorize']
  readonly remove: Caller['remove']
} {
  let isKnown = true
  return {
    authenticate: () => (isKnown ? ADA : null),
    authorize: async () => `Basic ${Buffer.from('ada:secret').toString('base64')}`,
    async remove() {
      isKnown = false
    },
  }
}

async function revokeNewest(service: TokenService, project: string): Promise<unknown> {
  const { tokens } = await service.list({ project, limit: 1 })
  return service.revoke(project, tokens[0]?.id ?? '')
}

const APIS: readonly (readonly [name: string, create: (service: TokenService) => Caller])[] = [
  [
    'magicbell',
    (service) => ({
      handler: magicbell(service),
      path: '/v2/jwt/project',
      body: '{"name":"late"}',
      authorize: async () => `Bearer ${(await createProjectToken(service)).token}`,
      remove: () => revokeNewest(service, 'default'),
    }),
  ],
  [
    'magicbell, for a user',
    (service) => ({
      handler: magicbell(service),
      path: '/v2/jwt/user',
      body: '{"external_id":"late"}',
      authorize: async () => `Bearer ${(await createProjectToken(service)).token}`,
      remove: () => revokeNewest(service, 'default'),
    }),
  ],
  [
    'specter',
    (service) => {
      const { authenticate, ...user } = createUser()
      return {
        ...user,
        handler: specter(service, { authenticate }),
        path: '/api/v1alpha/token',
        body: '{"jwt_token_description":"late","jwt_token_life":"1 hour"}',
      }
    },
  ],
  [
    'servicestack',
    (service) => {
      const { authenticate, ...user } = createUser()
      return { ...user, handler: servicestack(service, { authenticate }), path: '/jwt', body: '{ }' }
    },
  ],
  [
    'i3d',
    (service) => ({
      handler: i3d(service, {
        clients: { shop: { secret: 'secret', services: ['cdn'] } },
        services: { cdn: { vhost: 'cdn.example' } },
      }),
      path: '/service/cdn/jwt',
      body: '{"file":"/a.mp4"}',
      authorize: async (url) => `Bearer ${await requestAccessToken(url, 'shop', 'secret')}`,
      remove: () => revokeNewest(service, 'i3d.clients'),
    }),
  ],
]

interface Upload {
  /** The status of the answer. */
  readonly status: string
  /** How many tokens were issued from the first byte on. */
  readonly issued: number
}

/** Sends a request whose body stops after its first byte, until `meanwhile` is over. */
async function upload(
  start: StartHost,
  create: (service: TokenService) => Caller,
  meanwhile: (caller: Caller) => Promise<unknown>,
): Promise<Upload> {
  const onIssue = vi.fn<() => void>()
  const service = await createTestService({ hooks: { onIssue } })
  const caller = create(service)
  const host = await start([{ path: '/api', handler: caller.handler }])
  onTestFinished(async () => {
    await host.close()
    await service.close()
  })
  const authorization = await caller.authorize(`${host.url}/api`)
  onIssue.mockClear()
  const socket = connect(Number(new URL(host.url).port), '127.0.0.1')
  const closed = once(socket, 'close')
  let got = ''
  socket.on('data', (chunk: Buffer) => {
    got += String(chunk)
  })
  const lines = [
    `POST /api${caller.path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Connection: close',
    `Authorization: ${authorization}`,
    'Content-Type: application/json',
    `Content-Length: ${caller.body.length}`,
    // Its answer says that the server has the headers.
    'Expect: 100-continue',
  ]
  socket.write(`${lines.join('\r\n')}\r\n\r\n${caller.body.slice(0, 1)}`)
  await vi.waitUntil(() => got.startsWith('HTTP/1.1 100 Continue\r\n\r\n'))
  await meanwhile(caller)
  socket.write(caller.body.slice(1))
  await closed
  const [, , status = ''] = /^HTTP\/1\.1 (\d+) Continue\r\n\r\nHTTP\/1\.1 (\d+)/.exec(got) ?? []
  return { status, issued: onIssue.mock.calls.length }
}

describe.each(HOSTS)('%s', (_host, start) => {
  it.each(APIS)('%s: who is removed during the upload gets no token', async (_api, create) => {
    expect(await upload(start, create, (caller) => caller.remove())).toEqual({ status: '401', issued: 0 })
  })

  it.each(APIS)('%s: who stays gets one', async (_api, create) => {
    const { status, issued } = await upload(start, create, async () => {})
    expect([status[0], issued]).toEqual(['2', 1])
  })
})
