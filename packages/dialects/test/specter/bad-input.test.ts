import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HOSTS, startExpressWithParsers } from '../hosts.ts'
import { startSpecter, TOKENS, toBasic } from './start-specter.ts'

const GOOD = { jwt_token_description: 'still works', jwt_token_life: '1 hour' }

/** Name → body; all of them 400 with this message. */
const BODIES: readonly (readonly [what: string, body: string | Uint8Array, message: RegExp])[] = [
  ['nothing', '', /^the body is not JSON$/],
  ['null', 'null', /^the body must be a JSON object$/],
  ['a list', '[]', /^the body must be a JSON object$/],
  ['a text', '"jwt_token_life"', /^the body must be a JSON object$/],
  ['a number', '1e999', /^the body/],
  ['half an object', '{"jwt_token_description": "x"', /^the body is not JSON$/],
  ['a comma too many', '{"jwt_token_description": "x",}', /^the body is not JSON$/],
  ['duplicate members', '{"jwt_token_life":"1 h","jwt_token_life":"9 h"}', /^the body is not JSON$/],
  ['a byte order mark', `\ufeff${JSON.stringify(GOOD)}`, /^the body is not JSON$/],
  ['invalid UTF-8', Uint8Array.of(0x22, 0xff, 0x22), /^the body is not JSON$/],
  ['20,000 brackets', '['.repeat(20_000), /^the body is not JSON$/],
  ['a deep object', `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`, /^(the body|jwt_token_description)/],
  ['no members', '{}', /^jwt_token_description is missing$/],
  ['no life', '{"jwt_token_description":"x"}', /^jwt_token_life is missing$/],
  ['no description', '{"jwt_token_life":"1 hour"}', /^jwt_token_description is missing$/],
  ['members of the prototype', `{"__proto__":${JSON.stringify(GOOD)}}`, /^jwt_token_description is missing$/],
  ['a form', 'jwt_token_description=x&jwt_token_life=1+hour', /^the body is not JSON$/],
]

describe.each(HOSTS)('specter and bad input in %s', (_name, startHost) => {
  it.each(BODIES)('a body of %s is 400 with a reason', async (_what, body, message) => {
    const { url, call, reported } = await startSpecter(startHost)
    const answer = await fetch(url + TOKENS, {
      method: 'POST',
      headers: { authorization: toBasic('admin'), 'content-type': 'application/json' },
      body,
    })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toEqual({ message: expect.stringMatching(message) })
    expect(reported).toEqual([])
    expect((await call('POST', TOKENS, { body: GOOD })).status).toBe(201)
  })

  it('members of another type are 400 and named', async () => {
    const { call } = await startSpecter(startHost)
    for (const name of ['jwt_token_description', 'jwt_token_life']) {
      for (const value of [null, 5, 0, true, [], ['1 hour'], {}, { toString: '1 hour' }]) {
        const { status, body } = await call('POST', TOKENS, { body: { ...GOOD, [name]: value } })
        expect([status, body]).toEqual([400, { message: `${name} must be a text` }])
      }
    }
  })

  it('descriptions that no list can show are 400 with a reason', async () => {
    const { call } = await startSpecter(startHost)
    for (const description of ['x'.repeat(256), 'a\u0000b', 'a\nb', 'a\u202eb', 'a\ud800b', '\u009f']) {
      const body = { ...GOOD, jwt_token_description: description }
      const answer = await call('POST', TOKENS, { body })
      expect(answer.status).toBe(400)
      expect(answer.body.message).toMatch(/^jwt_token_description must /)
    }
    const longest = { ...GOOD, jwt_token_description: '😀'.repeat(255) }
    expect((await call('POST', TOKENS, { body: longest })).status).toBe(201)
  })

  it('a body of 1 MB is 413, and the next call works', async () => {
    const { call } = await startSpecter(startHost)
    const body = { ...GOOD, jwt_token_description: 'x'.repeat(1_000_000) }
    const { status, body: answer } = await call('POST', TOKENS, { body })
    expect([status, answer]).toEqual([413, { message: 'the body is larger than 65536 bytes' }])
    expect((await call('POST', TOKENS, { body: GOOD })).status).toBe(201)
  })

  it('JSON is read whatever the Content-Type says', async () => {
    const { call, url } = await startSpecter(startHost)
    const types = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'é']
    for (const [index, type] of types.entries()) {
      const body = { ...GOOD, jwt_token_description: `type ${index}` }
      const answer = await call('POST', TOKENS, { body, headers: { 'content-type': type } })
      expect([type, answer.status]).toEqual([type, 201])
    }
    const answer = await fetch(url + TOKENS, {
      method: 'POST',
      headers: { authorization: toBasic('admin') },
      body: Buffer.from(JSON.stringify(GOOD)),
    })
    expect(answer.status).toBe(201)
  })

  it('a compressed body is 400', async () => {
    const { url } = await startSpecter(startHost)
    const answer = await fetch(url + TOKENS, {
      method: 'POST',
      headers: {
        authorization: toBasic('admin'),
        'content-type': 'application/json',
        'content-encoding': 'gzip',
      },
      body: gzipSync(JSON.stringify(GOOD)),
    })
    expect([answer.status, await answer.json()]).toEqual([400, { message: 'the body cannot be read' }])
  })

  it('paths that can be read in two ways are 400', async () => {
    const { call } = await startSpecter(startHost)
    for (const path of [`${TOKENS}/a%2fb`, `${TOKENS}/%5c`, `${TOKENS}/%00`, `${TOKENS}/%25`]) {
      const { status, body } = await call('GET', path)
      expect([status, body]).toEqual([400, { message: 'the request target is not acceptable' }])
    }
  })

  it('anything JSON can say gets a 201 or a 4xx with a message', async () => {
    const { call, reported } = await startSpecter(startHost)
    const member = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('1 hour', '1:30', '2 weeks, 3 days'),
      fc.jsonValue(),
    )
    const body = fc.oneof(
      fc.jsonValue(),
      fc.record(
        { jwt_token_description: member, jwt_token_life: member, ['__proto__']: fc.jsonValue() },
        { requiredKeys: [] },
      ),
    )
    await fc.assert(
      fc.asyncProperty(body, async (value) => {
        const { status, body: answer } = await call('POST', TOKENS, { body: JSON.stringify(value) })
        expect([201, 400]).toContain(status)
        expect(answer.message).toEqual(expect.any(String))
      }),
      { numRuns: 60 },
    )
    expect(reported).toEqual([])
  })
})

describe('specter behind the body parsers of Express', () => {
  it('takes what a parser made of the body', async () => {
    const { call } = await startSpecter(startExpressWithParsers)
    expect((await call('POST', TOKENS, { body: GOOD })).status).toBe(201)
    const text = { ...GOOD, jwt_token_description: 'as text' }
    const plain = await call('POST', TOKENS, { body: text, headers: { 'content-type': 'text/plain' } })
    expect(plain.status).toBe(201)
    expect((await call('POST', TOKENS, { body: [] })).status).toBe(400)
  })

  it('a form that a parser has read is 400', async () => {
    const { call } = await startSpecter(startExpressWithParsers)
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const arrays = 'jwt_token_description=a&jwt_token_description=b&jwt_token_life[x]=1'
    const { status, body } = await call('POST', TOKENS, { body: arrays, headers })
    expect([status, body]).toEqual([400, { message: 'jwt_token_description must be a text' }])
  })
})
