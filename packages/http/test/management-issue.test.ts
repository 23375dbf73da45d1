import type { Grant, Principal } from '@hallpass/core'
import { describe, expect, test } from 'vitest'
import { managementHandler } from '../src/index.ts'
import { ADMIN, createClock, createService, send, textOf } from './management-call.ts'

const clock = createClock()
const service = await createService({ now: clock.now })

function as(principal: Partial<Principal>) {
  return managementHandler(service, { authorize: () => ({ ...ADMIN, ...principal }) })
}

const admin = as({})
const key = (value: string) => ({ headers: [['idempotency-key', value]] as const })

describe('link', () => {
  test('answers a url with the token in it', async () => {
    const { json } = await send(admin, 'POST', '/', { json: { paths: ['/files/'], link: '/files/a%20b' } })
    expect(json.url).toBe(`/files/a%20b?token=${textOf(json, 'token')}`)
    const other = await send(admin, 'POST', '/', { json: { link: '/files/a?download=1' } })
    expect(other.json.url).toBe(`/files/a?download=1&token=${textOf(other.json, 'token')}`)
  })

  test('must be opened by the paths that the token will have, before anything is issued', async () => {
    const granted = as({ projects: ['linked'], grant: { paths: ['/mine/'] } })
    const got = await send(admin, 'POST', '/', {
      json: { project: 'linked', paths: ['/files/'], link: '/other' },
    })
    expect(got).toMatchObject({ status: 400, json: { error: 'invalid_request', details: { field: 'link' } } })
    expect(await send(granted, 'POST', '/', { json: { link: '/files/a' } })).toMatchObject({ status: 400 })
    expect((await send(admin, 'GET', '/?project=linked')).json.tokens).toEqual([])
    expect(await send(granted, 'POST', '/', { json: { link: '/mine/a' } })).toMatchObject({ status: 201 })
  })

  test.each([
    ['MGT-10', 'https://evil.example/files/a'],
    ['MGT-11', '//evil.example/files/a'],
    ['MGT-12', '/files/../secret'],
    ['MGT-13', '/files/%2e%2e/secret'],
    ['MGT-14', '/files/a?token=mine'],
    ['MGT-15', '/files/a?x=#'],
    ['MGT-16', '/files/a\r\nset-cookie: a=b'],
    ['MGT-17', '/files/a?x="\u00e9'],
    ['MGT-18', ''],
  ])('%s a link %j is refused', async (_id, link) => {
    const got = await send(admin, 'POST', '/', { json: { link } })
    expect(got).toMatchObject({ status: 400, json: { error: 'invalid_request', details: { field: 'link' } } })
  })
})

describe('Idempotency-Key', () => {
  test('the same key and body give the same token, another body 422', async () => {
    const json = { subject: 'ada', expiresIn: '1 hour' }
    const first = await send(admin, 'POST', '/', { json, ...key('once') })
    clock.advance(2)
    const second = await send(admin, 'POST', '/', {
      json: { expiresIn: '1 hour', subject: 'ada' },
      ...key('once'),
    })
    expect(second).toMatchObject({ status: 201, json: { token: first.json.token, id: first.json.id } })
    const other = await send(admin, 'POST', '/', { json: { subject: 'eve' }, ...key('once') })
    expect(other).toMatchObject({ status: 422, json: { error: 'idempotency_mismatch' } })
  })

  test('MGT-19 the same key with another link is another request', async () => {
    await send(admin, 'POST', '/', { json: { link: '/a' }, ...key('linked') })
    const got = await send(admin, 'POST', '/', { json: { link: '/b' }, ...key('linked') })
    expect(got).toMatchObject({ status: 422, json: { error: 'idempotency_mismatch' } })
  })

  test("MGT-20 another principal's key is not found", async () => {
    const first = await send(as({ id: 'one' }), 'POST', '/', { json: { subject: 's' }, ...key('shared') })
    const second = await send(as({ id: 'two' }), 'POST', '/', { json: { subject: 's' }, ...key('shared') })
    expect(second.status).toBe(201)
    expect(second.json.id).not.toBe(first.json.id)
  })

  test.each([
    ['MGT-21', ['']],
    ['MGT-22', ['a b']],
    ['MGT-23', ['\u00e9']],
    ['MGT-24', ['k'.repeat(256)]],
    ['MGT-25', ['a', 'a']],
    ['MGT-26', ['a\tb']],
  ])('%s idempotency keys %j are refused and not repeated', async (_id, values) => {
    const headers = values.map((value) => ['idempotency-key', value] as const)
    const got = await send(admin, 'POST', '/', { json: {}, headers })
    expect(got).toMatchObject({ status: 400, json: { details: { field: 'idempotencyKey' } } })
    for (const value of values) if (value.length > 1) expect(got.text).not.toContain(value)
  })

  test('SEC-01 an idempotency key is in no answer', async () => {
    const secret = 'idempotency-secret-4711'
    for (const json of [{}, {}, { subject: 'other' }, { bad: 1 }]) {
      const got = await send(admin, 'POST', '/', { json, ...key(secret) })
      expect(got.text + JSON.stringify(got.headers)).not.toContain(secret)
    }
  })
})

describe('a grant', () => {
  const grant: Grant = {
    maxLifeSeconds: 600,
    paths: ['/files/'],
    scope: ['files'],
    httpMethods: ['GET'],
    ip: ['192.0.2.0/24'],
    credits: 10,
    claims: ['tier'],
  }
  const granted = as({ id: 'shop-admin', projects: ['shop'], subjects: ['ada', 'bob'], grant })

  test('fills in what is absent', async () => {
    const { json } = await send(granted, 'POST', '/', { json: { subject: 'ada' } })
    expect(json).toMatchObject({
      project: 'shop',
      paths: ['/files/'],
      scope: ['files'],
      httpMethods: ['GET'],
      ip: ['192.0.2.0/24'],
      credits: { limit: 10 },
      remainingSeconds: 600,
      createdBy: 'shop-admin',
    })
  })

  test('lets less through', async () => {
    const json = { subject: 'ada', expiresIn: 60, paths: ['/files/a'], scope: ['files.read'], credits: 3 }
    const got = await send(granted, 'POST', '/', {
      json: { ...json, claims: { tier: 1 }, ip: ['192.0.2.7'] },
    })
    expect(got).toMatchObject({ status: 201, json: { remainingSeconds: 60, paths: ['/files/a'] } })
  })

  test.each([
    ['MGT-27', 'expiresIn', { expiresIn: 601 }],
    ['MGT-28', 'expiresAt', { expiresAt: null }],
    ['MGT-29', 'paths', { paths: ['/'] }],
    ['MGT-30', 'paths', { paths: null }],
    ['MGT-31', 'scope', { scope: ['files', 'admin'] }],
    ['MGT-32', 'httpMethods', { httpMethods: ['GET', 'PUT'] }],
    ['MGT-33', 'ip', { ip: ['0.0.0.0/0'] }],
    ['MGT-34', 'ip', { ip: [] }],
    ['MGT-35', 'credits', { credits: 11 }],
    ['MGT-36', 'credits', { credits: null }],
    ['MGT-37', 'claims.role', { claims: { role: 'admin' } }],
    ['MGT-38', 'project', { project: 'bank' }],
    ['MGT-39', 'subject', { subject: 'eve' }],
  ])('%s more than the grant: %s', async (_id, field, more) => {
    const got = await send(granted, 'POST', '/', { json: { subject: 'ada', ...more } })
    expect(got).toMatchObject({ status: 403, json: { error: 'grant_exceeded', details: { field } } })
  })

  test('names what has to be named', async () => {
    expect(await send(granted, 'POST', '/', { json: {} })).toMatchObject({
      status: 400,
      json: { error: 'subject_required', details: { field: 'subject' } },
    })
    const two = as({ projects: ['a', 'b'] })
    expect(await send(two, 'POST', '/', { json: {} })).toMatchObject({
      status: 400,
      json: { error: 'project_required', details: { field: 'project' } },
    })
    expect(await send(two, 'GET', '/')).toMatchObject({ status: 400, json: { error: 'project_required' } })
  })

  test('MGT-40 credits are topped up to the grant and not beyond', async () => {
    const { json } = await send(granted, 'POST', '/', { json: { subject: 'ada', credits: 4 } })
    const add = (amount: number) =>
      send(granted, 'PATCH', `/${json.id}`, { json: { credits: { add: amount } } })
    expect(await add(7)).toMatchObject({
      status: 403,
      json: { error: 'grant_exceeded', details: { field: 'credits' } },
    })
    expect(await add(6)).toMatchObject({ status: 200, json: { credits: { limit: 10 } } })
    expect(await add(1)).toMatchObject({ status: 403 })
    expect(await send(granted, 'PATCH', `/${json.id}`, { json: { name: 'x' } })).toMatchObject({
      status: 200,
    })
  })

  test('MGT-41 nobody hands on an action that it cannot do itself', async () => {
    const issuer = as({ can: ['issue', 'read'] })
    for (const scope of [['hallpass'], ['hallpass.revoke'], ['files', 'hallpass.list']]) {
      const got = await send(issuer, 'POST', '/', { json: { scope } })
      expect(got).toMatchObject({
        status: 403,
        json: { error: 'grant_exceeded', details: { field: 'scope' } },
      })
    }
    expect(await send(issuer, 'POST', '/', { json: { scope: ['hallpass.read'] } })).toMatchObject({
      status: 201,
    })
    const byGrant = as({ can: ['issue'], grant: { scope: ['hallpass'] } })
    expect(await send(byGrant, 'POST', '/', { json: {} })).toMatchObject({ status: 403 })
  })
})
