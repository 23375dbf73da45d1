import { type IncomingHttpHeaders, request } from 'node:http'
import { PASSWORD } from '@hallpass/testing'

export const ADMIN: Login = ['admin', PASSWORD]

/** Name and password. */
export type Login = readonly [string, string]

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
}

export interface Call {
  readonly login?: Login
  readonly token?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: object
}

/** Issues as this user. */
export async function issueToken(origin: string, login: Login, input: object = {}): Promise<Issued> {
  const { status, body } = await send(origin, '/tokens', { login, method: 'POST', body: input })
  if (status !== 201) throw new Error(`issuing answered ${status}: ${body}`)
  const { token, id }: Issued = JSON.parse(body)
  return { token, id }
}

/** The ids in a list of tokens. */
export function readIds(answer: Answer): readonly string[] {
  const page: { tokens: readonly { id: string }[] } = JSON.parse(answer.body)
  return page.tokens.map(({ id }) => id)
}

/** One request on a connection of its own. */
export function send(origin: string, target: string, call: Call = {}): Promise<Answer> {
  const { method = 'GET', body } = call
  const headers = {
    ...readAuthorization(call),
    ...(body && { 'content-type': 'application/json' }),
    ...call.headers,
  }
  return new Promise((resolve, reject) => {
    const outgoing = request(new URL(origin), { path: target, method, headers, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: text,
          error: readError(text),
        }),
      )
    })
    outgoing.on('error', reject)
    outgoing.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

function readAuthorization({ login, token }: Call): Readonly<Record<string, string>> {
  if (login !== undefined) return { authorization: `Basic ${btoa(login.join(':'))}` }
  return token === undefined ? {} : { authorization: `Bearer ${token}` }
}

function readError(body: string): string | null {
  try {
    const parsed: unknown = JSON.parse(body)
    return typeof parsed === 'object' && parsed !== null && 'error' in parsed ? String(parsed.error) : null
  } catch {
    return null
  }
}
