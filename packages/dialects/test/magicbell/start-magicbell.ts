import {
  createMemoryStore,
  createTokenService,
  type TokenService,
  type TokenServiceOptions,
  type TokenStore,
} from '@hallpass/core'
import { type Clock, createClock } from '@hallpass/testing'
import { createProjectToken, type MagicBellOptions, magicbell } from '../../src/index.ts'
import type { StartHost } from '../hosts.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** What the JSON of the body says; undefined = there is no body. */
  readonly body: unknown
}

export interface Call {
  /** A project token unless it says otherwise; null = no Authorization header. */
  readonly token?: string | null
  /** Sent as JSON. */
  readonly json?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Bench {
  readonly service: TokenService
  readonly clock: Clock
  readonly url: string
  /** Opens `/jwt/*` of the project `default`. */
  readonly token: string
  /** `POST /jwt/user` below `/magicbell/v2`. */
  call(method: string, path: string, call?: Call): Promise<Answer>
  close(): Promise<void>
}

export interface BenchOptions {
  readonly service?: Partial<TokenServiceOptions>
  readonly magicbell?: MagicBellOptions
  /** Life of the project token that calls are made with. Default: it never expires. */
  readonly expiresIn?: number
}

/** A host with the API at `/magicbell`, on a clock that stands still. */
export async function startMagicBell(start: StartHost, options: BenchOptions = {}): Promise<Bench> {
  const clock = createClock()
  const service = await createTokenService({
    issuer: 'https://tokens.example',
    store: createMemoryStore(),
    maintenance: false,
    now: clock.now,
    ...options.service,
  })
  const { token } = await createProjectToken(
    service,
    options.expiresIn === undefined ? {} : { expiresIn: options.expiresIn },
  )
  const host = await start([{ path: '/magicbell', handler: magicbell(service, options.magicbell) }])
  return {
    service,
    clock,
    token,
    url: host.url,
    async call(method, path, { token: bearer = token, json, body, headers } = {}) {
      const answer = await fetch(`${host.url}/magicbell/v2${path}`, {
        method,
        headers: {
          ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
          ...(json !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(json !== undefined ? { body: JSON.stringify(json) } : body !== undefined && { body }),
      })
      const text = await answer.text()
      return {
        status: answer.status,
        headers: answer.headers,
        body: text === '' ? undefined : JSON.parse(text),
      }
    },
    async close() {
      await host.close()
      await service.close()
    },
  }
}

/** A memory store that can be made to fail. */
export function createFaultyStore(): { readonly store: TokenStore; down: boolean } {
  const faulty = {
    down: false,
    store: new Proxy(createMemoryStore(), {
      get(target, name, receiver) {
        if (faulty.down && name !== 'persistent' && name !== 'close') {
          return () => {
            throw new Error('connect ECONNREFUSED store.internal:5432 password=hunter2')
          }
        }
        return Reflect.get(target, name, receiver)
      },
    }),
  }
  return faulty
}
