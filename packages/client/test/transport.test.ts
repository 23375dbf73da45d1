import type { IncomingMessage, ServerResponse } from 'node:http'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { Client, HallpassError } from '../src/index.ts'
import { type ApiCall, createTransport, type TransportOptions } from '../src/transport.ts'
import { type Server, startServer } from './start-server.ts'

const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJqdGkiOiJ4eHh4eHgifQ.c2lnbmF0dXJlLXNlY3JldA'

interface Seen {
  readonly method: string | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

let server: Server
const seen: Seen[] = []
const waits: number[] = []
afterEach(async () => {
  seen.length = 0
  waits.length = 0
  await server.close()
})

/** A server that answers the first request with the first function, and so on; the last one again and again. */
async function answerWith(...answers: readonly ((response: ServerResponse) => void)[]): Promise<void> {
  server = await startServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    seen.push({ method: request.method, headers: request.headers, body })
    answers[Math.min(seen.length, answers.length) - 1]?.(response)
  })
}

const toStatus =
  (status: number, headers: Record<string, string> = {}, body: unknown = { error: 'x', message: 'y' }) =>
  (response: ServerResponse): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  }
const ok = toStatus(200, {}, { ok: true })
const hangUp = (response: ServerResponse): void => {
  response.destroy()
}

function send(call: Partial<ApiCall> = {}, options: Partial<TransportOptions> = {}): Promise<unknown> {
  const transport = createTransport({
    token: () => TOKEN,
    fetch: (url, init) => fetch(url, init),
    timeoutMs: 5000,
    retries: 2,
    wait: async (ms) => {
      waits.push(ms)
    },
    ...options,
  })
  return transport({ method: 'GET', url: `${server.url}/x`, repeatable: true, ...call })
}

describe('retries', () => {
  it.each([408, 425, 429, 500, 502, 503, 504])('send a repeatable call again after %i', async (status) => {
    await answerWith(toStatus(status), ok)
    expect(await send()).toEqual({ ok: true })
    expect(seen).toHaveLength(2)
  })

  it.each([400, 401, 403, 404, 409, 422])('do not send a call again after %i', async (status) => {
    await answerWith(toStatus(status), ok)
    await expect(send()).rejects.toMatchObject({ status, code: 'x', message: 'y' })
    expect(seen).toHaveLength(1)
  })

  it('send a repeatable call again after a connection that broke', async () => {
    await answerWith(hangUp, ok)
    expect(await send()).toEqual({ ok: true })
    expect(seen).toHaveLength(2)
  })

  it('never send a call again that is not repeatable', async () => {
    await answerWith(toStatus(503), ok)
    await expect(send({ method: 'PATCH', repeatable: false, body: {} })).rejects.toMatchObject({
      status: 503,
    })
    await expect(send({ method: 'PATCH', repeatable: false }, { timeoutMs: 5000 })).resolves.toBeDefined()
    expect(seen).toHaveLength(2)
  })

  it('give up after so many, with the last error', async () => {
    await answerWith(toStatus(500), toStatus(502), toStatus(503))
    await expect(send()).rejects.toMatchObject({ status: 503 })
    expect(seen).toHaveLength(3)
    await expect(send({}, { retries: 0 })).rejects.toMatchObject({ status: 503 })
    expect(seen).toHaveLength(4)
  })

  it('wait longer each time, or as long as Retry-After asks for', async () => {
    await answerWith(toStatus(500), toStatus(500), ok)
    await send()
    const [first = 0, second = 0] = waits
    expect(first).toBeGreaterThanOrEqual(125)
    expect(first).toBeLessThanOrEqual(250)
    expect(second).toBeGreaterThanOrEqual(250)
    expect(second).toBeLessThanOrEqual(500)
    await server.close()
    await answerWith(toStatus(500), toStatus(500), toStatus(500), toStatus(503, { 'retry-after': '7' }), ok)
    await send()
    expect(waits[2]).toBe(7000)
  })

  it('do not wait for a server that asks for more than 30 seconds', async () => {
    await answerWith(toStatus(503, { 'retry-after': '31' }), ok)
    await expect(send()).rejects.toMatchObject({ status: 503, retryAfterSeconds: 31 })
    expect([seen.length, waits]).toEqual([1, []])
  })

  it('of one issue or creation carry one Idempotency-Key, and two calls carry two', async () => {
    const issued = toStatus(201, {}, { token_id: '1' })
    await answerWith(toStatus(503, { 'retry-after': '0' }), issued)
    const client = new Client({ token: TOKEN, baseUrl: server.url })
    await client.jwt.createProjectJwt({ name: 'x' })
    await client.tokens.issue({ name: 'x' })
    await client.jwt.createUserJwt({ email: 'ada@example.com' }, { idempotencyKey: 'mine' })
    const keys = seen.map(({ headers }) => headers['idempotency-key'])
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/)
    expect(keys[1]).toBe(keys[0])
    expect(keys[2]).not.toBe(keys[0])
    expect(keys[3]).toBe('mine')
  })

  it('never happen to an update', async () => {
    await answerWith(toStatus(503, { 'retry-after': '0' }))
    const client = new Client({ token: TOKEN, baseUrl: server.url, retries: 5 })
    await expect(client.tokens.update('1', { credits: { add: 1 } })).rejects.toMatchObject({ status: 503 })
    expect(seen).toHaveLength(1)
  })
})

describe('timeouts', () => {
  it('end an attempt that gets no answer, and one whose body does not end', async () => {
    await answerWith(
      () => {},
      (response) => {
        response.writeHead(200).write('{')
      },
    )
    const call = (): Promise<unknown> => send({}, { timeoutMs: 50, retries: 0 })
    await expect(call()).rejects.toMatchObject({ code: 'timeout', status: null })
    await expect(call()).rejects.toMatchObject({ code: 'timeout', status: null })
    expect(seen).toHaveLength(2)
  })
})

describe('requests', () => {
  it('carry the token, JSON, and nothing that browsers would add', async () => {
    await answerWith(ok)
    const inits: object[] = []
    await send(
      { method: 'POST', body: { a: 1 } },
      {
        fetch: (url, init) => {
          inits.push(init)
          return fetch(url, init)
        },
      },
    )
    expect(seen[0]).toMatchObject({
      method: 'POST',
      headers: {
        authorization: `Bearer ${TOKEN}`,
        'content-type': 'application/json',
        accept: 'application/json',
      },
      body: '{"a":1}',
    })
    expect(inits[0]).toMatchObject({ redirect: 'error', credentials: 'omit', cache: 'no-store' })
  })

  it('follow no redirect', async () => {
    await answerWith(toStatus(302, { location: '/elsewhere' }), ok)
    await expect(send({}, { retries: 0 })).rejects.toMatchObject({ code: 'network_error' })
    expect(seen).toHaveLength(1)
  })

  it('that cannot be written as JSON are not sent', async () => {
    await answerWith(ok)
    await expect(send({ method: 'POST', body: { a: 1n } })).rejects.toMatchObject({
      code: 'invalid_argument',
    })
    expect(seen).toHaveLength(0)
  })
})

describe('arguments', () => {
  it('that cannot be sent are refused at once', async () => {
    await answerWith(ok)
    const client = new Client({ token: TOKEN, baseUrl: server.url })
    const create = (idempotencyKey: string): Promise<unknown> =>
      client.jwt.createUserJwt({ email: 'ada@example.com' }, { idempotencyKey })
    for (const call of [
      () => client.jwt.fetchUserTokens('\ud800'),
      () => client.jwt.fetchProjectTokens({ startingAfter: '\udfff' }),
      () => client.tokens.get('..'),
      () => create(''),
      () => create('a\r\nb'),
      () => create('ключ'),
      () => create('k'.repeat(256)),
      () => client.tokens.issue({}, { idempotencyKey: 'a b' }),
    ]) {
      await expect(call()).rejects.toMatchObject({ name: 'HallpassError', code: 'invalid_argument' })
    }
    expect(seen).toHaveLength(0)
  })
})

describe('answers', () => {
  it('that are not JSON are errors', async () => {
    await answerWith(
      (response) => response.writeHead(200).end('<html>'),
      (response) => response.writeHead(200).end('1'),
      (response) => response.writeHead(204).end(),
      (response) => response.writeHead(404).end('<html>'),
    )
    for (let i = 0; i < 3; i++) await expect(send()).rejects.toMatchObject({ code: 'invalid_response' })
    await expect(send()).rejects.toMatchObject({
      code: 'invalid_response',
      status: 404,
      message: 'the server answered 404',
    })
  })

  it('with errors of any form make errors of one form', async () => {
    for (const [body, expected] of [
      [{ error: 7 }, { code: 'invalid_response' }],
      [
        { error: 'a', message: ['b'], details: 'c' },
        { code: 'a', message: '', details: null },
      ],
      [
        { error: 'a', message: 'b', details: { field: 'f', scope: ['s'], remaining: 1, cost: 2, more: 3 } },
        { code: 'a', details: { field: 'f', scope: ['s'], remaining: 1, cost: 2 } },
      ],
      [{ errors: [] }, { code: 'invalid_response' }],
      [{ errors: [null] }, { code: 'invalid_response' }],
      [
        { errors: [{ code: 'c', message: 'm', suggestion: 's' }] },
        { code: 'c', details: { suggestion: 's' } },
      ],
      [[], { code: 'invalid_response' }],
    ] as const) {
      await answerWith(toStatus(400, {}, body))
      await expect(send()).rejects.toMatchObject({ status: 400, ...expected })
      await server.close()
      seen.length = 0
    }
    await answerWith(ok)
  })
})

describe('secrets', () => {
  it('are in no error, whatever the server or the network says', async () => {
    const echo = { error: TOKEN, message: `bad token ${TOKEN}`, details: { field: TOKEN } }
    await answerWith(toStatus(400, {}, echo), toStatus(400, {}, { errors: [{ code: 'c', message: TOKEN }] }))
    const errors: unknown[] = []
    const keep = (error: unknown): void => {
      errors.push(error)
    }
    await send({ method: 'POST', body: { token: TOKEN } }).catch(keep)
    await send().catch(keep)
    const leaky = () => Promise.reject(new TypeError(`fetch failed: ${TOKEN}`, { cause: new Error(TOKEN) }))
    await send({}, { fetch: leaky }).catch(keep)
    expect(errors).toHaveLength(3)
    for (const error of errors) {
      expect(error).toBeInstanceOf(HallpassError)
      const shown = `${inspect(error, { depth: 9 })} ${JSON.stringify(error)} ${String(error)}`
      expect(shown).not.toContain(TOKEN)
      expect(shown).not.toContain(TOKEN.split('.')[2])
    }
  })

  it('are sought in linear time, and found between other text', async () => {
    const text = `${'a-'.repeat(200_000)} host.name.${TOKEN} ${'a.'.repeat(200_000)}`
    await answerWith(toStatus(400, {}, { error: text, message: `see x.y ${TOKEN}` }))
    const began = performance.now()
    await expect(send()).rejects.toMatchObject({ message: 'see x.y [token]', code: text.slice(0, 500) })
    expect(performance.now() - began).toBeLessThan(2000)
  })

  it('are not in a client that is logged', async () => {
    await answerWith(ok)
    const client = new Client({ token: TOKEN, baseUrl: server.url })
    expect(`${inspect(client, { depth: 9, showHidden: true })} ${JSON.stringify(client)}`).not.toContain(
      'signature',
    )
    expect(inspect(client, { depth: 9, showHidden: true })).not.toContain(TOKEN)
  })
})
