import { describe, expect, it } from 'vitest'
import { HOSTS } from '../hosts.ts'
import { startSpecter, TOKENS, toBasic } from './start-specter.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const NOBODY = '00000000-0000-4000-8000-000000000000'
const REFUSED_DESCRIPTION = { message: 'Token description already exists or is blank' }
const NO_SUCH_TOKEN = { message: 'Token does not exist, make sure to enter correct token id' }
const ORDER = { jwt_token_description: 'Token specter', jwt_token_life: '6 hours' }

function readPart(token: string, part: 0 | 1): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[part] ?? '', 'base64url').toString()) as Record<
    string,
    unknown
  >
}

describe.each(HOSTS)('specter tokens in %s', (_name, startHost) => {
  it('POST answers 201 with the token, its id, description and life in seconds', async () => {
    const { call } = await startSpecter(startHost)
    const { status, headers, body } = await call('POST', TOKENS, { body: ORDER })
    expect(status).toBe(201)
    expect(body).toEqual({
      message: 'Token generated',
      jwt_token_id: expect.stringMatching(UUID),
      jwt_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      jwt_token_description: 'Token specter',
      jwt_token_life: 21600,
    })
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-type')).toMatch(/^application\/json/)
  })

  it('the token is a JWT with HS256 and the documented claims', async () => {
    const { create, clock } = await startSpecter(startHost)
    const { id, token } = await create('claims', '6 hours')
    const iat = clock.now().getTime() / 1000
    expect(readPart(token, 0)).toEqual({ alg: 'HS256', typ: 'JWT', kid: expect.any(String) })
    expect(readPart(token, 1)).toEqual({
      username: 'admin',
      jwt_token_id: id,
      jwt_token_description: 'claims',
      iat,
      exp: iat + 21600,
    })
  })

  it('GET lists tokens by id with life and remaining life, and never their text', async () => {
    const { call, create, clock } = await startSpecter(startHost)
    const alpha = await create('Token alpha', '6 minutes')
    const beta = await create('Token beta', '1h30m')
    clock.advance(127.75)
    const answer = await call('GET', TOKENS)
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({
      message: 'Tokens exists',
      jwt_tokens: {
        [alpha.id]: {
          jwt_token_description: 'Token alpha',
          jwt_token_life: 360,
          jwt_token_remaining_life: 232.25,
        },
        [beta.id]: {
          jwt_token_description: 'Token beta',
          jwt_token_life: 5400,
          jwt_token_remaining_life: 5272.25,
        },
      },
    })
  })

  it('GET without any token answers 404', async () => {
    const { call, create } = await startSpecter(startHost)
    await create('somebody else', '1 hour', 'bob')
    const { status, body } = await call('GET', TOKENS)
    expect([status, body]).toEqual([404, { message: 'Tokens does not exist' }])
  })

  it('GET lists more tokens than a page of the service holds', async () => {
    const { call, service, create } = await startSpecter(startHost)
    const { id } = await create('first')
    const native = { project: 'default', subject: 'admin' }
    await service.issueMany(Array.from({ length: 230 }, () => native))
    await create('last')
    const { body } = await call('GET', TOKENS)
    expect(Object.keys(body.jwt_tokens ?? {})).toHaveLength(2)
    expect(body.jwt_tokens).toHaveProperty(id)
  })

  it('GET by id shows one token as Valid, and as Expired with 0 left when it is over', async () => {
    const { call, create, clock } = await startSpecter(startHost)
    const { id } = await create('Token alpha', '6 minutes')
    const shown = {
      message: 'Tokens exists',
      jwt_token_description: 'Token alpha',
      jwt_token_life: 360,
    }
    clock.advance(0.5)
    const valid = await call('GET', `${TOKENS}/${id}`)
    expect(valid.status).toBe(200)
    expect(valid.body).toEqual({ ...shown, jwt_token_life_remaining: 359.5, expiry_status: 'Valid' })
    clock.advance(359.5)
    const expired = await call('GET', `${TOKENS}/${id}`)
    expect(expired.body).toEqual({ ...shown, jwt_token_life_remaining: 0, expiry_status: 'Expired' })
  })

  it('expired tokens stay listed, also after a purge, and hold their description', async () => {
    const { call, create, clock, service } = await startSpecter(startHost)
    const { id } = await create('kept', '1 minute')
    clock.advance(400 * 86_400)
    await service.purge()
    expect((await call('GET', TOKENS)).body.jwt_tokens).toEqual({
      [id]: { jwt_token_description: 'kept', jwt_token_life: 60, jwt_token_remaining_life: 0 },
    })
    const again = await call('POST', TOKENS, { body: { ...ORDER, jwt_token_description: 'kept' } })
    expect([again.status, again.body]).toEqual([400, REFUSED_DESCRIPTION])
  })

  it('DELETE answers 200, and the token is gone from everywhere', async () => {
    const { call, create, whoami } = await startSpecter(startHost)
    const { id, token } = await create('to be deleted')
    const deleted = await call('DELETE', `${TOKENS}/${id}`)
    expect([deleted.status, deleted.body]).toEqual([200, { message: 'Token deleted' }])
    expect((await whoami(token)).status).toBe(401)
    expect((await call('GET', TOKENS)).status).toBe(404)
    for (const method of ['GET', 'DELETE']) {
      const { status, body } = await call(method, `${TOKENS}/${id}`)
      expect([status, body]).toEqual([404, NO_SUCH_TOKEN])
    }
  })

  it('DELETE frees the description', async () => {
    const { call, create } = await startSpecter(startHost)
    const { id } = await create('again')
    await call('DELETE', `${TOKENS}/${id}`)
    expect((await create('again')).id).not.toBe(id)
  })

  it('DELETE takes an expired token away too', async () => {
    const { call, create, clock } = await startSpecter(startHost)
    const { id } = await create('old', '1 second')
    clock.advance(5)
    expect((await call('DELETE', `${TOKENS}/${id}`)).status).toBe(200)
    expect((await call('GET', TOKENS)).status).toBe(404)
  })

  it.each([NOBODY, 'x', 'NaN', '__proto__', 'constructor', NOBODY.toUpperCase().replace('8', 'A'), '%41'])(
    'an id of no token is 404: %s',
    async (id) => {
      const { call } = await startSpecter(startHost)
      for (const method of ['GET', 'DELETE']) {
        const { status, body } = await call(method, `${TOKENS}/${id}`)
        expect([status, body]).toEqual([404, NO_SUCH_TOKEN])
      }
    },
  )

  it('a blank description is refused with the documented message', async () => {
    const { call } = await startSpecter(startHost)
    for (const description of ['', ' ', '\t\n ', '\u00a0']) {
      const answer = await call('POST', TOKENS, { body: { ...ORDER, jwt_token_description: description } })
      expect([answer.status, answer.body]).toEqual([400, REFUSED_DESCRIPTION])
    }
  })

  it('a description that the user has already is refused, also with white space around it', async () => {
    const { call, create } = await startSpecter(startHost)
    await create('mine')
    for (const description of ['mine', ' mine', 'mine \n']) {
      const answer = await call('POST', TOKENS, { body: { ...ORDER, jwt_token_description: description } })
      expect([answer.status, answer.body]).toEqual([400, REFUSED_DESCRIPTION])
    }
    // Compared byte for byte.
    await create('Mine')
  })

  it('of parallel requests for one description exactly one gets a token', async () => {
    const { call } = await startSpecter(startHost)
    const answers = await Promise.all(Array.from({ length: 8 }, () => call('POST', TOKENS, { body: ORDER })))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(7).fill(400)])
    const { body } = await call('GET', TOKENS)
    expect(Object.keys(body.jwt_tokens ?? {})).toHaveLength(1)
  })

  it("users have their own descriptions and never see each other's tokens", async () => {
    const { call, create, whoami } = await startSpecter(startHost)
    const mine = await create('same name')
    const theirs = await create('same name', '1 hour', 'bob')
    expect(Object.keys((await call('GET', TOKENS)).body.jwt_tokens ?? {})).toEqual([mine.id])
    expect(Object.keys((await call('GET', TOKENS, { user: 'bob' })).body.jwt_tokens ?? {})).toEqual([
      theirs.id,
    ])
    for (const method of ['GET', 'DELETE']) {
      const { status, body } = await call(method, `${TOKENS}/${theirs.id}`)
      expect([status, body]).toEqual([404, NO_SUCH_TOKEN])
    }
    expect((await whoami(theirs.token)).body.username).toBe('bob')
  })

  it("tokens of other kinds are not listed, shown or deleted, though they are the user's", async () => {
    const { call, service } = await startSpecter(startHost)
    const { record } = await service.issue({ project: 'default', subject: 'admin', name: 'native' })
    expect((await call('GET', TOKENS)).status).toBe(404)
    expect((await call('GET', `${TOKENS}/${record.id}`)).status).toBe(404)
    expect((await call('DELETE', `${TOKENS}/${record.id}`)).status).toBe(404)
    expect((await service.get('default', record.id))?.status).toBe('active')
  })

  it('both slash forms work for every verb', async () => {
    const { call } = await startSpecter(startHost)
    const created = await call('POST', `${TOKENS}/`, { body: ORDER })
    expect(created.status).toBe(201)
    const id = String(created.body.jwt_token_id)
    for (const path of [TOKENS, `${TOKENS}/`, `${TOKENS}/${id}`, `${TOKENS}/${id}/`]) {
      expect((await call('GET', path)).status).toBe(200)
    }
    expect((await call('DELETE', `${TOKENS}/${id}/`)).status).toBe(200)
  })

  it('HEAD goes with GET, OPTIONS names the verbs, and every other verb is 405 with a message', async () => {
    const { call, create } = await startSpecter(startHost)
    const { id } = await create('verbs')
    expect((await call('HEAD', TOKENS)).status).toBe(200)
    const options = await call('OPTIONS', TOKENS)
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'POST, GET, HEAD, OPTIONS'])
    const wrong = [
      ['PUT', TOKENS, 'POST, GET, HEAD, OPTIONS'],
      ['PATCH', TOKENS, 'POST, GET, HEAD, OPTIONS'],
      ['DELETE', TOKENS, 'POST, GET, HEAD, OPTIONS'],
      ['POST', `${TOKENS}/${id}`, 'GET, HEAD, DELETE, OPTIONS'],
      ['PUT', `${TOKENS}/${id}`, 'GET, HEAD, DELETE, OPTIONS'],
    ] as const
    for (const [method, path, allow] of wrong) {
      const answer = await call(method, path)
      expect([answer.status, answer.body]).toEqual([405, { message: 'this method is not allowed here' }])
      expect(answer.headers.get('allow')).toBe(allow)
    }
  })

  it('what is not there is 404 with a message that does not repeat the path', async () => {
    const { call } = await startSpecter(startHost)
    for (const path of [
      '/',
      '/api',
      '/api/v1alpha',
      '/v1alpha/token',
      `${TOKENS}/a/b`,
      '/api//v1alpha/token',
    ]) {
      const { status, body } = await call('GET', path)
      expect([status, body]).toEqual([404, { message: 'there is nothing here' }])
    }
  })

  it('without credentials, with wrong ones or with a token the answer is 401 with a message and a challenge', async () => {
    const { call, create, url } = await startSpecter(startHost)
    const { token } = await create('no way in')
    const headers = [
      {},
      { authorization: toBasic('admin', 'wrong') },
      { authorization: toBasic('nobody', 'password') },
      { authorization: toBasic('', '') },
      { authorization: 'Basic !!!' },
      { authorization: 'Basic' },
      { authorization: `Bearer ${token}` },
      { authorization: 'Digest username="admin"' },
    ]
    for (const header of headers) {
      for (const [method, path] of [
        ['POST', TOKENS],
        ['GET', TOKENS],
        ['GET', `${TOKENS}/${NOBODY}`],
        ['DELETE', `${TOKENS}/${NOBODY}`],
      ] as const) {
        const answer = await call(method, path, { user: null, headers: header })
        expect([answer.status, answer.body]).toEqual([401, { message: 'authentication is required' }])
        expect(answer.headers.get('www-authenticate')).toBe('Basic realm="specter", charset="UTF-8"')
      }
    }
    expect((await fetch(`${url}${TOKENS}`)).status).toBe(401)
  })

  it('a password may hold colons and any UTF-8', async () => {
    const { create } = await startSpecter(startHost)
    expect((await create('as bob', '1 hour', 'bob')).token).not.toBe('')
  })
})
