import { ConfigurationError, type Principal } from '@hallpass/core'
import { describe, expect, test } from 'vitest'
import { CLIENT_PROFILE } from '../src/client-profile.ts'
import { firstOf, hashPassword, managementHandler, oauthClients, tokenAuthorizer } from '../src/index.ts'
import { ADMIN, createClock, createService, type Got, type Sent, send, textOf } from './management-call.ts'

const clock = createClock()
const service = await createService({ now: clock.now })
const SECRET = 's3cret+with %strange:characters'
const reader: Principal = { ...ADMIN, id: 'reader', can: ['list', 'read'] }
const { tokenEndpoint, authorize } = oauthClients(service, {
  clients: {
    cdn: { secret: SECRET, principal: { ...ADMIN, id: 'cdn' } },
    reader: { secret: { scrypt: await hashPassword('hashed') }, principal: reader },
  },
})
const handler = managementHandler(service, { authorize })

const FORM = ['content-type', 'application/x-www-form-urlencoded'] as const
type Headers = readonly (readonly [string, string])[]

function ask(form: string, headers: Headers = [], more: Sent = {}): Promise<Got> {
  return send(tokenEndpoint, 'POST', '/', {
    mount: '/connect/token',
    bytes: Buffer.from(form),
    headers: [FORM, ...headers],
    ...more,
  })
}

function basic(id: string, secret: string): Headers {
  return [['authorization', `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`]]
}

function bearer(token: string): Sent {
  return { headers: [['authorization', `Bearer ${token}`]] }
}

const GRANT = 'grant_type=client_credentials'
const encoded = encodeURIComponent(SECRET)

describe('the token endpoint', () => {
  test('gives an access token for id and secret in the form', async () => {
    const got = await ask(`${GRANT}&client_id=cdn&client_secret=${encoded}`)
    expect(got).toMatchObject({ status: 200, json: { token_type: 'Bearer', expires_in: 900 } })
    expect(got.json.scope).toBe(
      'hallpass.issue hallpass.read hallpass.list hallpass.verify hallpass.update hallpass.revoke',
    )
    expect(got.headers).toMatchObject({
      'cache-control': 'no-store',
      pragma: 'no-cache',
      'x-content-type-options': 'nosniff',
    })
    expect(await send(handler, 'GET', '/', bearer(textOf(got.json, 'access_token')))).toMatchObject({
      status: 200,
    })
  })

  test('takes them from a Basic header, form-encoded or as they are', async () => {
    expect(await ask(GRANT, basic('cdn', encoded))).toMatchObject({ status: 200 })
    expect(await ask(GRANT, basic('cdn', SECRET))).toMatchObject({ status: 200 })
    expect(await ask(`${GRANT}&client_id=cdn`, basic('cdn', encoded))).toMatchObject({ status: 200 })
  })

  test('takes a form that a framework has parsed', async () => {
    const value = { grant_type: 'client_credentials', client_id: 'reader', client_secret: 'hashed' }
    expect(await ask('', [], { parsed: { value } })).toMatchObject({ status: 200 })
    for (const other of [undefined, 'text', { ...value, client_id: ['reader', 'cdn'] }]) {
      expect(await ask('', [], { parsed: { value: other } })).toMatchObject({
        json: { error: 'invalid_request' },
      })
    }
  })

  test('gives the scope that is asked for, as far as the client has it', async () => {
    const as = `${GRANT}&client_id=reader&client_secret=hashed`
    const got = await ask(`${as}&scope=hallpass.list`)
    expect(got).toMatchObject({ status: 200, json: { scope: 'hallpass.list' } })
    const token = bearer(textOf(got.json, 'access_token'))
    expect(await send(handler, 'GET', '/', token)).toMatchObject({ status: 200 })
    expect(await send(handler, 'POST', '/', { ...token, json: {} })).toMatchObject({ status: 403 })
    expect((await ask(`${as}&scope=hallpass`)).json.scope).toBe('hallpass.list hallpass.read')
    for (const scope of ['hallpass.issue', 'files', 'hallpass.list+hallpass.revoke', 'hallpass.list++']) {
      expect(await ask(`${as}&scope=${scope}`)).toMatchObject({
        status: 400,
        json: { error: 'invalid_scope' },
      })
    }
    expect((await ask(`${as}&scope=&x=1`)).status).toBe(200)
  })

  test('a scope that is named over and over is one scope', async () => {
    const scope = Array.from({ length: 200 }, () => 'hallpass.list').join('+')
    const got = await ask(`${GRANT}&client_id=reader&client_secret=hashed&scope=${scope}`)
    expect(got).toMatchObject({ status: 200, json: { scope: 'hallpass.list' } })
  })

  test.each([
    ['SEC-21', `${GRANT}&client_id=cdn&client_secret=wrong`, []],
    ['SEC-21', `${GRANT}&client_id=nobody&client_secret=${encoded}`, []],
    ['SEC-21', `${GRANT}&client_id=cdn`, []],
    ['SEC-21', GRANT, []],
    ['SEC-21', GRANT, basic('cdn', 'wrong')],
    ['SEC-21', GRANT, [['authorization', 'Bearer x']]],
    ['SEC-21', GRANT, [...basic('cdn', encoded), ...basic('cdn', encoded)]],
  ] as const)('%s %s %j → 401 invalid_client', async (_id, form, headers) => {
    const got = await ask(form, headers)
    expect(got).toMatchObject({ status: 401, json: { error: 'invalid_client' } })
    expect(got.headers['www-authenticate']).toMatch(/^Basic /)
    expect(got.text).not.toContain(encoded)
  })

  test.each([
    ['SEC-22', 'client_id=cdn', 'invalid_request'],
    ['SEC-22', 'grant_type=password', 'unsupported_grant_type'],
    ['SEC-22', `${GRANT}&${GRANT}`, 'invalid_request'],
    ['SEC-22', `${GRANT}&client_secret=${encoded}`, 'invalid_request'],
    ['SEC-22', `${GRANT}&client_id=reader`, 'invalid_request'],
    ['SEC-22', `${GRANT}&x=%zz`, 'invalid_request'],
  ])('%s %s with a Basic header → 400 %s', async (_id, form, error) => {
    expect(await ask(form, basic('cdn', encoded))).toMatchObject({ status: 400, json: { error } })
  })

  test('SEC-22 another content type, method or path is refused', async () => {
    const json = { grant_type: 'client_credentials' }
    expect(await send(tokenEndpoint, 'POST', '/', { json })).toMatchObject({ status: 400 })
    expect(await send(tokenEndpoint, 'POST', '/', {})).toMatchObject({ status: 400 })
    const got = await send(tokenEndpoint, 'GET', `/?${GRANT}&client_id=cdn`)
    expect(got).toMatchObject({ status: 405, headers: { allow: 'POST, OPTIONS' } })
    expect(await send(tokenEndpoint, 'OPTIONS', '')).toMatchObject({ status: 204 })
    expect(await send(tokenEndpoint, 'POST', '/x')).toMatchObject({ status: 404 })
    expect(await send(tokenEndpoint, 'POST', '/../')).toMatchObject({ status: 400 })
    const body = () => Promise.reject(Object.assign(new Error('large'), { code: 'body_too_large' }))
    expect(await ask('', [], { body })).toMatchObject({ status: 413 })
  })

  test('SEC-23 guesses at once → 429', async () => {
    const guesses = ['a', 'b', 'c'].map((guess) => ask(`${GRANT}&client_id=cdn&client_secret=${guess}`))
    const answers = await Promise.all(guesses)
    const refused = answers.find(({ status }) => status === 429)
    expect(refused).toMatchObject({ json: { error: 'too_many_attempts' }, headers: { 'retry-after': '1' } })
  })

  test('SEC-24 faults and a store that is down say nothing of themselves', async () => {
    const clients = { a: { secret: 'pw', principal: ADMIN } }
    const form = { bytes: Buffer.from(`${GRANT}&client_id=a&client_secret=pw`), headers: [FORM] }
    for (const [code, status] of [
      ['store_unavailable', 503],
      ['other', 500],
    ] as const) {
      const seen: string[] = []
      const { TokenRequestError } = await import('@hallpass/core')
      const failing = {
        ...service,
        issue: () =>
          Promise.reject(
            code === 'other' ? new Error('db at root:pw') : new TokenRequestError(code, 'try again'),
          ),
      }
      const own = oauthClients(failing, { clients, onError: (_error, where) => seen.push(where) })
      const got = await send(own.tokenEndpoint, 'POST', '/', form)
      expect([got.status, got.headers['retry-after']]).toEqual([status, status === 503 ? '2' : undefined])
      expect(got.text).not.toContain('root')
      expect(seen).toEqual(code === 'other' ? ['token endpoint'] : [])
    }
  })
})

describe('its access tokens', () => {
  const token = async (id: string, secret: string): Promise<string> =>
    textOf(
      (await ask(`${GRANT}&client_id=${id}&client_secret=${encodeURIComponent(secret)}`)).json,
      'access_token',
    )

  test('SEC-25 open management routes and nothing else', async () => {
    const access = await token('cdn', SECRET)
    const request = { address: null, target: '/files/a', method: 'GET' }
    expect(await service.authorize(access, request)).toMatchObject({
      allowed: false,
      code: 'token_type_denied',
    })
    const native = managementHandler(service, { authorize: tokenAuthorizer(service) })
    expect(await send(native, 'GET', '/', bearer(access))).toMatchObject({ status: 401 })
    expect(await service.jwks()).toEqual({
      keys: expect.not.arrayContaining([expect.objectContaining({ kty: 'oct' })]),
    })
  })

  test('SEC-25 and native tokens do not pass for them', async () => {
    const { token: other } = await service.issue({
      project: 'oauth-clients',
      subject: 'cdn',
      scope: ['hallpass'],
    })
    const got = await send(handler, 'GET', '/', bearer(other))
    expect(got).toMatchObject({ status: 401, json: { error: 'token_type_denied' } })
  })

  test('SEC-26 expire, can be revoked, and end with their client', async () => {
    const access = await token('cdn', SECRET)
    const page = await service.list({ project: 'oauth-clients', subject: 'cdn', limit: 1 })
    const [record] = page.tokens
    expect(record).toMatchObject({ profile: CLIENT_PROFILE.name, createdBy: 'cdn' })
    await service.revoke('oauth-clients', record?.id ?? '')
    expect(await send(handler, 'GET', '/', bearer(access))).toMatchObject({
      json: { error: 'token_revoked' },
    })
    const late = await token('cdn', SECRET)
    // As after a restart.
    const restarted = { ...service }
    const fewer = oauthClients(restarted, { clients: { reader: { secret: 'x', principal: reader } } })
    const without = managementHandler(service, { authorize: fewer.authorize })
    expect(await send(without, 'GET', '/', bearer(late))).toMatchObject({ status: 401 })
    clock.advance(901)
    expect(await send(handler, 'GET', '/', bearer(late))).toMatchObject({ json: { error: 'token_expired' } })
    expect(await send(handler, 'GET', '/')).toMatchObject({ status: 401 })
  })

  test('stand beside native tokens', async () => {
    const both = managementHandler(service, { authorize: firstOf(authorize, tokenAuthorizer(service)) })
    const native = await service.issue({ scope: ['hallpass'] })
    expect(await send(both, 'GET', '/', bearer(native.token))).toMatchObject({ status: 200 })
    expect(await send(both, 'GET', '/', bearer(await token('cdn', SECRET)))).toMatchObject({ status: 200 })
    const other = { ...CLIENT_PROFILE, name: 'other' }
    const { token: foreign } = await service.issue({ profile: other, scope: ['hallpass'] })
    expect(await send(both, 'GET', '/', bearer(foreign))).toMatchObject({
      json: { error: 'token_type_denied' },
    })
  })

  test.each([{ sub: 1 }, { jti: 1 }, { client_id: 1 }, { scope: 1 }])(
    'SEC-27 claims with %j are none',
    (wrong) => {
      const claims = { jti: 'i', sub: 's', client_id: 'c', scope: '' }
      expect(CLIENT_PROFILE.fromClaims(claims, 'p')).toMatchObject({ id: 'i', project: 'p', scope: [] })
      expect(CLIENT_PROFILE.fromClaims({ ...claims, ...wrong }, 'p')).toBeNull()
    },
  )
})

test('options are checked at once', () => {
  const client = { secret: 'x', principal: ADMIN }
  for (const id of ['', 'a:b', 'a b', 'x'.repeat(129)]) {
    expect(() => oauthClients(service, { clients: { [id]: client } })).toThrow('clients')
  }
  for (const tokenLifeSeconds of [0, -1, 1.5, 3601, Number.NaN]) {
    expect(() => oauthClients(service, { clients: { a: client }, tokenLifeSeconds })).toThrow(
      'tokenLifeSeconds',
    )
  }
})

test('SEC-25 two registries of one service have two projects: a token of the one would open the other', async () => {
  const clients = { cdn: { secret: 'another', principal: { ...ADMIN, id: 'other' } } }
  expect(() => oauthClients(service, { clients })).toThrow(ConfigurationError)
  expect(() => oauthClients(service, { clients })).toThrow('oauth-clients')
  expect(() => oauthClients(service, { clients, project: 'partners', tokenLifeSeconds: 0 })).toThrow()
  const other = oauthClients(service, { clients, project: 'partners' })
  expect(() => oauthClients(service, { clients, project: 'partners' })).toThrow('partners')
  const { json } = await ask(`${GRANT}&client_id=cdn&client_secret=${encoded}`)
  const partners = managementHandler(service, { authorize: other.authorize })
  expect(await send(partners, 'GET', '/', bearer(textOf(json, 'access_token')))).toMatchObject({
    status: 403,
    json: { error: 'project_denied' },
  })
})
