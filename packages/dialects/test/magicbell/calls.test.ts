import { parseUniqueJson } from '@hallpass/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { MagicBellWire } from '../../src/index.ts'
import { HOSTS } from '../hosts.ts'
import { type Answer, type Bench, startMagicBell } from './start-magicbell.ts'

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const NOW = '2026-11-21T12:00:00.000Z'

const toAccess = ({ body }: Answer): MagicBellWire.AccessTokenJson => body as MagicBellWire.AccessTokenJson
const toList = ({ body }: Answer): MagicBellWire.TokenListJson => body as MagicBellWire.TokenListJson
const toIds = (answer: Answer): readonly string[] => toList(answer).data.map(({ id }) => id)

function readSegment(token: string, at: number): unknown {
  return parseUniqueJson(Buffer.from(token.split('.')[at] ?? '', 'base64url'))
}

describe.each(HOSTS)('MagicBell on %s', (_name, start) => {
  let bench: Bench
  beforeEach(async () => {
    bench = await startMagicBell(start)
  })
  afterEach(() => bench.close())

  const create = async (
    path: string,
    json: unknown,
    headers = {},
  ): Promise<MagicBellWire.AccessTokenJson> => {
    const answer = await bench.call('POST', path, { json, headers })
    expect(answer.status).toBe(201)
    return toAccess(answer)
  }

  describe('POST /jwt/project', () => {
    it('answers 201 with the token, its id, and when it was made and expires', async () => {
      const answer = await bench.call('POST', '/jwt/project', { json: { name: 'ci', expiry: 60 } })
      expect(answer.status).toBe(201)
      expect(answer.body).toEqual({
        token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
        token_id: expect.stringMatching(UUID),
        created_at: NOW,
        expires_at: '2026-11-21T12:01:00.000Z',
      })
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
      expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
    })

    it('leaves expires_at out, and never expires, without an expiry', async () => {
      const { token, ...rest } = await create('/jwt/project', { name: 'for ever' })
      expect(rest).toEqual({ token_id: expect.stringMatching(UUID), created_at: NOW })
      bench.clock.advance(100 * 365 * 86_400)
      expect((await bench.call('GET', '/jwt/project', { token })).status).toBe(200)
    })

    it('makes a token that opens /jwt, until it expires', async () => {
      const { token } = await create('/jwt/project', { name: 'short', expiry: 60 })
      expect((await bench.call('GET', '/jwt/project', { token })).status).toBe(200)
      bench.clock.advance(60)
      expect((await bench.call('GET', '/jwt/project', { token })).status).toBe(401)
    })

    it('signs with HS256, with jti, iat, exp and a kid', async () => {
      const { token, token_id } = await create('/jwt/project', { name: 'x', expiry: 60 })
      expect(readSegment(token, 0)).toEqual({ alg: 'HS256', typ: 'JWT', kid: expect.any(String) })
      expect(readSegment(token, 1)).toEqual({ jti: token_id, iat: 1795262400, exp: 1795262460 })
    })

    it('passes over members that it does not know, and takes null for left out', async () => {
      await create('/jwt/project', { name: 'x', expiry: null, scopes: ['a'], ['__proto__']: { admin: true } })
      await create('/jwt/user', { email: 'ada@example.com', external_id: null, name: null, expiry: null })
    })
  })

  describe('POST /jwt/user', () => {
    it('puts user_email and user_external_id into the token', async () => {
      const json = { email: 'ada@example.com', external_id: 'user-1', name: 'phone', expiry: 60 }
      const { token, token_id } = await create('/jwt/user', json)
      expect(readSegment(token, 1)).toEqual({
        user_email: 'ada@example.com',
        user_external_id: 'user-1',
        jti: token_id,
        iat: 1795262400,
        exp: 1795262460,
      })
    })

    it('needs one of email and external_id, and no name', async () => {
      const byEmail = await create('/jwt/user', { email: 'ada@example.com' })
      expect(readSegment(byEmail.token, 1)).toEqual({
        user_email: 'ada@example.com',
        jti: byEmail.token_id,
        iat: 1795262400,
      })
      await create('/jwt/user', { external_id: 'user-1' })
      expect(await bench.call('POST', '/jwt/user', { json: { name: 'nobody' } })).toMatchObject({
        status: 422,
        body: {
          errors: [{ code: 'invalid_request_error', message: expect.stringContaining('external_id') }],
        },
      })
    })
  })

  describe('Idempotency-Key', () => {
    it.each([
      ['/jwt/project', { name: 'ci', expiry: 60 }],
      ['/jwt/user', { email: 'ada@example.com' }],
    ])('gives the same token text again at %s, whatever the order of the members', async (path, json) => {
      const headers = { 'idempotency-key': 'key-1' }
      const first = await create(path, json, headers)
      bench.clock.advance(5)
      const reordered = Object.fromEntries(Object.entries(json).reverse())
      expect(await create(path, reordered, headers)).toEqual(first)
      expect((await create(path, json, { 'idempotency-key': 'key-2' })).token).not.toBe(first.token)
      expect((await create(path, json)).token).not.toBe(first.token)
    })

    it('gives 422 for another body under the same key, and for a key that is none', async () => {
      const headers = { 'idempotency-key': 'key-1' }
      await create('/jwt/project', { name: 'ci' }, headers)
      const other = await bench.call('POST', '/jwt/project', { json: { name: 'other' }, headers })
      expect(other).toMatchObject({ status: 422, body: { errors: [{ code: 'invalid_request_error' }] } })
      for (const key of ['with space', 'x'.repeat(256), '']) {
        const answer = await bench.call('POST', '/jwt/project', {
          json: { name: 'ci' },
          headers: { 'idempotency-key': key },
        })
        expect(answer.status).toBe(422)
      }
    })

    it('gives one token to two calls at once', async () => {
      const headers = { 'idempotency-key': 'key-1' }
      const [a, b] = await Promise.all([
        create('/jwt/project', { name: 'ci' }, headers),
        create('/jwt/project', { name: 'ci' }, headers),
      ])
      expect(a).toEqual(b)
    })
  })

  describe('DELETE', () => {
    it.each([
      ['project', { name: 'ci' }],
      ['user', { external_id: 'user-1' }],
    ])(
      'answers 200 with token_id and discarded_at for a %s token, and again the first time',
      async (kind, json) => {
        const { token_id } = await create(`/jwt/${kind}`, json)
        bench.clock.advance(10)
        const first = await bench.call('DELETE', `/jwt/${kind}/${token_id}`)
        expect(first).toMatchObject({
          status: 200,
          body: { token_id, discarded_at: '2026-11-21T12:00:10.000Z' },
        })
        bench.clock.advance(10)
        expect(await bench.call('DELETE', `/jwt/${kind}/${token_id}`)).toMatchObject({
          status: 200,
          body: first.body,
        })
      },
    )

    it('stops a token on the next request', async () => {
      const project = await create('/jwt/project', { name: 'ci' })
      const user = await create('/jwt/user', { external_id: 'user-1' })
      await bench.call('DELETE', `/jwt/project/${project.token_id}`)
      await bench.call('DELETE', `/jwt/user/${user.token_id}`)
      expect((await bench.call('GET', '/jwt/project', { token: project.token })).status).toBe(401)
      expect((await bench.call('GET', '/me', { token: user.token })).status).toBe(401)
    })

    it('answers 404 for ids of nobody, of the other kind, and of no form', async () => {
      const project = await create('/jwt/project', { name: 'ci' })
      const user = await create('/jwt/user', { external_id: 'user-1' })
      const native = await bench.service.issue({ subject: 'ada' })
      for (const path of [
        `/jwt/project/${user.token_id}`,
        `/jwt/user/${project.token_id}`,
        `/jwt/project/${native.record.id}`,
        `/jwt/user/${native.record.id}`,
        '/jwt/project/019b1b1e-7b1b-7b1b-8b1b-1b1b1b1b1b1b',
        '/jwt/user/ada@example.com',
        '/jwt/project/__proto__',
      ]) {
        expect(await bench.call('DELETE', path)).toMatchObject({
          status: 404,
          body: { errors: [{ code: 'not_found_error', message: 'there is no such token' }] },
        })
      }
      expect((await bench.service.get('default', native.record.id))?.status).toBe('active')
    })
  })

  describe('GET /jwt/project', () => {
    it('shows live tokens, newest first, as tokens and as data, without the text', async () => {
      const [own] = toIds(await bench.call('GET', '/jwt/project'))
      bench.clock.advance(1)
      const short = await create('/jwt/project', { name: 'short', expiry: 60 })
      bench.clock.advance(1)
      const gone = await create('/jwt/project', { name: 'gone' })
      const last = await create('/jwt/project', { name: 'last' })
      await create('/jwt/user', { external_id: 'user-1' })
      await bench.service.issue({ subject: 'magicbell-project', application: 'magicbell' })
      await bench.call('DELETE', `/jwt/project/${gone.token_id}`)
      const answer = await bench.call('GET', '/jwt/project')
      const data = [
        { id: last.token_id, name: 'last', created_at: '2026-11-21T12:00:02.000Z' },
        {
          id: short.token_id,
          name: 'short',
          created_at: '2026-11-21T12:00:01.000Z',
          expires_at: '2026-11-21T12:01:01.000Z',
        },
        { id: own, name: 'project token', created_at: NOW },
      ]
      expect(answer.status).toBe(200)
      expect(answer.body).toEqual({ data, tokens: data, links: { first: '/magicbell/v2/jwt/project' } })
      bench.clock.advance(60)
      expect(toIds(await bench.call('GET', '/jwt/project'))).toEqual([last.token_id, own])
    })

    it('gives pages by their next links', async () => {
      const made: string[] = []
      for (let i = 0; i < 6; i++)
        made.unshift((await create('/jwt/project', { name: `token ${i}` })).token_id)
      const seen: string[] = []
      let path: string | undefined = '/jwt/project?limit=3'
      while (path !== undefined) {
        const answer: Answer = await bench.call('GET', path)
        expect(answer.status).toBe(200)
        const { data, links } = toList(answer)
        expect(links.first).toBe('/magicbell/v2/jwt/project?limit=3')
        expect(data.length).toBeLessThanOrEqual(3)
        seen.push(...data.map(({ id }) => id))
        path = links.next?.slice('/magicbell/v2'.length)
      }
      expect(seen.slice(0, 6)).toEqual(made)
      expect(seen).toHaveLength(7)
    })

    it('refuses cursors that it did not give, limits out of bounds and reading backwards', async () => {
      for (const query of [
        'starting_after=abc',
        'limit=0',
        'limit=201',
        'limit=-1',
        'limit=1e9',
        'limit=',
        'limit=1&limit=2',
        'limit=%ff',
        'ending_before=abc',
      ]) {
        const answer = await bench.call('GET', `/jwt/project?${query}`)
        expect([query, answer.status]).toEqual([query, 422])
        expect(answer.body).toMatchObject({ errors: [{ code: 'invalid_request_error' }] })
      }
    })
  })

  describe('GET /jwt/user/{user_id}', () => {
    it('finds the tokens of a user by external id, by email and by id', async () => {
      const both = await create('/jwt/user', {
        email: 'ada@example.com',
        external_id: 'user/1 é',
        name: 'phone',
      })
      const byEmail = await create('/jwt/user', { email: 'Ada@example.com' })
      const byExternalId = await create('/jwt/user', { external_id: 'user-2' })
      await create('/jwt/user', { external_id: 'user-3', email: 'eve@example.com' })
      const meOfBoth = await bench.call('GET', '/me', { token: both.token })
      const { id } = meOfBoth.body as MagicBellWire.MeJson
      expect(id).toMatch(UUID)
      expect(toIds(await bench.call('GET', '/jwt/user/ada@example.com'))).toEqual([
        byEmail.token_id,
        both.token_id,
      ])
      expect(toIds(await bench.call('GET', '/jwt/user/ada%40example.com'))).toHaveLength(2)
      expect(toIds(await bench.call('GET', '/jwt/user/user-2'))).toEqual([byExternalId.token_id])
      expect(toList(await bench.call('GET', `/jwt/user/${id}`))).toMatchObject({
        data: [{ id: both.token_id, name: 'phone', created_at: NOW }],
        links: { first: `/magicbell/v2/jwt/user/${id}` },
      })
    })

    it('finds an external id with white space and letters of any script', async () => {
      const { token_id } = await create('/jwt/user', { external_id: 'Zoë & Ada +1' })
      expect(toIds(await bench.call('GET', `/jwt/user/${encodeURIComponent('Zoë & Ada +1')}`))).toEqual([
        token_id,
      ])
    })

    it('finds an external id that is itself a UUID or an email', async () => {
      const uuid = '0b6e1f0a-3f0e-4a52-9a4e-2f0b8f2f3c11'
      const first = await create('/jwt/user', { external_id: uuid })
      const second = await create('/jwt/user', { external_id: 'eve@example.com' })
      expect(toIds(await bench.call('GET', `/jwt/user/${uuid}`))).toEqual([first.token_id])
      expect(toIds(await bench.call('GET', '/jwt/user/eve@example.com'))).toEqual([second.token_id])
    })

    it('leaves null fields out, and shows live tokens only', async () => {
      const kept = await create('/jwt/user', { external_id: 'user-1' })
      const gone = await create('/jwt/user', { external_id: 'user-1', expiry: 5 })
      const discarded = await create('/jwt/user', { external_id: 'user-1' })
      await bench.call('DELETE', `/jwt/user/${discarded.token_id}`)
      bench.clock.advance(5)
      const { data } = toList(await bench.call('GET', '/jwt/user/user-1'))
      expect(data).toEqual([{ id: kept.token_id, created_at: NOW }])
      expect(data.map(({ id }) => id)).not.toContain(gone.token_id)
    })

    it('gives pages by their next links, also of a user found by email', async () => {
      const made: string[] = []
      for (let i = 0; i < 5; i++) {
        made.unshift(
          (await create('/jwt/user', { email: 'ada@example.com', external_id: `user-${i}` })).token_id,
        )
      }
      const seen: string[] = []
      let path: string | undefined = '/jwt/user/ada@example.com?limit=2'
      while (path !== undefined) {
        const answer: Answer = await bench.call('GET', path)
        seen.push(...toIds(answer))
        path = toList(answer).links.next?.slice('/magicbell/v2'.length)
      }
      expect(seen).toEqual(made)
      for (const cursor of ['abc', 'email.abc', 'id.', 'nobody.abc']) {
        const answer = await bench.call('GET', `/jwt/user/ada@example.com?starting_after=${cursor}`)
        expect(answer.status).toBe(422)
      }
    })

    it('has an empty list of somebody whom no token was made for', async () => {
      expect(await bench.call('GET', '/jwt/user/nobody')).toMatchObject({
        status: 200,
        body: { data: [], tokens: [], links: { first: '/magicbell/v2/jwt/user/nobody' } },
      })
      // Nest's routers answer a path that is not UTF-8 themselves.
      expect([400, 422]).toContain((await bench.call('GET', '/jwt/user/%ff')).status)
      expect((await bench.call('GET', `/jwt/user/${'x'.repeat(513)}`)).status).toBe(422)
    })
  })

  describe('GET /me', () => {
    it('says who the bearer of a user token is', async () => {
      const both = await create('/jwt/user', { email: 'ada@example.com', external_id: 'user-1' })
      const byEmail = await create('/jwt/user', { email: 'ada@example.com' })
      const me = await bench.call('GET', '/me', { token: both.token })
      expect(me.status).toBe(200)
      expect(me.body).toEqual({
        id: expect.stringMatching(UUID),
        email: 'ada@example.com',
        external_id: 'user-1',
      })
      expect((await bench.call('GET', '/me', { token: byEmail.token })).body).toEqual({
        id: expect.stringMatching(UUID),
        email: 'ada@example.com',
      })
    })

    it('ends with the expiry of the token', async () => {
      const { token } = await create('/jwt/user', { external_id: 'user-1', expiry: 60 })
      bench.clock.advance(59)
      expect((await bench.call('GET', '/me', { token })).status).toBe(200)
      bench.clock.advance(1)
      expect(await bench.call('GET', '/me', { token })).toMatchObject({
        status: 401,
        body: { errors: [{ code: 'authentication_error', message: 'the access token has expired' }] },
      })
    })
  })

  describe('refusals', () => {
    const CALLS: readonly (readonly [method: string, path: string])[] = [
      ['GET', '/jwt/project'],
      ['POST', '/jwt/project'],
      ['DELETE', '/jwt/project/019b1b1e-7b1b-7b1b-8b1b-1b1b1b1b1b1b'],
      ['POST', '/jwt/user'],
      ['DELETE', '/jwt/user/019b1b1e-7b1b-7b1b-8b1b-1b1b1b1b1b1b'],
      ['GET', '/jwt/user/ada@example.com'],
      ['GET', '/me'],
    ]

    it('answer 401 authentication_error without a token, whatever else is wrong', async () => {
      for (const [method, path] of CALLS) {
        for (const headers of [{}, { authorization: 'Basic YTpi' }, { authorization: 'Bearer a b' }]) {
          const answer = await bench.call(method, path, { token: null, headers })
          expect(answer).toMatchObject({
            status: 401,
            body: {
              errors: [
                {
                  code: 'authentication_error',
                  message: 'an access token is required',
                  suggestion: expect.any(String),
                },
              ],
            },
          })
          expect(answer.headers.get('www-authenticate')).toBe('Bearer')
          expect(answer.headers.get('cache-control')).toBe('no-store')
        }
      }
    })

    it('answer 401 for tokens that are none, of the other kind, or of a native issue', async () => {
      const user = await create('/jwt/user', { external_id: 'user-1' })
      const native = await bench.service.issue({ subject: 'ada', scope: ['hallpass'] })
      for (const [method, path] of CALLS) {
        const wrongKind = path === '/me' ? bench.token : user.token
        for (const token of [wrongKind, native.token, 'abc', 'a.b.c', `${bench.token}x`]) {
          const answer = await bench.call(method, path, { token })
          expect(answer).toMatchObject({ status: 401, body: { errors: [{ code: 'authentication_error' }] } })
          expect(answer.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"')
        }
      }
    })

    it('answer 422 invalid_request_error that names the member', async () => {
      for (const [path, member, json] of [
        ['/jwt/project', 'name', {}],
        ['/jwt/project', 'name', { name: null }],
        ['/jwt/project', 'name', { name: '' }],
        ['/jwt/project', 'name', { name: 'x'.repeat(256) }],
        ['/jwt/project', 'name', { name: 7 }],
        ['/jwt/project', 'name', { name: ['x'] }],
        ['/jwt/project', 'name', { name: 'a\u202eb' }],
        ['/jwt/project', 'name', { name: 'a\u0000b' }],
        ['/jwt/project', 'expiry', { name: 'x', expiry: 0 }],
        ['/jwt/project', 'expiry', { name: 'x', expiry: -1 }],
        ['/jwt/project', 'expiry', { name: 'x', expiry: 1.5 }],
        ['/jwt/project', 'expiry', { name: 'x', expiry: '60' }],
        ['/jwt/project', 'expiry', { name: 'x', expiry: [60] }],
        ['/jwt/project', 'expiry', { name: 'x', expiry: true }],
        ['/jwt/project', 'expiry', { name: 'x', expiry: 1e15 }],
        ['/jwt/project', 'expiry', { name: 'x', expiry: 2 ** 53 }],
        ['/jwt/user', 'external_id', {}],
        ['/jwt/user', 'email', { email: 'nobody' }],
        ['/jwt/user', 'email', { email: 7 }],
        ['/jwt/user', 'email', { email: ['ada@example.com'] }],
        ['/jwt/user', 'email', { email: { toString: 'ada@example.com' } }],
        ['/jwt/user', 'email', { email: `${'x'.repeat(250)}@example.com` }],
        ['/jwt/user', 'external_id', { external_id: 1 }],
        ['/jwt/user', 'external_id', { external_id: '' }],
        ['/jwt/user', 'external_id', { external_id: 'a\nb' }],
        ['/jwt/user', 'name', { external_id: 'user-1', name: '' }],
        ['/jwt/user', 'expiry', { external_id: 'user-1', expiry: 0 }],
      ] as const) {
        const { status, body } = await bench.call('POST', path, { json })
        expect([json, status, body]).toEqual([
          json,
          422,
          { errors: [{ code: 'invalid_request_error', message: expect.stringMatching(`^${member}\\b`) }] },
        ])
      }
    })

    it('take HEAD like GET, OPTIONS, and a slash at the end', async () => {
      const head = await bench.call('HEAD', '/jwt/project')
      expect([head.status, head.body]).toEqual([200, undefined])
      const options = await bench.call('OPTIONS', '/jwt/project', { token: null })
      expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, POST, OPTIONS'])
      const slash = await bench.call('POST', '/jwt/user/', { json: { external_id: 'user-1' } })
      expect(slash.status).toBe(201)
    })

    it('answer 404 and 405 in the same form, and say nothing of the path', async () => {
      for (const path of ['', '/', '/jwt', '/jwt/nobody', '/jwt/project/a/b', '/broadcasts']) {
        const answer = await bench.call('GET', path)
        expect(answer).toMatchObject({
          status: 404,
          body: { errors: [{ code: 'not_found_error', message: 'there is nothing here' }] },
        })
      }
      for (const [method, path, allow] of [
        ['PUT', '/jwt/project', 'GET, HEAD, POST, OPTIONS'],
        ['PATCH', '/jwt/user/ada', 'DELETE, GET, HEAD, OPTIONS'],
        ['POST', '/me', 'GET, HEAD, OPTIONS'],
      ] as const) {
        const answer = await bench.call(method, path)
        expect(answer).toMatchObject({
          status: 405,
          body: { errors: [{ code: 'method_not_allowed_error' }] },
        })
        expect(answer.headers.get('allow')).toBe(allow)
      }
    })
  })
})
