import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { createNodeRequest, managementHandler, tokenAuthorizer, writeResponse } from '../src/index.ts'
import { ADMIN, createService, send } from './management-call.ts'

const service = await createService()
const handler = managementHandler(service, { authorize: tokenAuthorizer(service) })

const server = createServer(async (incoming, outgoing) => {
  const target = incoming.url ?? '/'
  const request = createNodeRequest(incoming, { target, originalTarget: target, native: incoming })
  writeResponse(await handler(request), outgoing, incoming.method ?? '')
}).listen(0, '127.0.0.1')
await once(server, 'listening')
afterAll(() => server.close())
// Its routes are loaded from here on.
await send(handler, 'GET', '/')

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'

/** Sends headers and the beginning of a body; the rest when `meanwhile` is over. Resolves to the answer. */
async function sendSlowly(
  call: { method: string; target: string; token?: string; body: string },
  meanwhile: () => unknown,
): Promise<string> {
  const address = server.address()
  const socket = connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1')
  const lines = [
    `${call.method} ${call.target} HTTP/1.1`,
    'Host: x',
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${call.body.length}`,
    // Its answer says that the server has the headers.
    'Expect: 100-continue',
    ...(call.token === undefined ? [] : [`Authorization: Bearer ${call.token}`]),
  ]
  const closed = once(socket, 'close')
  let got = ''
  socket.on('data', (chunk: Buffer) => {
    got += String(chunk)
  })
  socket.write(`${lines.join('\r\n')}\r\n\r\n${call.body.slice(0, 1)}`)
  await vi.waitUntil(() => got.startsWith(CONTINUE))
  await meanwhile()
  socket.write(call.body.slice(1))
  await closed
  return got.slice(CONTINUE.length)
}

async function issueManager(): Promise<{ token: string; id: string }> {
  const { token, record } = await service.issue({ subject: 'manager', scope: ['hallpass'] })
  return { token, id: record.id }
}

async function countTokens(): Promise<number> {
  return (await service.list({ project: 'default' })).tokens.length
}

describe('who calls is asked when the body is there', () => {
  test('MGT-101 a token that is revoked during the upload issues nothing', async () => {
    const { token, id } = await issueManager()
    const before = await countTokens()
    const answer = await sendSlowly({ method: 'POST', target: '/', token, body: '{"name":"late"}' }, () =>
      service.revoke('default', id),
    )
    expect(answer).toMatch(/^HTTP\/1\.1 401 /)
    expect(answer).toContain('error="invalid_token"')
    expect(await countTokens()).toBe(before)
  })

  test('one that is good to the end does', async () => {
    const { token } = await issueManager()
    const before = await countTokens()
    const answer = await sendSlowly(
      { method: 'POST', target: '/', token, body: '{"name":"in time"}' },
      () => {},
    )
    expect(answer).toMatch(/^HTTP\/1\.1 201 /)
    expect(await countTokens()).toBe(before + 1)
  })

  test('MGT-101 and neither changes nor revokes anything', async () => {
    const other = await service.issue({ subject: 'manager', name: 'other', credits: 1 })
    const target = `/${other.record.id}`
    for (const [method, body] of [
      ['PATCH', '{"credits":{"add":5}}'],
      ['DELETE', '{ }'],
    ] as const) {
      const { token, id } = await issueManager()
      const answer = await sendSlowly({ method, target, token, body }, () => service.revoke('default', id))
      expect(answer, method).toMatch(/^HTTP\/1\.1 401 /)
    }
    expect(await service.get('default', other.record.id)).toMatchObject({
      status: 'active',
      credits: { limit: 1 },
    })
  })

  test('nobody is told what is wrong with a body', async () => {
    for (const body of ['{"nam":"x"}', 'no JSON', '[]']) {
      const answer = await sendSlowly({ method: 'POST', target: '/', body }, () => {})
      expect(answer, body).toMatch(/^HTTP\/1\.1 401 /)
    }
  })
})

describe('the order of refusals', () => {
  const closed = managementHandler(service, { authorize: () => null })
  const open = managementHandler(service, { authorize: () => ADMIN })
  const tooLarge = {
    body: () => Promise.reject(Object.assign(new Error('large'), { code: 'body_too_large' })),
  }
  const headers = [['content-type', 'application/json']] as const

  test.each([
    ['an unknown parameter', '/?x=1', tooLarge, 400],
    ['another type', '/', tooLarge, 415],
    ['too many bytes', '/', { ...tooLarge, headers }, 413],
    ['no JSON', '/', { bytes: Buffer.from('{'), headers }, 400],
    ['what a parser made of nothing', '/', { parsed: { value: undefined }, headers }, 400],
  ] as const)('of %s only those learn who may call', async (_what, target, sent, status) => {
    expect(await send(closed, 'POST', target, sent)).toMatchObject({ status: 401 })
    expect(await send(open, 'POST', target, sent)).toMatchObject({ status })
  })

  test('a body that is not asked for is not read', async () => {
    const body = vi.fn(() => Promise.reject(new Error('read')))
    const unread = { body, headers: [['content-length', '9']] } as const
    expect(await send(open, 'GET', '/', unread)).toMatchObject({ status: 200 })
    expect(await send(open, 'HEAD', '/', unread)).toMatchObject({ status: 200 })
    expect(await send(closed, 'GET', '/jwks.json', unread)).toMatchObject({ status: 200 })
    const none = { body, headers: [['content-length', '0']] } as const
    const target = '/?project=default&subject=nobody'
    expect(await send(open, 'DELETE', target, none)).toMatchObject({ status: 200 })
    expect(body).not.toHaveBeenCalled()
  })
})
