import { createMemoryStore, createTokenService, type TokenService, type TokenStore } from '@hallpass/core'
import { type Clock, createClock } from '@hallpass/testing'
import { onTestFinished } from 'vitest'
import { type Data8Account, type Data8Options, data8 } from '../../src/index.ts'
import type { StartHost } from '../hosts.ts'

export const PASSWORD = 'S3cret <&> Pässwort'
export const API_KEY = 'apikey-ABCD-1234-EFGH-5678'
export const GET_JWT = '/UserAdmin/GetJWT.json'
export const IS_VALID = '/EmailValidation/IsValid.json'
export const SOAP = '/useradmin.asmx'

export function createAccount(id: string, more: Partial<Data8Account> = {}): Data8Account {
  return { id, projects: ['default'], subjects: [id], can: ['issue'], company: `${id} Ltd`, ...more }
}

/** Knows `ada`, `bob` and the API key, which is `ada`'s. */
export const authenticate: Data8Options['authenticate'] = ({ username, password }) => {
  if (username === API_KEY && password === '') return createAccount('ada')
  return (username === 'ada' || username === 'bob') && password === PASSWORD ? createAccount(username) : null
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Of JSON. */
  readonly body: {
    readonly Status?: { Success?: unknown; ErrorMessage?: unknown; CreditsRemaining?: unknown }
    readonly Jwt?: unknown
    readonly Result?: unknown
  }
}

export interface RunningData8 {
  readonly url: string
  readonly service: TokenService
  readonly clock: Clock
  /** What `onError` was told of. */
  readonly reported: readonly { readonly error: unknown; readonly where: string }[]
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>
  /** A token of ada's, with these parameters changed. */
  issue(parameters?: Readonly<Record<string, unknown>>): Promise<string>
  /** Calls IsValid with a token. */
  isValid(token: string, body?: unknown): Promise<Answer>
}

/** Parameters of a good request; the test clock stands at 2026-11-21T12:00:00Z. */
export function createParameters(more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { username: 'ada', password: PASSWORD, expiresAt: '2026-11-21T13:00:00Z', ...more }
}

export interface StartOptions extends Partial<Data8Options> {
  readonly store?: TokenStore
  /** In ada's pool. Default 100. */
  readonly credits?: number
}

/** The API at `/data8` in a host, with a service of its own; closed when the test is over. */
export async function startData8(startHost: StartHost, options: StartOptions = {}): Promise<RunningData8> {
  const { store = createMemoryStore(), credits = 100, ...others } = options
  const clock = createClock()
  const service = await createTokenService({
    issuer: 'urn:test',
    store,
    keys: { masterSecret: Buffer.alloc(32, 7).toString('base64url') },
    maintenance: false,
    now: clock.now,
    hooks: { onError: () => undefined },
  })
  await service.createPool(others.project ?? 'default', 'ada', credits)
  const reported: { error: unknown; where: string }[] = []
  const onError = (error: unknown, where: string): void => void reported.push({ error, where })
  const host = await startHost([
    { path: '/data8', handler: data8(service, { authenticate, onError, ...others }) },
  ])
  onTestFinished(async () => {
    await host.close()
    await service.close()
  })
  const url = `${host.url}/data8`

  const post: RunningData8['post'] = async (path, body, headers = { 'content-type': 'application/json' }) => {
    const sent = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
    return toAnswer(await fetch(url + path, { method: 'POST', headers, body: sent }))
  }

  return {
    url,
    service,
    clock,
    reported,
    post,
    async issue(parameters) {
      const { body, text } = await post(GET_JWT, createParameters(parameters))
      if (typeof body.Jwt === 'string') return body.Jwt
      throw new Error(`GetJWT answered ${text}`)
    },
    isValid: (token, body = { email: 'ada@example.com', level: 'Syntax' }) =>
      post(IS_VALID, body, { 'content-type': 'application/json', authorization: `Bearer ${token}` }),
  }
}

export async function toAnswer(response: Response): Promise<Answer> {
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : {} }
}

/** The answer of a failure, as it is expected. */
export function toFailed(message: string, creditsRemaining = 0): object {
  return { Status: { Success: false, ErrorMessage: message, CreditsRemaining: creditsRemaining } }
}

/** The claims of a token, unverified. */
export function readClaims(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
}
