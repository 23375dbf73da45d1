import { createMemoryStore, createTokenService, type TokenService, type TokenStore } from '@hallpass/core'
import { type Clock, createClock } from '@hallpass/testing'
import { onTestFinished } from 'vitest'
import { type ServiceStackOptions, type ServiceStackPrincipal, servicestack } from '../../src/index.ts'
import type { StartHost } from '../hosts.ts'

export const PASSWORD = 'p:a55word-ö'

/** May make tokens for `1`, `2` and itself, with two roles and two permissions. */
export const MANAGER: ServiceStackPrincipal = {
  id: 'manager',
  projects: ['default'],
  subjects: ['1', '2', 'manager'],
  can: ['issue'],
  roles: ['Employee', 'Power User', 'A,B'],
  permissions: ['CanRead', 'CreateJwt'],
}

export const authenticate: ServiceStackOptions['authenticate'] = ({ username, password }) =>
  username === MANAGER.id && password === PASSWORD ? MANAGER : null

export function toBasic(user: string = MANAGER.id, password: string = PASSWORD): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

/** The payload of a compact token, unverified. */
export function readPayload(token: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Null where the text is not JSON. */
  readonly json: Readonly<Record<string, unknown>> | null
}

export interface CallOptions {
  /** Default: the manager's; null = none. */
  readonly authorization?: string | null
  /** Sent as JSON unless it is a text, bytes or a form. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface RunningServiceStack {
  readonly url: string
  readonly service: TokenService
  readonly clock: Clock
  /** What `onError` was told of. */
  readonly reported: readonly { readonly error: unknown; readonly where: string }[]
  call(method: string, path: string, options?: CallOptions): Promise<Answer>
  /** Posts to `/jwt` and expects a token. */
  mint(body?: Readonly<Record<string, unknown>>): Promise<string>
  /** Asks `/hello` with a token. */
  hello(token: string): Promise<Answer>
}

/** The API at `/servicestack` in a host, with a service of its own; closed when the test is over. */
export async function startServiceStack(
  startHost: StartHost,
  options: Partial<ServiceStackOptions> & { readonly store?: TokenStore } = {},
): Promise<RunningServiceStack> {
  const { store = createMemoryStore(), ...others } = options
  const clock = createClock()
  const service = await createTokenService({
    issuer: 'urn:test',
    store,
    keys: { masterSecret: Buffer.alloc(32, 7).toString('base64url') },
    maintenance: false,
    now: clock.now,
    hooks: { onError: () => undefined },
  })
  const reported: { error: unknown; where: string }[] = []
  const onError = (error: unknown, where: string): void => void reported.push({ error, where })
  const handler = servicestack(service, { authenticate, hello: { role: 'Employee' }, onError, ...others })
  const host = await startHost([{ path: '/servicestack', handler }])
  onTestFinished(async () => {
    await host.close()
    await service.close()
  })
  const url = `${host.url}/servicestack`

  const call: RunningServiceStack['call'] = async (method, path, sent = {}) => {
    const { authorization = toBasic(), body, headers } = sent
    const isJson = isPlain(body)
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(authorization !== null && { authorization }),
        ...(isJson && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: isJson ? JSON.stringify(body) : toBody(body) }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, json: toJson(text) }
  }

  return {
    url,
    service,
    clock,
    reported,
    call,
    async mint(body = {}) {
      const { status, text, json } = await call('POST', '/jwt', { body })
      if (status === 200 && typeof json?.token === 'string') return json.token
      throw new Error(`minting answered ${status} ${text}`)
    },
    hello: (token) => call('GET', '/hello', { authorization: `Bearer ${token}` }),
  }
}

function isPlain(body: unknown): boolean {
  return body !== undefined && !(typeof body === 'string' || isForm(body))
}

function isForm(body: unknown): body is Uint8Array<ArrayBuffer> | FormData | URLSearchParams {
  return body instanceof Uint8Array || body instanceof FormData || body instanceof URLSearchParams
}

function toBody(body: unknown): NonNullable<RequestInit['body']> {
  return isForm(body) ? body : String(body)
}

function toJson(text: string): Answer['json'] {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
