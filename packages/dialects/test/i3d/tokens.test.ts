import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { I3D_PROFILE } from '../../src/i3d.ts'
import { HOSTS } from '../hosts.ts'
import { type I3dApp, NOW, OTHER_SERVICE, readPart, SERVICE, startI3d, VHOST } from './start-i3d.ts'

describe.each(HOSTS)('i3D tokens in %s', (_name, start) => {
  let app: I3dApp

  beforeAll(async () => {
    app = await startI3d(start)
    await app.accessToken()
  })
  beforeEach(() => app.clock.set('2026-11-21T12:00:00Z'))
  afterAll(() => app.close())

  it('makes a token of an empty object, with absent optionals absent', async () => {
    const { status, json, headers } = await app.issue({})
    expect(status).toBe(200)
    expect(json).toEqual({
      file: `${VHOST}/`,
      iat: NOW,
      iss: 'i3d',
      sub: SERVICE,
      token: expect.any(String),
      tokenSHA256Hash: expect.any(String),
    })
    const token = String(json.token)
    expect(readPart(token)).toEqual({
      file: `${VHOST}/`,
      iat: NOW,
      iss: 'i3d',
      sub: SERVICE,
      jti: expect.any(String),
    })
    expect(readPart(token, 0)).toEqual({ alg: 'HS256', typ: 'JWT', kid: expect.any(String) })
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    app.clock.set('2090-01-01T00:00:00Z')
    expect(await app.service.verify(token, { profiles: [I3D_PROFILE] })).toMatchObject({ valid: true })
  })

  it('puts exp, file, ip and nbf into the token and the answer', async () => {
    const asked = { exp: NOW + 60, file: 'videos/a.mp4', ip: '192.0.2.7', nbf: NOW - 5 }
    const { status, json } = await app.issue(asked)
    const said = { ...asked, file: `${VHOST}/videos/a.mp4`, iat: NOW, iss: 'i3d', sub: SERVICE }
    const { token, tokenSHA256Hash, ...rest } = json
    expect([status, rest]).toEqual([200, said])
    expect(readPart(String(token))).toEqual({ ...said, jti: expect.any(String) })
    expect(tokenSHA256Hash).toBe(createHash('sha256').update(String(token)).digest('hex'))
  })

  it.each([
    ['', ''],
    ['/', ''],
    ['a.mp4', 'a.mp4'],
    ['///videos/a.mp4', 'videos/a.mp4'],
    ['videos/', 'videos/'],
    [VHOST, ''],
    [`${VHOST}/videos/a.mp4`, 'videos/a.mp4'],
    [`/${VHOST}/videos/a.mp4`, 'videos/a.mp4'],
    [`${VHOST}.mp4`, `${VHOST}.mp4`],
    [`${VHOST}/${VHOST}/a`, `${VHOST}/a`],
    ['my film*.mp4', 'my film*.mp4'],
    ['f%C3%BC%20r/für', 'f%C3%BC%20r/für'],
  ])('lets the file %j begin with the vhost', async (file, rest) => {
    const { status, json } = await app.issue({ file })
    expect([status, json.file]).toEqual([200, `${VHOST}/${rest}`])
    expect(readPart(String(json.token)).file).toBe(`${VHOST}/${rest}`)
  })

  it('takes an IPv6 address, in its short spelling', async () => {
    expect((await app.issue({ ip: '2001:DB8:0::1' })).json.ip).toBe('2001:db8::1')
  })

  it('takes a range of addresses', async () => {
    expect((await app.issue({ ip: '192.0.2.0/24' })).json.ip).toBe('192.0.2.0/24')
    expect((await app.issue({ ip: '192.0.2.1/24' })).status).toBe(400)
  })

  it('verifies with 201 and the claims', async () => {
    const { json } = await app.issue({ exp: NOW + 60, file: 'videos/', ip: '192.0.2.7' })
    const token = String(json.token)
    const { status, json: verified, headers } = await app.verify(token)
    expect([status, verified]).toEqual([201, { claims: readPart(token), token, valid: true }])
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
  })

  it('verifies as not valid, without claims, what is not signed well', async () => {
    const token = await app.token()
    const [head = '', payload = ''] = token.split('.')
    const forged = Buffer.from(JSON.stringify({ ...readPart(token), file: 'x/' })).toString('base64url')
    const texts = [
      `${token}x`,
      token.slice(0, -2),
      `${head}.${forged}.${token.split('.')[2]}`,
      `${head}.${payload}.`,
      `${head}.${payload}`,
      'x',
      'a.b.c',
      'a%20b',
      `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`,
    ]
    for (const text of texts) {
      const { status, json } = await app.verify(text)
      expect([status, json]).toEqual([201, { token: text, valid: false }])
    }
  })

  it('verifies as not valid, with claims, what is expired, not yet valid or revoked', async () => {
    const expired = await app.token({ exp: NOW + 60 })
    const pending = await app.token({ nbf: NOW + 3600 })
    const revoked = await app.token()
    await app.service.revoke('i3d', String(readPart(revoked).jti))
    const issued = await app.service.issue({ subject: 'x' })
    app.clock.advance(61)
    for (const token of [expired, pending, revoked]) {
      const { status, json } = await app.verify(token)
      expect([status, json]).toEqual([201, { claims: readPart(token), token, valid: false }])
    }
    const native = await app.verify(issued.token)
    expect([native.status, native.json]).toEqual([201, { token: issued.token, valid: false }])
  })

  it('takes a base URL that ends in a slash, with and without /api', async () => {
    const headers = { 'content-type': 'application/json' }
    for (const base of ['', '/', '/api', '/api/', '//api//']) {
      const path = `${base}/service/${SERVICE}/jwt`
      const issued = await app.call(path, { method: 'POST', headers, body: '{}' })
      expect([path, issued.status]).toEqual([path, 200])
      const verified = await app.call(`${path}/${issued.json.token}`)
      expect([path, verified.status, verified.json.valid]).toEqual([path, 201, true])
    }
    const slash = await app.call(`/service/${SERVICE}/jwt/`, { method: 'POST', headers, body: '{}' })
    expect(slash.status).toBe(200)
  })

  it("answers 404 for services that are unknown or not the caller's", async () => {
    for (const id of ['unknown', OTHER_SERVICE, '__proto__', 'constructor', 'svc-1%41a']) {
      const issued = await app.issue({}, id)
      expect([id, issued.status, issued.json]).toEqual([
        id,
        404,
        { code: 404, message: 'there is no such service' },
      ])
      const verified = await app.verify(await app.token(), id)
      expect([id, verified.status, verified.json.code]).toEqual([id, 404, 404])
    }
  })

  it('answers what is not there in its own shape, without the path', async () => {
    const secret = 'do-not-repeat'
    for (const [method, path, status] of [
      ['GET', `/${secret}`, 404],
      ['GET', `/service/${SERVICE}/jwt/a/${secret}`, 404],
      ['GET', '', 404],
      ['GET', '/api', 404],
      ['GET', `/service/${SERVICE}/jwt`, 405],
      ['POST', `/service/${SERVICE}/jwt/${secret}`, 405],
      ['DELETE', `/service/${SERVICE}/jwt/${secret}`, 405],
      ['GET', '/connect/token', 405],
      ['GET', `/service/%2f/jwt/${secret}`, 400],
    ] as const) {
      const answer = await app.call(path, { method })
      expect([path, answer.status, answer.json]).toEqual([
        path,
        status,
        { code: status, message: expect.any(String) },
      ])
      expect(answer.text).not.toContain(secret)
      if (status === 405) expect(answer.headers.get('allow')).toContain(method === 'GET' ? 'POST' : 'GET')
    }
  })

  it('answers 401 without a good access token', async () => {
    const jwt = await app.token()
    const native = (await app.service.issue({ subject: 'shop', project: 'i3d.clients' })).token
    const path = `/service/${SERVICE}/jwt`
    const body = '{}'
    for (const authorization of [
      null,
      'Bearer x',
      `Bearer ${jwt}`,
      `Bearer ${native}`,
      `Basic ${Buffer.from('shop:s3cret').toString('base64')}`,
    ]) {
      const headers = { 'content-type': 'application/json', ...(authorization !== null && { authorization }) }
      const issued = await app.call(path, { method: 'POST', headers, body, anonymous: true })
      expect([issued.status, issued.json]).toEqual([401, { code: 401, message: expect.any(String) }])
      expect(issued.headers.get('www-authenticate')).toMatch(/^Bearer/)
      const verified = await app.call(`${path}/${jwt}`, { headers, anonymous: true })
      expect([verified.status, verified.json.code]).toEqual([401, 401])
    }
  })

  it('answers 401 when the access token has expired, and 503 when the store is down', async () => {
    const path = `/service/${SERVICE}/jwt`
    const jwt = await app.token()
    app.setStoreDown(true)
    try {
      for (const answer of [await app.issue({}), await app.verify(jwt)]) {
        expect([answer.status, answer.json]).toEqual([503, { code: 503, message: expect.any(String) }])
        expect(answer.headers.get('retry-after')).not.toBeNull()
      }
    } finally {
      app.setStoreDown(false)
    }
    expect((await app.issue({})).status).toBe(200)
    app.clock.advance(901)
    const late = await app.call(`${path}/${jwt}`)
    expect([late.status, late.json.code]).toEqual([401, 401])
  })
})
