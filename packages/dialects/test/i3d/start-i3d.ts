import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMemoryStore, createTokenService, type TokenService, type TokenStore } from '@hallpass/core'
import type { Handler } from '@hallpass/http'
import { type Clock, createClock } from '@hallpass/testing'
import { type I3dOptions, i3d } from '../../src/i3d.ts'
import type { Mount, StartHost } from '../hosts.ts'

export const VHOST = 'media.cdn.example'
export const SERVICE = 'svc-1.a'
export const OTHER_SERVICE = 'svc-2'
export const SECRET = 's3cret of the client+%'
/** 2026-11-21T12:00:00Z, where the clock of a test begins. */
export const NOW = 1_795_262_400

/** Parsed JSON, for looking into. */
export type Json = Readonly<Record<string, unknown>>

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: Json
}

export interface I3dApp {
  readonly url: string
  readonly service: TokenService
  readonly clock: Clock
  /** Makes the store fail from now on, or work again. */
  setStoreDown(isDown: boolean): void
  /** An access token of the client `shop`, got over HTTP once. */
  accessToken(): Promise<string>
  /** A call below the mount, as `shop` unless it brings an Authorization header of its own. */
  call(path: string, init?: RequestInit & { readonly anonymous?: boolean }): Promise<Answer>
  /** `POST /service/{id}/jwt` with this JSON. */
  issue(body: unknown, serviceId?: string): Promise<Answer>
  /** The text of a new token. */
  token(body?: Json, serviceId?: string): Promise<string>
  verify(token: string, serviceId?: string): Promise<Answer>
  close(): Promise<void>
}

export const CLIENTS: I3dOptions['clients'] = {
  shop: { secret: SECRET, services: [SERVICE] },
  'other-shop': { secret: 'another secret', services: [OTHER_SERVICE] },
}

export const SERVICES: I3dOptions['services'] = {
  [SERVICE]: { vhost: VHOST },
  [OTHER_SERVICE]: { vhost: 'other.cdn.example' },
}

/** The dialect at `/i3d` of a host, with files behind its edge; its service has a clock that the test moves. */
export async function startI3d(start: StartHost, more: readonly Mount[] = []): Promise<I3dApp> {
  const clock = createClock()
  const memory = createMemoryStore()
  let isDown = false
  const store: TokenStore = {
    ...memory,
    find: (...asked) => {
      if (isDown) throw new Error('no connection to 10.0.0.7')
      return memory.find(...asked)
    },
    insert: (...asked) => {
      if (isDown) throw new Error('no connection to 10.0.0.7')
      return memory.insert(...asked)
    },
  }
  const service = await createTokenService({
    issuer: 'https://issuer.example',
    store,
    maintenance: false,
    now: clock.now,
    hooks: { onError() {} },
    clientAddress: { trustedProxies: ['127.0.0.1'], header: 'x-forwarded-for' },
  })
  const files = await createFiles()
  const cdn = { service: SERVICE, directory: files }
  const handler = i3d(service, { clients: CLIENTS, services: SERVICES, cdn })
  const host = await start([{ path: '/i3d', handler }, ...more])
  let asked: Promise<string> | undefined
  const app: I3dApp = {
    url: `${host.url}/i3d`,
    service,
    clock,
    setStoreDown(down) {
      isDown = down
    },
    accessToken() {
      asked ??= requestAccessToken(app.url, 'shop', SECRET)
      return asked
    },
    async call(path, { anonymous = false, ...init } = {}) {
      const headers = new Headers(init.headers)
      if (!anonymous && !headers.has('authorization')) {
        headers.set('authorization', `Bearer ${await app.accessToken()}`)
      }
      return read(await fetch(app.url + path, { redirect: 'manual', ...init, headers }))
    },
    issue: (body, serviceId = SERVICE) =>
      app.call(`/service/${serviceId}/jwt`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    async token(body = {}, serviceId = SERVICE) {
      return String((await app.issue(body, serviceId)).json.token)
    },
    verify: (token, serviceId = SERVICE) => app.call(`/service/${serviceId}/jwt/${token}`),
    async close() {
      await host.close()
      await service.close()
      rmSync(files, { recursive: true })
    },
  }
  return app
}

/** A handler with this project and these clients, on a service that is there. */
export function createI3d(service: TokenService, options: Partial<I3dOptions> = {}): Handler {
  return i3d(service, { clients: CLIENTS, services: SERVICES, ...options })
}

export async function requestAccessToken(url: string, client: string, secret: string): Promise<string> {
  const form = { grant_type: 'client_credentials', client_id: client, client_secret: secret }
  const answer = await fetch(`${url}/connect/token`, { method: 'POST', body: new URLSearchParams(form) })
  const { access_token: token }: { access_token?: string } = JSON.parse(await answer.text())
  if (token === undefined) throw new Error(`no access token: ${answer.status}`)
  return token
}

export async function read(answer: Response): Promise<Answer> {
  const text = await answer.text()
  const isJson = answer.headers.get('content-type')?.startsWith('application/json') ?? false
  return {
    status: answer.status,
    headers: answer.headers,
    text,
    json: isJson && text !== '' ? JSON.parse(text) : {},
  }
}

/** The payload of a token, or its header. */
export function readPart(token: string, part: 0 | 1 = 1): Json {
  return JSON.parse(Buffer.from(token.split('.')[part] ?? '', 'base64url').toString())
}

/** `files/` with videos, and things beside and in it that no token opens. */
async function createFiles(): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), 'hallpass-i3d-'))
  await mkdir(join(root, 'videos', 'more'), { recursive: true })
  await writeFile(join(root, 'videos', 'a.mp4'), 'bytes of a')
  await writeFile(join(root, 'videos', 'b.mp4'), 'bytes of b')
  await writeFile(join(root, 'videos', 'more', 'my film*.mp4'), 'bytes of my film')
  await writeFile(join(root, '.env'), 'hidden')
  await symlink('/etc/hostname', join(root, 'videos', 'link.txt'))
  return root
}
