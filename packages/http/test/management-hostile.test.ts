import type { Principal, TokenProfile } from '@hallpass/core'
import { describe, expect, test } from 'vitest'
import { CLIENT_PROFILE } from '../src/client-profile.ts'
import { managementHandler } from '../src/index.ts'
import { ADMIN, createClock, createService, send, textOf } from './management-call.ts'

const clock = createClock()
const service = await createService({ now: clock.now })

function as(principal: Partial<Principal>, origins: readonly string[] = []) {
  return managementHandler(service, { authorize: () => ({ ...ADMIN, ...principal }), origins })
}

const admin = as({})
const shop = as({ id: 'shop', projects: ['shop'] })
const ada = as({ id: 'ada', projects: ['shop'], subjects: ['ada'] })

async function issue(json: object): Promise<{ id: string; token: string }> {
  const got = await send(admin, 'POST', '/', { json })
  expect(got.status).toBe(201)
  return { id: textOf(got.json, 'id'), token: textOf(got.json, 'token') }
}

const NOT_FOUND = { status: 404, json: { error: 'not_found', message: 'there is no such token' } }

describe('what belongs to somebody else', () => {
  test("MGT-42 others' ids are answered like ids that nobody has", async () => {
    const bobs = await issue({ project: 'shop', subject: 'bob' })
    const banks = await issue({ project: 'bank', subject: 'ada' })
    const nobodys = '01963d2a-0000-7000-8000-000000000000'
    for (const path of [bobs.id, banks.id, `${banks.id}?project=bank`, nobodys, `${nobodys}?project=bank`]) {
      expect(await send(ada, 'GET', `/${path}`), path).toMatchObject(NOT_FOUND)
      expect(await send(ada, 'PATCH', `/${path}`, { json: { name: 'x' } }), path).toMatchObject(NOT_FOUND)
      expect(await send(ada, 'DELETE', `/${path}`), path).toMatchObject(NOT_FOUND)
    }
    for (const { id, token } of [bobs, banks]) {
      expect(await service.verify(token), id).toMatchObject({ valid: true })
    }
  })

  test.each(['/?project=bank', '/?subject=bob', '/usage?project=bank', '/usage?subject=bob'])(
    'MGT-43 GET %s of a project or subject that is not mine → 404',
    async (target) => {
      expect(await send(ada, 'GET', target)).toMatchObject(NOT_FOUND)
    },
  )

  test('MGT-44 revoking all of somebody else → 404, and nothing is revoked', async () => {
    const { token } = await issue({ project: 'shop', subject: 'carol' })
    expect(await send(ada, 'DELETE', '/?project=shop&subject=carol')).toMatchObject(NOT_FOUND)
    expect(await send(shop, 'DELETE', '/?project=bank&subject=carol')).toMatchObject(NOT_FOUND)
    expect(await service.verify(token)).toMatchObject({ valid: true })
    expect(await send(shop, 'DELETE', '/?project=shop&subject=carol')).toMatchObject({ json: { revoked: 1 } })
  })

  test('MGT-45 a list holds one’s own tokens only', async () => {
    await issue({ project: 'shop', subject: 'ada' })
    await issue({ project: 'shop', subject: 'dave' })
    const { json } = await send(ada, 'GET', '/')
    expect(json.tokens).toSatisfy((tokens: { subject: string }[]) =>
      tokens.every((each) => each.subject === 'ada'),
    )
    const two = as({ id: 'boss', projects: ['shop'], subjects: ['ada', 'dave'] })
    expect(await send(two, 'GET', '/')).toMatchObject({ status: 400, json: { error: 'subject_required' } })
    expect((await send(two, 'GET', '/?subject=dave')).json.tokens).toMatchObject([{ subject: 'dave' }])
  })

  test("MGT-46 verify says of others' tokens that they are unknown, however they stand", async () => {
    const unknown = { valid: false, error: 'token_unknown' }
    const active = await issue({ project: 'shop', subject: 'bob' })
    const expired = await issue({ project: 'bank', subject: 'ada', expiresIn: 1 })
    const revoked = await issue({ project: 'bank', subject: 'ada', expiresIn: 7200 })
    await service.revoke('bank', revoked.id)
    clock.advance(2)
    for (const { token } of [active, expired, revoked]) {
      expect((await send(ada, 'POST', '/verify', { json: { token } })).json).toMatchObject(unknown)
    }
    expect((await send(admin, 'POST', '/verify', { json: { token: expired.token } })).json.error).toBe(
      'token_expired',
    )
    const own = await issue({ project: 'shop', subject: 'ada', expiresIn: 1 })
    clock.advance(2)
    expect((await send(ada, 'POST', '/verify', { json: { token: own.token } })).json.error).toBe(
      'token_expired',
    )
    expect((await send(ada, 'POST', '/verify', { json: { token: 'a.b.c' } })).json.error).toBe(
      'token_malformed',
    )
  })

  test('MGT-46 what a token of another kind says of its owner is not believed', async () => {
    const profile: TokenProfile = {
      ...CLIENT_PROFILE,
      name: 'boastful',
      toClaims: () => ({ sub: 'ada', project: 'shop', client_id: 'x', scope: '' }),
    }
    const { token } = await service.issue({ project: 'bank', subject: 'ada', application: 'x', profile })
    expect((await send(ada, 'POST', '/verify', { json: { token } })).json.error).toBe('token_unknown')
    expect((await send(admin, 'POST', '/verify', { json: { token } })).json.error).toBe('token_type_denied')
  })

  test.each([
    ['MGT-47', { ...ADMIN, projects: 'shop' }],
    ['MGT-48', { ...ADMIN, can: 'issue' }],
    ['MGT-49', { id: 'x' }],
    ['MGT-50', true],
    ['MGT-51', { ...ADMIN, subjects: [1] }],
  ])('%s an authorizer that answers with no proper principal lets nobody in', async (_id, answer) => {
    const seen: string[] = []
    const authorize = () => JSON.parse(JSON.stringify(answer))
    const handler = managementHandler(service, { authorize, onError: (_error, where) => seen.push(where) })
    expect(await send(handler, 'GET', '/')).toMatchObject({
      status: 503,
      json: { error: 'authorization_unavailable' },
    })
    expect(seen).toEqual(['authorize'])
  })
})

describe('bodies', () => {
  test.each([
    ['MGT-52', 'unknown member', { subjekt: 'a' }, 'subjekt'],
    ['MGT-53', 'member of the service that is not for callers', { createdBy: 'root' }, 'createdBy'],
    ['MGT-53', 'grant', { grant: {} }, 'grant'],
    ['MGT-53', 'profile', { profile: {} }, 'profile'],
    ['MGT-53', 'allowExpired', { allowExpired: true }, 'allowExpired'],
    ['MGT-54', 'wrong type', { name: 7 }, 'name'],
    ['MGT-54', 'list of numbers', { scope: [1] }, 'scope.0'],
    ['MGT-55', 'credits 0', { credits: 0 }, 'credits'],
    ['MGT-55', 'credits -1', { credits: -1 }, 'credits'],
    ['MGT-55', 'credits 1.5', { credits: 1.5 }, 'credits'],
    ['MGT-55', 'credits 1e99', { credits: 1e99 }, 'credits'],
    ['MGT-55', 'credits "5"', { credits: '5' }, 'credits'],
    ['MGT-56', 'life "-1h"', { expiresIn: '-1h' }, 'expiresIn'],
    ['MGT-56', 'life "1e99 years"', { expiresIn: '1e99 years' }, 'expiresIn'],
    ['MGT-56', 'life 1e300', { expiresIn: 1e300 }, 'expiresIn'],
    ['MGT-56', 'life 0', { expiresIn: 0 }, 'expiresIn'],
    ['MGT-56', 'life []', { expiresIn: [] }, 'expiresIn'],
    ['MGT-57', 'a date that does not exist', { expiresAt: '2027-02-30T00:00:00Z' }, 'expiresAt'],
    ['MGT-57', 'a date without zone', { expiresAt: '2027-02-03T00:00:00' }, 'expiresAt'],
    ['MGT-57', 'a date in the past', { expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt'],
    ['MGT-57', 'nbf after exp', { notBefore: '2027-01-02T00:00:00Z', expiresIn: 60 }, 'notBefore'],
    ['MGT-58', 'name with a bidi mark', { name: 'a\u202eb' }, 'name'],
    ['MGT-58', 'name with a control character', { name: 'a\u0007b' }, 'name'],
    ['MGT-58', 'subject with a lone surrogate', { subject: 'a\ud800' }, 'subject'],
    ['MGT-58', 'empty project', { project: '' }, 'project'],
    ['MGT-59', 'registered claim', { claims: { sub: 'root' } }, 'claims'],
    ['MGT-59', 'our claim', { claims: { project: 'bank' } }, 'claims'],
    ['MGT-59', 'claims as a list', { claims: [1] }, 'claims'],
    ['MGT-60', 'no paths at all', { paths: [] }, 'paths'],
    ['MGT-60', 'path with dot segments', { paths: ['/a/../b'] }, 'paths'],
    ['MGT-60', 'range with host bits', { ip: ['10.0.0.1/8'] }, 'ip'],
    ['MGT-60', 'method in lower case', { httpMethods: ['get'] }, 'httpMethods'],
    ['MGT-60', 'pool that is not there', { pool: 'none' }, 'pool'],
  ])('%s %s → 400 naming the field', async (_id, _what, json, field) => {
    const got = await send(admin, 'POST', '/', { json })
    expect(got).toMatchObject({ status: 400, json: { error: 'invalid_request' } })
    expect(got.json.details).toMatchObject({ field: expect.stringMatching(new RegExp(`^${field}`)) })
  })

  test.each([
    ['__proto__', '{"claims":{"__proto__":{"admin":true}}}'],
    ['constructor', '{"claims":{"a":{"constructor":1}}}'],
    ['__proto__ of the body', '{"__proto__":{"scope":["hallpass"]}}'],
  ])('MGT-61 prototype keys: %s', async (_what, text) => {
    const headers = [['content-type', 'application/json']] as const
    expect(await send(admin, 'POST', '/', { bytes: Buffer.from(text), headers })).toMatchObject({
      status: 400,
    })
    const parsed = { value: JSON.parse(text) }
    expect(await send(admin, 'POST', '/', { parsed, headers })).toMatchObject({ status: 400 })
    expect({}).not.toHaveProperty('admin')
  })

  test.each([
    ['', 'nothing'],
    ['{', 'half'],
    ['[]', 'a list'],
    ['"text"', 'a text'],
    ['null', 'null'],
    ['{"subject":"a","subject":"b"}', 'a member twice'],
    ['\ufeff{}', 'a byte order mark'],
    ['{"credits":1e400}', 'a number that is none'],
    ['{"a":'.repeat(20_000), 'depth'],
  ])('MGT-62 a body %j (%s) → 400', async (text) => {
    const headers = [['content-type', 'application/json']] as const
    const got = await send(admin, 'POST', '/', { bytes: Buffer.from(text), headers })
    expect(got).toMatchObject({ status: 400, json: { error: 'invalid_request' } })
  })

  test('MGT-52 a name that does not look like one is not repeated', async () => {
    const { token } = await issue({})
    for (const name of [token, 'a b', '<script>', '']) {
      const got = await send(admin, 'POST', '/', { json: { [name]: 1 } })
      expect(got).toMatchObject({ status: 400, json: { error: 'invalid_request' } })
      expect(got.json).not.toHaveProperty('details')
      if (name !== '') expect(got.text).not.toContain(name)
    }
  })

  test('MGT-62 a body that is not UTF-8 → 400', async () => {
    const bytes = Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')])
    const headers = [['content-type', 'application/json']] as const
    expect(await send(admin, 'POST', '/', { bytes, headers })).toMatchObject({ status: 400 })
  })

  test.each([
    undefined,
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=utf-16',
    'application/json, text/plain',
    'application/jsonp',
    'application/json; charset=utf-8; charset=utf-16',
  ])('MGT-63 a body of type %j → 415', async (type) => {
    const headers = type === undefined ? [] : [['content-type', type] as const]
    for (const [method, target] of [
      ['POST', '/'],
      ['POST', '/verify'],
      ['PATCH', '/01963d2a-0000-7000-8000-000000000000'],
      ['DELETE', '/01963d2a-0000-7000-8000-000000000000'],
    ] as const) {
      const got = await send(admin, method, target, { bytes: Buffer.from('{}'), headers })
      expect(got, method).toMatchObject({ status: 415, json: { error: 'unsupported_media_type' } })
    }
  })

  test.each([
    'application/json',
    'Application/JSON',
    'application/json;charset=UTF-8',
    'application/json; charset="utf-8"',
  ])('a body of type %j is read', async (type) => {
    const got = await send(admin, 'POST', '/', {
      bytes: Buffer.from('{}'),
      headers: [['content-type', type]],
    })
    expect(got.status).toBe(201)
  })

  test('MGT-63 two content types → 415', async () => {
    const headers = [
      ['content-type', 'application/json'],
      ['content-type', 'application/json'],
    ] as const
    expect(await send(admin, 'POST', '/', { bytes: Buffer.from('{}'), headers })).toMatchObject({
      status: 415,
    })
  })

  test.each([
    ['body_too_large', 413],
    ['body_aborted', 400],
    ['body_unreadable', 400],
  ])('MGT-64 a body that cannot be had (%s) → %i', async (code, status) => {
    const body = () => Promise.reject(Object.assign(new Error('no body'), { code }))
    const headers = [['content-type', 'application/json']] as const
    expect(await send(admin, 'POST', '/', { body, headers })).toMatchObject({ status, json: { error: code } })
  })

  test('what a framework has parsed is taken as it is', async () => {
    const headers = [['content-type', 'application/json']] as const
    const got = await send(admin, 'POST', '/', { parsed: { value: { subject: 'parsed' } }, headers })
    expect(got).toMatchObject({ status: 201, json: { subject: 'parsed' } })
    for (const value of [undefined, null, 'text', 7, [], { credits: Number.NaN }, { name: () => 'x' }]) {
      expect(await send(admin, 'POST', '/', { parsed: { value }, headers })).toMatchObject({ status: 400 })
    }
    const bytes = Buffer.from('{"subject":"raw"}')
    expect(await send(admin, 'POST', '/', { parsed: { value: bytes }, headers })).toMatchObject({
      status: 201,
    })
  })

  test('DELETE needs no body, and takes an empty object', async () => {
    const { id } = await issue({})
    const json = {}
    expect(await send(admin, 'DELETE', `/${id}`, { json })).toMatchObject({ status: 200 })
    expect(await send(admin, 'DELETE', `/${id}`, { headers: [['content-length', '0']] })).toMatchObject({
      status: 200,
    })
    const chunked = [['transfer-encoding', 'chunked']] as const
    expect(await send(admin, 'DELETE', `/${id}`, { headers: chunked })).toMatchObject({ status: 415 })
    expect(await send(admin, 'DELETE', `/${id}`, { json: { all: true } })).toMatchObject({ status: 400 })
  })

  test.each([
    ['MGT-65', {}, null],
    ['MGT-65', { credits: { add: 0 } }, 'credits.add'],
    ['MGT-65', { credits: { add: -5 } }, 'credits.add'],
    ['MGT-65', { credits: { set: 5 } }, 'credits'],
    ['MGT-65', { credits: { add: 2 ** 53 - 1 } }, 'credits'],
    ['MGT-65', { expiresAt: '2031-01-01T00:00:00Z' }, 'expiresAt'],
    ['MGT-65', { expiresAt: null }, 'expiresAt'],
    ['MGT-65', { subject: 'eve' }, 'subject'],
    ['MGT-65', { status: 'active' }, 'status'],
    ['MGT-65', { name: 'a\u202eb' }, 'name'],
  ])('%s a change %j → 400', async (_id, json, field) => {
    const { id } = await issue({ credits: 5 })
    const got = await send(admin, 'PATCH', `/${id}`, { json })
    expect(got).toMatchObject({ status: 400, json: { error: 'invalid_request' } })
    if (field !== null) expect(got.json.details).toMatchObject({ field: expect.stringContaining(field) })
  })

  test.each([{}, { token: 7 }, { token: 'a.b.c', project: 'x' }, { token: 'a.b.c', scope: 'x' }])(
    'MGT-66 a verification of %j → 400',
    async (json) => {
      expect(await send(admin, 'POST', '/verify', { json })).toMatchObject({ status: 400 })
    },
  )

  test('MGT-66 hostile facts are no fault of ours', async () => {
    const { token } = await issue({ ip: ['192.0.2.1'], paths: ['/a'], httpMethods: ['GET'] })
    for (const facts of [
      { ip: '::g' },
      { target: '/%' },
      { method: 'get' },
      { scope: ['\u0000'] },
      { target: 'x'.repeat(60_000) },
    ]) {
      const got = await send(admin, 'POST', '/verify', { json: { token, ...facts } })
      expect(got, JSON.stringify(facts).slice(0, 60)).toMatchObject({ status: 200, json: { valid: false } })
    }
  })
})

describe('queries and targets', () => {
  test.each([
    '/?limit=0',
    '/?limit=-1',
    '/?limit=201',
    '/?limit=1e2',
    '/?limit=1e9',
    '/?limit=1.5',
    '/?limit=',
    '/?limit=%31%00',
    '/?limit=+5',
    '/?limit=010',
  ])('MGT-67 %s → 400', async (target) => {
    expect(await send(admin, 'GET', target)).toMatchObject({
      status: 400,
      json: { details: { field: 'limit' } },
    })
  })

  test.each([
    ['MGT-68', '/?unknown=1', 'unknown'],
    ['MGT-68', '/?__proto__=1', '__proto__'],
    ['MGT-68', '/?status=ACTIVE', 'status'],
    ['MGT-68', '/?project=', 'project'],
    ['MGT-68', '/?subject=a%00b', 'subject'],
    ['MGT-69', '/?project=a&project=b', 'project'],
    ['MGT-69', '/?project=a&pro%6aect=b', 'project'],
    ['MGT-69', '/?limit=1&limit=1', 'limit'],
    ['MGT-68', '/usage?from=2026-02-30', 'from'],
    ['MGT-68', '/usage?to=yesterday', 'to'],
    ['MGT-68', '/usage?from=2026-11-02&to=2026-11-01', 'from'],
    ['MGT-68', '/usage?by=secret', 'by'],
    ['MGT-68', '/jwks.json?x=1', 'x'],
    ['MGT-68', '/openapi.json?x', 'x'],
  ])('%s GET %s → 400 naming %s', async (_id, target, field) => {
    const got = await send(admin, 'GET', target)
    expect(got).toMatchObject({ status: 400, json: { error: 'invalid_request', details: { field } } })
  })

  test.each(['/?%zz=1', '/?project=%', '/?project=%ff', '/?project=%c0%af'])(
    'MGT-70 GET %s → 400',
    async (target) => {
      expect(await send(admin, 'GET', target)).toMatchObject({
        status: 400,
        json: { error: 'invalid_request' },
      })
    },
  )

  test.each(['/', '/?project=shop', '/?subject=ada', '/?project=&subject='])(
    'MGT-71 DELETE %s: both project and subject are required',
    async (target) => {
      expect(await send(admin, 'DELETE', target)).toMatchObject({
        status: 400,
        json: { error: 'invalid_request' },
      })
    },
  )

  test('MGT-72 a tampered or foreign cursor → 400', async () => {
    for (let i = 0; i < 3; i++) await issue({ project: 'cursor', subject: `s${i}` })
    const { json } = await send(admin, 'GET', '/?project=cursor&limit=1')
    const next = textOf(json, 'next')
    const changed = `${next.slice(0, -4)}${next.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`
    for (const query of [`after=${changed}`, 'after=', "after=' OR 1=1", `after=${next}&status=active`]) {
      const got = await send(admin, 'GET', `/?project=cursor&limit=1&${encodeURI(query)}`)
      expect(got, query).toMatchObject({
        status: 400,
        json: { error: 'invalid_request', details: { field: 'after' } },
      })
    }
    expect(await send(admin, 'GET', `/?project=shop&limit=1&after=${next}`)).toMatchObject({ status: 400 })
  })

  test.each([
    'x',
    '1',
    'undefined',
    '01963D2A-0000-7000-8000-000000000000',
    "'%20OR%201=1",
    '%E2%82%AC',
    'a'.repeat(5000),
  ])('MGT-73 id %j → 404', async (id) => {
    expect(await send(admin, 'GET', `/${id}`)).toMatchObject(NOT_FOUND)
    expect(await send(admin, 'DELETE', `/${id}`)).toMatchObject(NOT_FOUND)
    expect(await send(admin, 'PATCH', `/${id}`, { json: { name: 'x' } })).toMatchObject(NOT_FOUND)
  })

  test.each([
    '/..',
    '/../admin',
    '/./verify',
    '/verify/..',
    '/..;/x',
    '/%2e%2e',
    '/%2E',
    '/a%2fb',
    '/a%5Cb',
    '/a\\b',
    '/%',
    '/%zz',
    '/%00',
    '/%25',
    '/a#b',
    '/a b',
    '/\u00e9',
    '/?project=\u00e9',
    'verify',
  ])('MGT-74 target %j → 400, and it is not repeated', async (target) => {
    const got = await send(admin, 'GET', target)
    expect(got).toMatchObject({ status: 400, json: { error: 'invalid_request' } })
    expect(got.text).not.toContain(target)
  })

  test.each(['http://api.example/tokens/', '*', 'api.example:443', '/x/../tokens/', '/tokens\\/', ''])(
    'MGT-75 a request line with target %j → 400',
    async (originalTarget) => {
      expect(await send(admin, 'GET', '/', { originalTarget })).toMatchObject({ status: 400 })
    },
  )

  test('MGT-76 two Authorization headers → 400', async () => {
    const headers = [
      ['authorization', 'Bearer a'],
      ['authorization', 'Basic b'],
    ] as const
    expect(await send(admin, 'GET', '/', { headers })).toMatchObject({
      status: 400,
      json: { error: 'request_ambiguous' },
    })
  })
})

describe('pages of other origins', () => {
  const from = (...headers: (readonly [string, string])[]) => ({ json: {}, headers })

  test.each([
    ['MGT-77', [['sec-fetch-site', 'cross-site']]],
    ['MGT-77', [['sec-fetch-site', 'same-origin, cross-site']]],
    ['MGT-78', [['origin', 'https://evil.example']]],
    ['MGT-78', [['origin', 'null']]],
    ['MGT-78', [['origin', 'https://api.example.evil.example']]],
    ['MGT-78', [['origin', 'https://api.example@evil.example']]],
    ['MGT-78', [['origin', 'https://api.example:8443']]],
    [
      'MGT-78',
      [
        ['origin', 'https://api.example'],
        ['origin', 'https://evil.example'],
      ],
    ],
    [
      'MGT-78',
      [
        ['origin', 'https://api.example'],
        ['host', 'evil.example'],
      ],
    ],
    [
      'MGT-78',
      [
        ['origin', 'https://evil.example'],
        ['authorization', 'Basic YTpi'],
      ],
    ],
    [
      'MGT-78',
      [
        ['origin', 'https://evil.example'],
        ['authorization', 'Bearer'],
      ],
    ],
  ] as const)('%s %j → 403 before anybody is asked', async (_id, headers) => {
    let asked = 0
    const handler = managementHandler(service, {
      authorize: () => {
        asked++
        return ADMIN
      },
    })
    for (const [method, target] of [
      ['POST', '/'],
      ['POST', '/verify'],
      ['DELETE', '/?project=shop&subject=ada'],
      ['PATCH', '/01963d2a-0000-7000-8000-000000000000'],
    ] as const) {
      const got = await send(handler, method, target, from(...headers))
      expect(got, method).toMatchObject({ status: 403, json: { error: 'origin_denied' } })
    }
    expect(asked).toBe(0)
  })

  test.each([
    [[['origin', 'https://api.example']]],
    [[['origin', 'HTTPS://API.example']]],
    [[['sec-fetch-site', 'same-origin']]],
    [[['sec-fetch-site', 'none']]],
    [
      [
        ['origin', 'https://evil.example'],
        ['authorization', 'Bearer a.b.c'],
      ],
    ],
    [
      [
        ['sec-fetch-site', 'cross-site'],
        ['authorization', 'bearer a.b.c'],
      ],
    ],
    [
      [
        ['origin', 'https://Console.example'],
        ['sec-fetch-site', 'cross-site'],
      ],
    ],
  ] as const)('%j may', async (headers) => {
    const handler = as({}, ['https://console.example'])
    expect(await send(handler, 'POST', '/', from(...headers))).toMatchObject({ status: 201 })
  })

  test('reading is not changed by it', async () => {
    expect(await send(admin, 'GET', '/', { headers: [['sec-fetch-site', 'cross-site']] })).toMatchObject({
      status: 200,
    })
  })
})
