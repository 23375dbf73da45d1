import { type IncomingHttpHeaders, request } from 'node:http'
import { connect } from 'node:net'
import { PASSWORD } from '@hallpass/testing'

const ADMIN = `Basic ${btoa(`admin:${PASSWORD}`)}`

/** What these tests read of a token. */
export interface Issued {
  readonly token: string
  readonly id: string
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** `error` of a JSON body; null = the body is something else. */
  readonly error: string | null
  /** What `X-Credits-Remaining` says; null = it is not there. */
  readonly remaining: number | null
}

export interface Call {
  readonly token?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string
  /** The address that the connection is made from. */
  readonly from?: string
}

/** The admin's call of a token route. */
export function callTokens(origin: string, path: string, method = 'GET', body?: object): Promise<Answer> {
  return send(origin, `/tokens${path}`, {
    method,
    headers: { authorization: ADMIN, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}

export async function issueToken(origin: string, limits: object): Promise<Issued> {
  const { status, body } = await callTokens(origin, '', 'POST', limits)
  if (status !== 201) throw new Error(`issuing answered ${status}: ${body}`)
  const { token, id }: Issued = JSON.parse(body)
  return { token, id }
}

/** What remains of a token's credits, by its record. */
export async function readRemaining(origin: string, id: string): Promise<number> {
  const record: { credits: { remaining: number } } = JSON.parse((await callTokens(origin, `/${id}`)).body)
  return record.credits.remaining
}

/** One request on a connection of its own. */
export function send(origin: string, target: string, call: Call = {}): Promise<Answer> {
  const { token, method = 'GET', body } = call
  const headers = { ...call.headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) }
  const options = {
    path: target,
    method,
    headers,
    agent: false,
    ...(call.from !== undefined && { localAddress: call.from }),
  }
  return new Promise((resolve, reject) => {
    const outgoing = request(new URL(origin), options, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('error', reject)
      response.on('end', () => {
        const remaining = response.headers['x-credits-remaining']
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: text,
          error: readError(text),
          remaining: remaining === undefined ? null : Number(remaining),
        })
      })
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

/** Asks for a summary and leaves in the middle of the text, which the server has begun to read. */
export function leaveInTheMiddle(origin: string, token: string): Promise<void> {
  const { hostname, port } = new URL(origin)
  const lines = [
    'POST /v1/summaries HTTP/1.1',
    `Host: ${hostname}:${port}`,
    `Authorization: Bearer ${token}`,
    'Content-Type: application/json',
    'Content-Length: 1000',
    'Expect: 100-continue',
    '',
    '',
  ]
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(lines.join('\r\n')))
    // Told to go on, it sends a part of what it has announced.
    socket.once('data', () => socket.write('{"text":"Half a', () => socket.destroy()))
    socket.once('close', () => resolve())
    socket.once('error', reject)
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
