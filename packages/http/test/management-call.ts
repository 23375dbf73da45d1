import {
  createMemoryStore,
  createTokenService,
  type Principal,
  type TokenService,
  type TokenServiceOptions,
} from '@hallpass/core'
import type { Handler, HttpRequest, HttpResponse } from '../src/index.ts'

/** What a test sends. `json` is written as JSON with the right content type. */
export interface Sent {
  readonly headers?: readonly (readonly [string, string])[]
  readonly json?: unknown
  readonly bytes?: Uint8Array
  readonly parsed?: { readonly value: unknown }
  readonly body?: () => Promise<never>
  readonly peer?: string
  readonly mount?: string
  readonly originalTarget?: string
  readonly native?: unknown
}

export const MOUNT = '/tokens'

/** A request as an adapter would hand it over. */
export function createRequest(method: string, target: string, sent: Sent = {}): HttpRequest {
  const headers = new Map<string, string[]>([['host', ['api.example']]])
  const bytes = sent.json === undefined ? sent.bytes : Buffer.from(JSON.stringify(sent.json))
  if (sent.json !== undefined) headers.set('content-type', ['application/json'])
  if (bytes !== undefined) headers.set('content-length', [String(bytes.byteLength)])
  for (const [name, value] of sent.headers ?? []) headers.set(name, [...(headers.get(name) ?? []), value])
  return {
    method,
    target,
    originalTarget: sent.originalTarget ?? `${sent.mount ?? MOUNT}${target}`,
    headers,
    peer: sent.peer ?? '192.0.2.1',
    native: sent.native ?? null,
    body:
      sent.body ??
      (async () => (sent.parsed === undefined ? (bytes ?? Buffer.alloc(0)) : { parsed: sent.parsed.value })),
  }
}

export interface Got {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly json: Json
}

/** Parsed JSON, for looking into. */
export type Json = Readonly<Record<string, unknown>>

/** Sends a request to a handler and reads the answer. */
export async function send(handler: Handler, method: string, target: string, sent: Sent = {}): Promise<Got> {
  const response: HttpResponse = await handler(createRequest(method, target, sent))
  const text = typeof response.body === 'string' ? response.body : ''
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: text === '' ? {} : JSON.parse(text),
  }
}

export const ADMIN: Principal = {
  id: 'admin',
  projects: '*',
  subjects: '*',
  can: ['issue', 'read', 'list', 'verify', 'update', 'revoke'],
}

export const START: Date = new Date('2026-11-21T12:00:00.000Z')

export interface Clock {
  now(): Date
  advance(seconds: number): void
}

export function createClock(): Clock {
  let time = START.getTime()
  return {
    now: () => new Date(time),
    advance(seconds) {
      time += seconds * 1000
    },
  }
}

/** A real service over a store in memory. */
export function createService(options: Partial<TokenServiceOptions> = {}): Promise<TokenService> {
  return createTokenService({
    issuer: 'https://http.test',
    store: createMemoryStore(),
    maintenance: false,
    ...options,
  })
}

/** The text of a member, for ids and tokens that a test goes on with. */
export function textOf(json: Json, member: string): string {
  const value = json[member]
  if (typeof value !== 'string') throw new Error(`${member} is not a text`)
  return value
}
