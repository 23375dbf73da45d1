import {
  createMemoryStore,
  createTokenService,
  type Principal,
  type TokenService,
  type TokenStore,
} from '@hallpass/core'
import { type Clock, createClock } from '@hallpass/testing'
import { onTestFinished } from 'vitest'
import { type SpecterOptions, specter } from '../../src/index.ts'
import type { StartHost } from '../hosts.ts'

/** Passwords of the test's users. */
export const PASSWORDS: Readonly<Record<string, string>> = {
  admin: 'password',
  bob: 'bob:has a colon, and an ö',
}

export const ACTIONS = ['issue', 'read', 'list', 'verify', 'update', 'revoke'] as const

export function createPrincipal(id: string, more: Partial<Principal> = {}): Principal {
  return { id, projects: ['default'], subjects: [id], can: ACTIONS, ...more }
}

/** Knows `PASSWORDS`. */
export const authenticate: SpecterOptions['authenticate'] = ({ username, password }) =>
  PASSWORDS[username] === password ? createPrincipal(username) : null

export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** Empty where the answer has none. */
  readonly body: Readonly<Record<string, unknown>>
}

export interface RunningSpecter {
  readonly url: string
  readonly service: TokenService
  readonly clock: Clock
  /** What `onError` was told of. */
  readonly reported: readonly { readonly error: unknown; readonly where: string }[]
  /** Sends to a path below the mount, as `admin` unless `user` says otherwise; null = without credentials. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>
  /** Creates a token and expects it to be created. */
  create(description: string, life?: string, user?: string): Promise<{ id: string; token: string }>
  /** The status and body of `whoami` with this token. */
  whoami(token: string): Promise<Answer>
}

export interface CallOptions {
  readonly user?: string | null
  /** Sent as JSON; a string is sent as it is. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export const TOKENS = '/api/v1alpha/token'
export const WHOAMI = '/api/v1alpha/whoami'

export function toBasic(user: string, password: string = PASSWORDS[user] ?? ''): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

/** The API at `/specter` in a host, with a service of its own; closed when the test is over. */
export async function startSpecter(
  startHost: StartHost,
  options: Partial<SpecterOptions> & { readonly store?: TokenStore } = {},
): Promise<RunningSpecter> {
  const { store = createMemoryStore(), ...others } = options
  const clock = createClock()
  const service = await createTokenService({
    issuer: 'urn:test',
    store,
    keys: { masterSecret: Buffer.alloc(32, 7).toString('base64url') },
    retentionSeconds: null,
    maintenance: false,
    now: clock.now,
    hooks: { onError: () => undefined },
  })
  const reported: { error: unknown; where: string }[] = []
  const onError = (error: unknown, where: string): void => void reported.push({ error, where })
  const handler = specter(service, { authenticate, onError, ...others })
  const host = await startHost([{ path: '/specter', handler }])
  onTestFinished(async () => {
    await host.close()
    await service.close()
  })
  const url = `${host.url}/specter`

  const call: RunningSpecter['call'] = async (method, path, { user = 'admin', body, headers } = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(user !== null && { authorization: toBasic(user) }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    return toAnswer(response)
  }

  return {
    url,
    service,
    clock,
    reported,
    call,
    async create(description, life = '6 hours', user = 'admin') {
      const body = { jwt_token_description: description, jwt_token_life: life }
      const answer = await call('POST', TOKENS, { user, body })
      const { jwt_token_id: id, jwt_token: token } = answer.body
      if (answer.status === 201 && typeof id === 'string' && typeof token === 'string') return { id, token }
      throw new Error(`creating answered ${answer.status} ${JSON.stringify(answer.body)}`)
    },
    whoami: (token) => call('GET', WHOAMI, { user: null, headers: { authorization: `Bearer ${token}` } }),
  }
}

async function toAnswer(response: Response): Promise<Answer> {
  const text = await response.text()
  const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
  return { status: response.status, headers: response.headers, body }
}
