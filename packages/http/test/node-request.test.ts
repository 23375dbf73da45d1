import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { HttpRequest, ParsedBody } from '../src/handler.ts'
import { BodyError, createNodeRequest, writeResponse } from '../src/index.ts'
import { createIncoming } from './incoming-message.ts'

/** Sends bytes to a server of this listener and returns all that comes back. */
async function serve(listener: RequestListener, bytes: string, hangUp: boolean = false): Promise<string> {
  let answered = (): void => {}
  const answer = new Promise<void>((resolve) => {
    answered = resolve
  })
  const server = createServer((incoming, response) => {
    response.once('close', answered)
    listener(incoming, response)
    if (hangUp) socket.destroy()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const socket = connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.on('error', () => {})
  socket.write(bytes)
  await once(socket, 'close')
  await answer
  server.close()
  server.closeAllConnections()
  return Buffer.concat(chunks).toString()
}

const POST = 'POST /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n'

type Prepare = (incoming: IncomingMessage) => unknown

/** What `body` gives for a request, after `prepare` has had its way; `prepare` returns what a parser left. */
async function readBody(
  bytes: string,
  options: { limit?: number; prepare?: Prepare; hangUp?: boolean } = {},
): Promise<string | Uint8Array | ParsedBody> {
  const { limit = 100, prepare = () => undefined, hangUp = false } = options
  return new Promise((resolve, reject) => {
    const listener: RequestListener = (incoming, response) => {
      void (async () => {
        const parsedBody = await prepare(incoming)
        const request = createNodeRequest(incoming, {
          target: '/a',
          originalTarget: '/a',
          native: null,
          parsedBody,
        })
        try {
          resolve(await request.body(limit))
        } catch (error) {
          resolve(error instanceof BodyError ? error.code : `not a BodyError: ${String(error)}`)
        }
        response.end()
      })()
    }
    serve(listener, bytes, hangUp).catch(reject)
  })
}

async function drain(incoming: IncomingMessage): Promise<void> {
  incoming.resume()
  await once(incoming, 'end')
}

describe('a body', () => {
  test('that nobody read comes as bytes', async () => {
    expect(
      Buffer.from((await readBody(`${POST}Content-Length: 3\r\n\r\nabc`)) as Uint8Array).toString(),
    ).toBe('abc')
  })

  test('that is chunked comes as bytes', async () => {
    const bytes = await readBody(`${POST}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`)
    expect(bytes).toEqual(Buffer.from('abcde'))
  })

  test('that is not there is empty', async () => {
    expect(await readBody('GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toEqual(Buffer.alloc(0))
  })

  test('that a parser read comes as what it made of it', async () => {
    const prepare: Prepare = async (incoming) => {
      await drain(incoming)
      return { a: 1 }
    }
    expect(await readBody(`${POST}Content-Length: 3\r\n\r\nabc`, { prepare })).toEqual({ parsed: { a: 1 } })
  })

  test('that a parser read as bytes comes as bytes, within the limit', async () => {
    const prepare: Prepare = async (incoming) => {
      await drain(incoming)
      return Buffer.from('abc')
    }
    const bytes = `${POST}Content-Length: 3\r\n\r\nabc`
    expect(await readBody(bytes, { prepare })).toEqual(Buffer.from('abc'))
    expect(await readBody(bytes, { prepare, limit: 2 })).toBe('body_too_large')
  })

  test('is read although a parser that did not look at it left an empty object', async () => {
    expect(await readBody(`${POST}Content-Length: 3\r\n\r\nabc`, { prepare: () => ({}) })).toEqual(
      Buffer.from('abc'),
    )
  })

  test('CAR-44 that somebody drained and kept nothing of is an error, no hang', async () => {
    expect(await readBody(`${POST}Content-Length: 3\r\n\r\nabc`, { prepare: drain })).toBe('body_unreadable')
    expect(await readBody(`${POST}Content-Length: 0\r\n\r\n`, { prepare: drain })).toBe('body_unreadable')
  })

  test('CAR-45 that is declared over the limit, or grows over it, is refused', async () => {
    expect(await readBody(`${POST}Content-Length: 101\r\n\r\n${'x'.repeat(101)}`)).toBe('body_too_large')
    expect(
      await readBody(`${POST}Transfer-Encoding: chunked\r\n\r\n65\r\n${'x'.repeat(101)}\r\n0\r\n\r\n`),
    ).toBe('body_too_large')
    expect(await readBody(`${POST}Content-Length: 100\r\n\r\n${'x'.repeat(100)}`)).toHaveLength(100)
  })

  test('CAR-46 whose sender goes away is an error, no hang', async () => {
    expect(await readBody(`${POST}Content-Length: 50\r\n\r\nabc`, { hangUp: true })).toBe('body_aborted')
  })

  test('CAR-47 of a request that is gone already is an error', async () => {
    const prepare: Prepare = (incoming) => {
      incoming.destroy()
    }
    expect(await readBody(`${POST}Content-Length: 50\r\n\r\n`, { prepare })).toBe('body_aborted')
  })

  test('CAR-48 that is compressed is refused', async () => {
    expect(await readBody(`${POST}Content-Encoding: br\r\nContent-Length: 3\r\n\r\nabc`)).toBe(
      'body_unreadable',
    )
    expect(await readBody(`${POST}Content-Encoding: identity\r\nContent-Length: 3\r\n\r\nabc`)).toEqual(
      Buffer.from('abc'),
    )
  })

  test('CAR-49 of a stream that was set to text is an error', async () => {
    const prepare: Prepare = (incoming) => {
      incoming.setEncoding('utf8')
    }
    expect(await readBody(`${POST}Content-Length: 3\r\n\r\nabc`, { prepare })).toBe('body_unreadable')
  })

  test('is read once: the second caller gets the same', async () => {
    const bodies: unknown[] = []
    await serve((incoming, response) => {
      const request = createNodeRequest(incoming, { target: '/', originalTarget: '/', native: null })
      void Promise.all([request.body(10), request.body(1)]).then((read) => {
        bodies.push(...read)
        response.end()
      })
    }, `${POST}Content-Length: 3\r\n\r\nabc`)
    expect(bodies).toEqual([Buffer.from('abc'), Buffer.from('abc')])
  })

  test('that was refused does not block the next request of its connection', async () => {
    const listener: RequestListener = (incoming, response) => {
      const request = createNodeRequest(incoming, { target: '/', originalTarget: '/', native: null })
      request.body(10).then(
        () => response.end('read'),
        (error: unknown) => response.end(error instanceof BodyError ? error.code : 'other'),
      )
    }
    const first = `POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n${'x'.repeat(5000)}`
    const answers = await serve(listener, `${first}${POST}Content-Length: 3\r\n\r\nabc`)
    expect(answers).toMatch(/body_too_large[\s\S]*read$/)
  })
})

describe('a request', () => {
  const incoming = createIncoming(
    [
      ['X-Two', 'a'],
      ['Host', 'x'],
      ['x-two', 'b, c'],
    ],
    { method: 'DELETE', peer: '203.0.113.9' },
  )
  const native = { native: true }
  const request: HttpRequest = createNodeRequest(incoming, { target: '/b', originalTarget: '/a/b', native })

  test('is what was sent', () => {
    const { method, target, originalTarget, peer } = request
    expect({ method, target, originalTarget, peer }).toEqual({
      method: 'DELETE',
      target: '/b',
      originalTarget: '/a/b',
      peer: '203.0.113.9',
    })
    expect(request.native).toBe(native)
  })

  test('has every line of every header, gathered once', () => {
    expect([...request.headers]).toEqual([
      ['x-two', ['a', 'b, c']],
      ['host', ['x']],
    ])
    expect(request.headers).toBe(request.headers)
  })
})

describe('a response', () => {
  const answer = (method: string, write: RequestListener): Promise<string> =>
    serve(write, `${method} / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)

  test('has its status, its headers and the length of its body in bytes', async () => {
    const text = await answer('GET', (_, response) => {
      response.setHeader('x-before', 'kept')
      response.setHeader('content-type', 'text/html')
      writeResponse({ status: 201, headers: { 'content-type': 'text/plain' }, body: 'é' }, response, 'GET')
    })
    expect(text).toMatch(/^HTTP\/1\.1 201 Created\r\n/)
    expect(text).toMatch(/x-before: kept\r\n/)
    expect(text).toMatch(/content-type: text\/plain\r\n/)
    expect(text).not.toMatch(/text\/html/)
    expect(text).toMatch(/content-length: 2\r\n[\s\S]*\r\n\r\né$/)
  })

  test('to HEAD has the headers and no body', async () => {
    const text = await answer('HEAD', (_, response) =>
      writeResponse({ status: 200, headers: {}, body: Buffer.from('abc') }, response, 'HEAD'),
    )
    expect(text).toMatch(/content-length: 3\r\n[\s\S]*\r\n\r\n$/)
  })

  test('without a body says so, and a 204 has no length', async () => {
    const empty = await answer('GET', (_, response) =>
      writeResponse({ status: 404, headers: {}, body: null }, response, 'GET'),
    )
    const none = await answer('GET', (_, response) =>
      writeResponse({ status: 204, headers: { allow: 'GET' }, body: 'x' }, response, 'GET'),
    )
    expect(empty).toMatch(/content-length: 0\r\n/)
    expect(none).toMatch(/allow: GET\r\n/)
    expect(none).not.toMatch(/content-length/)
    expect(none).toMatch(/\r\n\r\n$/)
  })

  test('is not sent when another one has begun', async () => {
    const text = await answer('GET', (_, response) => {
      response.end('first')
      writeResponse({ status: 500, headers: {}, body: 'second' }, response, 'GET')
    })
    expect(text).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*first$/)
  })
})
