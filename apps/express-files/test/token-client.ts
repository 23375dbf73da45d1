import { type IncomingHttpHeaders, request } from 'node:http'
import { PASSWORD } from '@hallpass/testing'

/** What these tests read of the answers. */
export interface Issued {
  readonly token: string
  readonly id: string
  readonly url?: string
  readonly credits: { readonly limit: number; readonly remaining: number } | null
}

const ADMIN = `Basic ${btoa(`admin:${PASSWORD}`)}`

/** The admin's call of a token route. */
export function callTokens(origin: string, path: string, method = 'GET', body?: object): Promise<Response> {
  return fetch(`${origin}/tokens${path}`, {
    method,
    headers: { authorization: ADMIN, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}

/** A new token: for `/files/reports/`, unless said otherwise. */
export async function issueToken(origin: string, limits: object = {}): Promise<Issued> {
  const response = await callTokens(origin, '', 'POST', { paths: ['/files/reports/'], ...limits })
  const body: unknown = await response.json()
  if (response.status !== 201 || !isIssued(body)) throw new Error(`issuing answered ${response.status}`)
  return body
}

function isIssued(body: unknown): body is Issued {
  return typeof body === 'object' && body !== null && 'token' in body && typeof body.token === 'string'
}

/** What remains of a token's credits. */
export async function readRemaining(origin: string, id: string): Promise<number | undefined> {
  const record = (await (await callTokens(origin, `/${id}`)).json()) as Issued
  return record.credits?.remaining
}

export interface RawAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** `error` of a JSON body; null = the body is something else. */
  readonly error: string | null
}

/** Sends a request whose target nobody normalises on the way. */
export function send(
  origin: string,
  target: string,
  options: { token?: string; method?: string; headers?: Readonly<Record<string, string>> } = {},
): Promise<RawAnswer> {
  const { token, method = 'GET' } = options
  const headers = { ...options.headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) }
  return new Promise((resolve, reject) => {
    const outgoing = request(new URL(origin), { path: target, method, headers, agent: false }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        body += chunk
      })
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body,
          error: readError(body),
        }),
      )
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}

function readError(body: string): string | null {
  try {
    const parsed: unknown = JSON.parse(body)
    return typeof parsed === 'object' && parsed !== null && 'error' in parsed ? String(parsed.error) : null
  } catch {
    return null
  }
}
