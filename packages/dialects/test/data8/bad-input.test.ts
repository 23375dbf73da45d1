import { once } from 'node:events'
import { createServer } from 'node:http'
import { gzipSync } from 'node:zlib'
import { createNodeRequest, writeResponse } from '@hallpass/http'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HOSTS, startExpress, startExpressWithParsers } from '../hosts.ts'
import { createParameters, GET_JWT, IS_VALID, SOAP, startData8, toFailed } from './start-data8.ts'

const GOOD = JSON.stringify(createParameters())

const BODIES: readonly (readonly [what: string, body: string | Uint8Array, message: string])[] = [
  ['nothing', '', 'the body is not JSON'],
  ['null', 'null', 'the body must be a JSON object'],
  ['a list', `[${GOOD}]`, 'the body must be a JSON object'],
  ['a text', '"ada"', 'the body must be a JSON object'],
  ['a number', '1', 'the body must be a JSON object'],
  ['a number that overflows', '1e999', 'the body is not JSON'],
  ['half an object', GOOD.slice(0, -1), 'the body is not JSON'],
  ['duplicate members', GOOD.replace('{', '{"username":"bob",'), 'the body is not JSON'],
  ['duplicate members, one escaped', GOOD.replace('{', '{"user\\u006eame":"bob",'), 'the body is not JSON'],
  ['invalid UTF-8', Uint8Array.of(0x22, 0xff, 0x22), 'the body is not JSON'],
  ['20,000 brackets', '['.repeat(20_000), 'the body is not JSON'],
  ['a deep object', `${'{"options":'.repeat(5000)}1${'}'.repeat(5000)}`, 'the body is not JSON'],
  ['XML', '<GetJWT/>', 'the body is not JSON'],
  ['1 MB in a field', GOOD.replace('ada', 'x'.repeat(1_000_000)), 'the body is larger than 65536 bytes'],
]

describe.each(HOSTS)('data8 and bad input in %s', (_name, startHost) => {
  it.each(BODIES)(
    'a body of %s is refused with a reason, and the next good call works',
    async (_what, body, message) => {
      const { post, reported } = await startData8(startHost)
      const answer = await post(GET_JWT, body)
      expect([answer.status, answer.body]).toEqual([200, toFailed(message)])
      expect((await post(GET_JWT, GOOD)).body.Status?.Success).toBe(true)
      expect(reported).toEqual([])
    },
  )

  it('parameters of another type are refused and named', async () => {
    const { post } = await startData8(startHost)
    const texts = ['username', 'password', 'clientIp', 'expiresAt']
    for (const name of texts) {
      for (const value of [5, 0, true, false, [], ['ada'], {}, { toString: 'ada' }]) {
        const { status, body } = await post(GET_JWT, createParameters({ [name]: value }))
        expect([name, status, body]).toEqual([name, 200, toFailed(`${name} must be a text`)])
      }
    }
  })

  it('a compressed body is refused with a reason', async () => {
    const { post } = await startData8(startHost)
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
    const { status, body } = await post(GET_JWT, gzipSync(GOOD), headers)
    expect([status, body]).toEqual([200, toFailed('the body cannot be read')])
  })
})

describe('data8 and bodies that somebody else has read', () => {
  it('one that is gone is refused with a reason', async () => {
    const { post } = await startData8(async (mounts) => {
      const server = createServer(async (incoming, response) => {
        for await (const _chunk of incoming);
        const target = (incoming.url ?? '').slice('/data8'.length)
        const request = createNodeRequest(incoming, {
          target,
          originalTarget: incoming.url ?? '',
          native: incoming,
        })
        const answer = await mounts[0]?.handler(request)
        if (answer !== undefined) writeResponse(answer, response, incoming.method ?? '')
      }).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const address = server.address()
      const port = typeof address === 'object' ? address?.port : undefined
      return {
        url: `http://127.0.0.1:${port}`,
        close: async () => {
          server.closeAllConnections()
          server.close()
        },
      }
    })
    const { status, body } = await post(GET_JWT, GOOD)
    expect([status, body]).toEqual([200, toFailed('the body cannot be read')])
    expect((await post(SOAP, GOOD)).text).toContain('<ErrorMessage>the body cannot be read</ErrorMessage>')
  })

  it('what a parser made of it is judged as anything else', async () => {
    const { post } = await startData8(startExpressWithParsers)
    for (const body of ['[]', '{"options": []}', '{"__proto__": {"username": "ada"}}', '{"expiresAt": {}}']) {
      const { status, body: answer } = await post(GET_JWT, body)
      expect([status, answer.Status?.Success]).toEqual([200, false])
    }
  })
})

describe('data8 and whatever else is sent', () => {
  it('answers 200 in the documented form, and never with a token', async () => {
    const { post, reported } = await startData8(startExpress)
    const value = fc.oneof(
      fc.jsonValue(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('ada', '2026-11-21T13:00:00Z', 5),
    )
    const name = fc.constantFrom(
      'username',
      'clientIp',
      'expiresAt',
      'allowedMethods',
      'maxCredits',
      'options',
      'email',
      'level',
      '__proto__',
    )
    const objects = fc.dictionary(name, value)
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(GET_JWT, IS_VALID, SOAP),
        fc.oneof(objects, fc.jsonValue()),
        async (path, sent) => {
          const { status, text, body } = await post(path, JSON.stringify(sent))
          expect(status).toBe(200)
          if (path === SOAP) expect(text).toContain('<Success>false</Success>')
          else expect(body.Status?.Success).toBe(false)
          expect(text).not.toMatch(/"Jwt"|<Jwt>/)
        },
      ),
      { numRuns: 150 },
    )
    expect(reported).toEqual([])
  })
})
