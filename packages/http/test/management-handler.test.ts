import {
  AccessDeniedError,
  createMemoryStore,
  type Principal,
  TokenRequestError,
  toDenial,
} from '@hallpass/core'
import { describe, expect, test, vi } from 'vitest'
import {
  type Authorize,
  type ManagementCall,
  type ManagementOptions,
  managementHandler,
} from '../src/index.ts'
import { ADMIN, createClock, createService, type Got, send, textOf } from './management-call.ts'

const clock = createClock()
const service = await createService({ now: clock.now })
const handler = managementHandler(service, { authorize: () => ADMIN })

const JSON_HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
}

function as(principal: Principal | null, options: Partial<ManagementOptions> = {}) {
  return managementHandler(service, { authorize: () => principal, ...options })
}

async function issue(json: object = {}): Promise<Got> {
  const got = await send(handler, 'POST', '/', { json })
  expect(got.status).toBe(201)
  return got
}

describe('every route', () => {
  test('POST / issues a token and shows it once', async () => {
    const got = await issue({
      project: 'shop',
      subject: 'ada',
      name: 'first',
      paths: ['/files/'],
      credits: 5,
    })
    expect(got.headers).toEqual(JSON_HEADERS)
    expect(got.json).toMatchObject({
      project: 'shop',
      subject: 'ada',
      name: 'first',
      paths: ['/files/'],
      credits: { limit: 5, remaining: 5 },
      createdAt: '2026-11-21T12:00:00.000Z',
      expiresAt: '2026-11-21T13:00:00.000Z',
      status: 'active',
      remainingSeconds: 3600,
      createdBy: 'admin',
    })
    expect(got.json).not.toHaveProperty('url')
    const verified = await service.verify(textOf(got.json, 'token'))
    expect(verified).toMatchObject({ valid: true, record: { id: got.json.id } })
    const shown = await send(handler, 'GET', `/${got.json.id}?project=shop`)
    expect(shown.text).not.toContain(textOf(got.json, 'token'))
  })

  test('POST / reads every field of its body', async () => {
    const got = await issue({
      project: 'p',
      subject: 's',
      name: 'all',
      application: 'app',
      notBefore: '2026-11-21T14:00:00+01:00',
      expiresAt: '2026-11-22T00:00:00.5Z',
      ip: ['192.0.2.0/24'],
      paths: ['/a/*'],
      scope: ['files.read'],
      httpMethods: ['GET'],
      credits: null,
      pool: null,
      claims: { tier: 'gold' },
      uniqueName: true,
    })
    expect(got.json).toMatchObject({
      application: 'app',
      notBefore: '2026-11-21T13:00:00.000Z',
      expiresAt: '2026-11-22T00:00:00.500Z',
      ip: ['192.0.2.0/24'],
      paths: ['/a/*'],
      scope: ['files.read'],
      httpMethods: ['GET'],
      credits: null,
      pool: null,
      claims: { tier: 'gold' },
      status: 'pending',
    })
    const again = await send(handler, 'POST', '/', {
      json: { project: 'p', subject: 's', name: 'all', uniqueName: true },
    })
    expect(again).toMatchObject({ status: 409, json: { error: 'name_taken', details: { field: 'name' } } })
  })

  test('POST / takes lives as seconds and as text', async () => {
    expect((await issue({ expiresIn: 90 })).json.remainingSeconds).toBe(90)
    expect((await issue({ expiresIn: '6 hours' })).json.remainingSeconds).toBe(21600)
  })

  test('GET / lists newest first, filters and pages', async () => {
    for (const name of ['one', 'two', 'three']) await issue({ project: 'paged', subject: 'x', name })
    await issue({ project: 'paged', subject: 'y', name: 'other' })
    const first = await send(handler, 'GET', '/?project=paged&subject=x&limit=2')
    expect(first.status).toBe(200)
    expect(first.json).toMatchObject({ tokens: [{ name: 'three' }, { name: 'two' }] })
    const second = await send(handler, 'GET', `?project=paged&subject=x&limit=2&after=${first.json.next}`)
    expect(second.json).toMatchObject({ tokens: [{ name: 'one' }], next: null })
    const named = await send(handler, 'GET', '/?project=paged&name=two&application=default&status=active')
    expect(named.json.tokens).toHaveLength(1)
  })

  test('GET, PATCH and DELETE /:id read, change and revoke', async () => {
    const { json } = await issue({ credits: 1, expiresIn: 3600 })
    const read = await send(handler, 'GET', `/${json.id}`)
    expect(read).toMatchObject({ status: 200, json: { id: json.id, credits: { limit: 1 } } })
    const changed = await send(handler, 'PATCH', `/${json.id}`, {
      json: { name: 'new', credits: { add: 4 }, expiresAt: '2026-11-21T12:30:00Z' },
    })
    expect(changed).toMatchObject({
      status: 200,
      json: { name: 'new', credits: { limit: 5, remaining: 5 }, expiresAt: '2026-11-21T12:30:00.000Z' },
    })
    const revoked = await send(handler, 'DELETE', `/${json.id}`)
    expect(revoked).toMatchObject({
      status: 200,
      json: { status: 'revoked', revokedAt: '2026-11-21T12:00:00.000Z' },
    })
    clock.advance(1)
    const again = await send(handler, 'DELETE', `/${json.id}`)
    expect(again).toMatchObject({ status: 200, json: { revokedAt: '2026-11-21T12:00:00.000Z' } })
    const late = await send(handler, 'PATCH', `/${json.id}`, { json: { name: 'late' } })
    expect(late).toMatchObject({ status: 409, json: { error: 'token_inactive' } })
  })

  test('DELETE / revokes all of a subject', async () => {
    for (let i = 0; i < 3; i++) await issue({ project: 'many', subject: 'gone' })
    await issue({ project: 'many', subject: 'stays' })
    const got = await send(handler, 'DELETE', '/?project=many&subject=gone')
    expect(got).toMatchObject({ status: 200, json: { revoked: 3 } })
    const left = await send(handler, 'GET', '/?project=many&status=active')
    expect(left.json.tokens).toMatchObject([{ subject: 'stays' }])
  })

  test('POST /verify looks at a token', async () => {
    const { json } = await issue({ ip: ['192.0.2.7'], paths: ['/a'], httpMethods: ['GET'], scope: ['x'] })
    const token = textOf(json, 'token')
    const bare = await send(handler, 'POST', '/verify', { json: { token } })
    expect(bare).toMatchObject({
      status: 200,
      json: { valid: true, record: { id: json.id }, claims: { sub: 'admin' } },
    })
    expect(bare.json.unchecked).toEqual(['ip', 'target', 'method'])
    expect(Object.keys(bare.json)).toEqual(['valid', 'claims', 'record', 'unchecked'])
    const facts = { token, ip: '192.0.2.7', target: '/a', method: 'GET', scope: ['x'] }
    expect((await send(handler, 'POST', '/verify', { json: facts })).json.unchecked).toEqual([])
    const denied = await send(handler, 'POST', '/verify', { json: { ...facts, target: '/b' } })
    expect(denied).toMatchObject({ status: 200, json: { valid: false, error: 'path_denied' } })
    expect(Object.keys(denied.json)).toEqual(['valid', 'error', 'message'])
  })

  test('GET /usage sums what was used', async () => {
    const { json } = await issue({ project: 'used', application: 'reports', credits: 9 })
    const request = { address: null, target: null, method: null, cost: 3 }
    await service.authorize(textOf(json, 'token'), request)
    const got = await send(handler, 'GET', '/usage?project=used&from=2026-11-01&to=2026-11-30&by=application')
    expect(got).toMatchObject({ status: 200, json: { usage: [{ key: 'reports', calls: 1, credits: 3 }] } })
    const one = await send(handler, 'GET', '/usage?project=used&subject=nobody&by=token')
    expect(one.json).toEqual({ usage: [] })
  })

  test('GET /jwks.json and /openapi.json are public and may be kept', async () => {
    const closed = as(null)
    const jwks = await send(closed, 'GET', '/jwks.json')
    expect(jwks.status).toBe(200)
    expect(jwks.json).toEqual(await service.jwks())
    expect(jwks.headers).toMatchObject({
      'content-type': 'application/jwk-set+json',
      'cache-control': 'public, max-age=300',
    })
    const document = await send(closed, 'GET', '/openapi.json')
    expect(document).toMatchObject({ status: 200, json: { openapi: '3.1.0' } })
    expect(document.headers['cache-control']).toBe('public, max-age=300')
  })
})

describe('where a call belongs', () => {
  test('HEAD is answered like GET', async () => {
    const { json } = await issue()
    const get = await send(handler, 'GET', `/${json.id}`)
    expect(await send(handler, 'HEAD', `/${json.id}`)).toEqual(get)
  })

  test.each(['/verify/', '/verify'])('%s is the same route with and without a slash', async (path) => {
    expect((await send(handler, 'POST', path, { json: { token: 'x' } })).json.valid).toBe(false)
  })

  test.each(['', '/', '?limit=1', '/?limit=1'])('target %j is the list', async (target) => {
    expect(await send(handler, 'GET', target)).toMatchObject({ status: 200 })
  })

  test.each([
    ['/', 'POST, GET, HEAD, DELETE, OPTIONS'],
    ['/verify', 'POST, OPTIONS'],
    ['/usage', 'GET, HEAD, OPTIONS'],
    ['/some-id', 'GET, HEAD, PATCH, DELETE, OPTIONS'],
  ])('OPTIONS %s says what is allowed', async (target, allow) => {
    expect(await send(as(null), 'OPTIONS', target)).toMatchObject({
      status: 204,
      headers: { allow },
      text: '',
    })
    const got = await send(as(null), 'PUT', target)
    expect(got).toMatchObject({ status: 405, headers: { allow }, json: { error: 'method_not_allowed' } })
  })

  test.each(['get', 'Get', 'TRACE', 'CONNECT', '', 'constructor'])('method %j is refused', async (method) => {
    expect(await send(handler, method, '/')).toMatchObject({ status: 405 })
  })

  test('what is not there is 404, and its path is not repeated', async () => {
    for (const path of ['/a/b', '/jwks.json/x', '//', '/verify//', '/eyJhbGciOi.x.y/z']) {
      const got = await send(handler, 'GET', path)
      expect(got, path).toMatchObject({ status: 404, json: { error: 'not_found' } })
      expect(got.text).not.toContain(path)
    }
  })
})

describe('who is calling', () => {
  test('nobody → 401 with the challenge of the authorizer', async () => {
    const got = await send(as(null), 'GET', '/')
    expect(got).toMatchObject({ status: 401, json: { error: 'authentication_required' } })
    expect(got.headers['www-authenticate']).toBe('Bearer')
    const authorize = Object.assign(() => null, { challenge: 'Basic realm="x"' })
    const other = await send(managementHandler(service, { authorize }), 'GET', '/')
    expect(other.headers['www-authenticate']).toBe('Basic realm="x"')
  })

  test.each(['issue', 'list', 'read', 'update', 'revoke', 'verify'] as const)(
    'without %s → 403',
    async (action) => {
      const limited = as({ ...ADMIN, can: ADMIN.can.filter((each) => each !== action) })
      const { json } = await issue()
      const calls = {
        issue: [['POST', '/']],
        list: [
          ['GET', '/'],
          ['GET', '/usage'],
        ],
        read: [['GET', `/${json.id}`]],
        update: [['PATCH', `/${json.id}`]],
        revoke: [
          ['DELETE', `/${json.id}`],
          ['DELETE', '/?project=default&subject=admin'],
        ],
        verify: [['POST', '/verify']],
      }
      for (const [method = '', target = ''] of calls[action]) {
        expect(await send(limited, method, target)).toMatchObject({
          status: 403,
          json: {
            error: 'action_denied',
            message: `you may not do this: it needs the action \`${action}\``,
          },
        })
      }
    },
  )

  test('the authorizer sees the call, and headers as Headers', async () => {
    const seen: unknown[] = []
    const authorize: Authorize<{ user: string }> = (call: ManagementCall<{ user: string }>) => {
      seen.push(call.action, call.method, call.target, call.address, call.native.user)
      const { headers } = call
      seen.push(headers.get('x-two'), call.headers === headers, call.address)
      seen.push(call.header('x-two'), call.header('absent'))
      return null
    }
    await send(managementHandler(service, { authorize }), 'GET', '/?limit=1', {
      native: { user: 'ada' },
      headers: [
        ['x-two', 'a'],
        ['x-two', 'b'],
      ],
    })
    expect(seen).toEqual([
      'list',
      'GET',
      '/tokens/?limit=1',
      '192.0.2.1',
      'ada',
      'a, b',
      true,
      '192.0.2.1',
      ['a', 'b'],
      [],
    ])
  })

  test('behind a trusted proxy the authorizer sees the client', async () => {
    const proxied = await createService({
      clientAddress: { trustedProxies: ['10.0.0.0/8'], header: 'x-forwarded-for' },
    })
    const addresses: (string | null)[] = []
    const authorize: Authorize = (call) => {
      addresses.push(call.address)
      return null
    }
    const peer = '10.0.0.1'
    const behind = managementHandler(proxied, { authorize })
    await send(behind, 'GET', '/', { peer, headers: [['x-forwarded-for', '198.51.100.9']] })
    await send(behind, 'GET', '/', { peer, headers: [['x-forwarded-for', 'nonsense']] })
    expect(addresses).toEqual(['198.51.100.9', null])
  })

  test('an authorizer that throws → 503, and only its name is told', async () => {
    const secret = 'db://root:hunter2@host'
    for (const authorize of [
      () => {
        throw new Error(secret)
      },
      () => Promise.reject(new Error(secret)),
    ]) {
      const seen: unknown[] = []
      const failing = managementHandler(service, {
        authorize,
        onError: (error, where) => seen.push(error, where),
      })
      const got = await send(failing, 'GET', '/')
      expect(got).toMatchObject({ status: 503, json: { error: 'authorization_unavailable' } })
      expect(got.headers['retry-after']).toBe('2')
      expect(got.text).not.toContain(secret)
      expect(seen).toEqual([expect.any(Error), 'authorize'])
    }
  })

  test('an authorizer may say more than no', async () => {
    const denied = managementHandler(service, {
      authorize: () => {
        throw new AccessDeniedError(toDenial('ip_denied'))
      },
    })
    expect(await send(denied, 'GET', '/')).toMatchObject({ status: 403, json: { error: 'ip_denied' } })
    const down = managementHandler(service, {
      authorize: () => {
        throw new TokenRequestError('store_unavailable', 'try again')
      },
    })
    expect(await send(down, 'GET', '/')).toMatchObject({ status: 503, json: { error: 'store_unavailable' } })
    const silent = managementHandler(service, { authorize: () => JSON.parse('null') })
    expect(await send(silent, 'GET', '/')).toMatchObject({ status: 401 })
  })

  test('options are checked at once', () => {
    // @ts-expect-error the one option that nobody may leave out
    expect(() => managementHandler(service, {})).toThrow('authorize')
    for (const origin of ['api.example', 'https://a/b', 'https://a@b', 'null', 'ftp://a']) {
      expect(() => as(ADMIN, { origins: [origin] })).toThrow('origins')
    }
  })
})

describe('faults', () => {
  const SECRET = 'postgres://root:hunter2@db'

  test('SEC-28 what nobody foresaw → 500 without detail, and a warning with its name only', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const broken = {
      ...service,
      list: () => Promise.reject(Object.assign(new TypeError(SECRET), { code: 'EBAD' })),
    }
    const thrown = { ...service, list: () => Promise.reject(SECRET) }
    for (const failing of [broken, thrown]) {
      const got = await send(managementHandler(failing, { authorize: () => ADMIN }), 'GET', '/')
      expect(got).toMatchObject({ status: 500, json: { error: 'internal_error' } })
      expect(Object.keys(got.json)).toEqual(['error', 'message'])
    }
    expect(warn.mock.calls.map(([message]) => message)).toEqual([
      'management route failed (TypeError EBAD)',
      'management route failed (string)',
    ])
    warn.mockRestore()
  })

  test('a body that fails in an unknown way → 500', async () => {
    const seen: unknown[] = []
    const own = as(ADMIN, { onError: (error) => seen.push(error) })
    const headers = [['content-type', 'application/json']] as const
    const got = await send(own, 'POST', '/', { headers, body: () => Promise.reject(new Error('disk')) })
    expect(got.status).toBe(500)
    expect(seen).toHaveLength(1)
  })

  test('an onError that fails changes nothing', async () => {
    const failing = { ...service, list: () => Promise.reject(new Error(SECRET)) }
    const own = managementHandler(failing, {
      authorize: () => ADMIN,
      onError: () => {
        throw new Error('also broken')
      },
    })
    expect(await send(own, 'GET', '/')).toMatchObject({ status: 500 })
  })

  test('SEC-29 a store that is down → 503 with Retry-After, on every route that asks it', async () => {
    const store = createMemoryStore()
    const errors: string[] = []
    const down = await createService({ store, hooks: { onError: (_error, where) => errors.push(where) } })
    const own = managementHandler(down, { authorize: () => ADMIN })
    const { json } = await send(own, 'POST', '/', { json: {} })
    const fail = () => Promise.reject(new Error(SECRET))
    Object.assign(store, {
      insert: fail,
      find: fail,
      list: fail,
      update: fail,
      revoke: fail,
      revokeAll: fail,
      usage: fail,
    })
    for (const [method, target, body] of [
      ['POST', '/', {}],
      ['GET', '/', undefined],
      ['GET', `/${json.id}`, undefined],
      ['PATCH', `/${json.id}`, { name: 'x' }],
      ['DELETE', `/${json.id}`, undefined],
      ['DELETE', '/?project=default&subject=admin', undefined],
      ['POST', '/verify', { token: json.token }],
      ['GET', '/usage', undefined],
    ] as const) {
      const got = await send(own, method, target, body === undefined ? {} : { json: body })
      expect(got, `${method} ${target}`).toMatchObject({ status: 503, json: { error: 'store_unavailable' } })
      expect(got.headers['retry-after']).toBe('2')
      expect(got.text).not.toContain('hunter2')
    }
    expect(errors.length).toBeGreaterThan(0)
  })
})
