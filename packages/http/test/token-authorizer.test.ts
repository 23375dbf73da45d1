import { createMemoryStore, type IssueInput } from '@hallpass/core'
import { describe, expect, test } from 'vitest'
import { basicAuth, firstOf, managementHandler, tokenAuthorizer } from '../src/index.ts'
import { ADMIN, createClock, createService, type Got, type Sent, send } from './management-call.ts'

const clock = createClock()
const service = await createService({ now: clock.now, limits: { allowNoExpiry: true } })
const handler = managementHandler(service, { authorize: tokenAuthorizer(service) })

async function holder(
  input: IssueInput,
): Promise<{ id: string; call: (method: string, target: string, sent?: Sent) => Promise<Got> }> {
  const { token, record } = await service.issue({ project: 'shop', subject: 'ada', ...input })
  const headers = [['authorization', `Bearer ${token}`]] as const
  return {
    id: record.id,
    call: (method, target, sent = {}) => send(handler, method, target, { ...sent, headers }),
  }
}

const CALLS = [
  ['issue', 'POST', '/', { json: {} }],
  ['list', 'GET', '/', {}],
  ['list', 'GET', '/usage', {}],
  ['verify', 'POST', '/verify', { json: { token: 'x' } }],
] as const

describe('a token with a management scope', () => {
  test('does what its scope says, and no more', async () => {
    for (const [action, method, target, sent] of CALLS) {
      const able = await holder({ scope: [`hallpass.${action}`] })
      const all = await holder({ scope: ['hallpass'] })
      const unable = await holder({ scope: ['hallpass.update', 'hallpassed', 'files'] })
      expect((await able.call(method, target, sent)).status).toBeLessThan(300)
      expect((await all.call(method, target, sent)).status).toBeLessThan(300)
      expect(await unable.call(method, target, sent)).toMatchObject({
        status: 403,
        json: { error: 'action_denied' },
      })
    }
    const self = await holder({ scope: ['hallpass.read', 'hallpass.revoke', 'hallpass.update'] })
    expect(await self.call('GET', `/${self.id}`)).toMatchObject({ status: 200 })
    expect(await self.call('PATCH', `/${self.id}`, { json: { name: 'me' } })).toMatchObject({ status: 200 })
    expect(await self.call('DELETE', `/${self.id}`)).toMatchObject({ status: 200 })
    expect(await self.call('GET', `/${self.id}`)).toMatchObject({
      status: 401,
      json: { error: 'token_revoked' },
    })
  })

  test('acts for its own project and subject only', async () => {
    const { call } = await holder({ scope: ['hallpass'] })
    expect(await call('POST', '/', { json: {} })).toMatchObject({ json: { project: 'shop', subject: 'ada' } })
    expect(await call('POST', '/', { json: { subject: 'bob' } })).toMatchObject({ status: 403 })
    expect(await call('POST', '/', { json: { project: 'bank' } })).toMatchObject({ status: 403 })
    expect(await call('GET', '/?subject=bob')).toMatchObject({ status: 404 })
    const { record } = await service.issue({ project: 'shop', subject: 'bob' })
    expect(await call('GET', `/${record.id}`)).toMatchObject({ status: 404 })
  })

  test('SEC-12 never hands its management scope on', async () => {
    const { call } = await holder({ scope: ['hallpass', 'files'] })
    for (const scope of [['hallpass'], ['hallpass.issue'], ['files', 'hallpass.read'], ['hallpass.x']]) {
      const got = await call('POST', '/', { json: { scope } })
      expect(got).toMatchObject({
        status: 403,
        json: { error: 'grant_exceeded', details: { field: 'scope' } },
      })
    }
    expect(await call('POST', '/', { json: {} })).toMatchObject({ status: 201, json: { scope: ['files'] } })
  })

  test('SEC-13 what it issues does not outlive it', async () => {
    const { call } = await holder({ scope: ['hallpass'], expiresIn: 600 })
    expect(await call('POST', '/', { json: { expiresIn: 601 } })).toMatchObject({
      status: 403,
      json: { error: 'grant_exceeded', details: { field: 'expiresIn' } },
    })
    expect(await call('POST', '/', { json: { expiresAt: null } })).toMatchObject({ status: 403 })
    expect((await call('POST', '/', { json: {} })).json.remainingSeconds).toBe(600)
    clock.advance(100)
    expect((await call('POST', '/', { json: {} })).json.remainingSeconds).toBe(500)
  })

  test('SEC-14 an expiry that was moved earlier bounds it too', async () => {
    const { call, id } = await holder({ scope: ['hallpass'], expiresIn: 3600 })
    await service.update('shop', id, { expiresAt: new Date(clock.now().getTime() + 50_000) })
    expect((await call('POST', '/', { json: {} })).json.remainingSeconds).toBe(50)
    expect(await call('POST', '/', { json: { expiresIn: 51 } })).toMatchObject({ status: 403 })
  })

  test('SEC-15 a body that takes long to come does not buy life', async () => {
    const { token } = await service.issue({
      project: 'shop',
      subject: 'ada',
      scope: ['hallpass'],
      expiresIn: 60,
    })
    const readSlowly = async (): Promise<Uint8Array> => {
      clock.advance(40)
      return Buffer.from('{}')
    }
    let body: Promise<Uint8Array> | undefined
    const response = await handler({
      method: 'POST',
      target: '/',
      originalTarget: '/tokens/',
      headers: new Map([
        ['authorization', [`Bearer ${token}`]],
        ['content-type', ['application/json']],
      ]),
      peer: undefined,
      native: null,
      body() {
        body ??= readSlowly()
        return body
      },
    })
    expect(response).toMatchObject({ status: 201 })
    expect(JSON.parse(String(response.body)).remainingSeconds).toBe(20)
  })

  test('SEC-16 one that never expires grants as the service does', async () => {
    const { call } = await holder({ scope: ['hallpass'], expiresAt: null })
    expect(await call('POST', '/', { json: { expiresAt: null } })).toMatchObject({
      json: { expiresAt: null },
    })
  })

  test('SEC-17 its own address, path and method limits hold', async () => {
    const scope = ['hallpass']
    const elsewhere = await holder({ scope, ip: ['198.51.100.1'] })
    expect(await elsewhere.call('GET', '/')).toMatchObject({ status: 403, json: { error: 'ip_denied' } })
    const files = await holder({ scope, paths: ['/files/'] })
    expect(await files.call('GET', '/')).toMatchObject({ status: 403, json: { error: 'path_denied' } })
    const reader = await holder({ scope, httpMethods: ['GET'] })
    expect(await reader.call('POST', '/', { json: {} })).toMatchObject({
      status: 403,
      json: { error: 'method_denied' },
    })
    expect(await reader.call('HEAD', '/')).toMatchObject({ status: 200 })
  })

  test('SEC-18 what it issues is bounded by its limits', async () => {
    const { call } = await holder({
      scope: ['hallpass'],
      ip: ['192.0.2.0/24'],
      paths: ['/tokens/', '/files/'],
      httpMethods: ['POST', 'GET'],
    })
    expect(await call('POST', '/', { json: {} })).toMatchObject({
      json: { ip: ['192.0.2.0/24'], paths: ['/tokens/', '/files/'], httpMethods: ['POST', 'GET'], scope: [] },
    })
    for (const more of [
      { ip: ['192.0.0.0/16'] },
      { paths: ['/'] },
      { httpMethods: ['DELETE'] },
      { claims: { a: 1 } },
    ]) {
      expect(await call('POST', '/', { json: more })).toMatchObject({
        status: 403,
        json: { error: 'grant_exceeded' },
      })
    }
    expect(await call('POST', '/', { json: { paths: ['/files/a'] } })).toMatchObject({ status: 201 })
  })

  test('SEC-19 a metered one issues nothing and tops nothing up', async () => {
    await service.createPool('shop', 'account', 100)
    for (const limit of [{ credits: 5 }, { pool: 'account' }]) {
      const { call, id } = await holder({ scope: ['hallpass'], ...limit })
      for (const json of [{}, { credits: 1 }, { credits: null }]) {
        const got = await call('POST', '/', { json })
        expect(got).toMatchObject({
          status: 403,
          json: { error: 'grant_exceeded', details: { field: 'credits' } },
        })
      }
      const topUp = await call('PATCH', `/${id}`, { json: { credits: { add: 1 } } })
      expect(topUp).toMatchObject({ status: 403, json: { error: 'grant_exceeded' } })
      expect(await call('GET', '/')).toMatchObject({ status: 200 })
    }
  })

  test('SEC-20 its idempotency keys are its own', async () => {
    const headers = [['idempotency-key', 'shared']] as const
    const admin = managementHandler(service, { authorize: () => ({ ...ADMIN, id: 'ada' }) })
    const json = { project: 'shop', subject: 'ada' }
    const first = await send(admin, 'POST', '/', { json, headers })
    const { token } = await service.issue({ ...json, scope: ['hallpass'], paths: ['/tokens/'] })
    const bearer = ['authorization', `Bearer ${token}`] as const
    const second = await send(handler, 'POST', '/', { json, headers: [...headers, bearer] })
    expect(second.status).toBe(201)
    expect(second.json.id).not.toBe(first.json.id)
    expect(second.json.paths).toEqual(['/tokens/'])
  })

  test('is refused as the guard refuses it, and without one there is a bare challenge', async () => {
    const { call } = await holder({ scope: ['hallpass'], expiresIn: 1 })
    clock.advance(2)
    const got = await call('GET', '/')
    expect(got).toMatchObject({ status: 401, json: { error: 'token_expired' } })
    expect(got.headers['www-authenticate']).toBe('Bearer error="invalid_token"')
    const bare = await send(handler, 'GET', '/')
    expect(bare).toMatchObject({ status: 401, json: { error: 'authentication_required' } })
    expect(bare.headers['www-authenticate']).toBe('Bearer')
    const garbled = await send(handler, 'GET', '/', { headers: [['authorization', 'Bearer a b']] })
    expect(garbled).toMatchObject({ status: 401 })
  })

  test('in bounded mode the record is asked for as well', async () => {
    const bounded = await createService({ revocation: { mode: 'bounded', maxStalenessMs: 60_000 } })
    const own = managementHandler(bounded, { authorize: tokenAuthorizer(bounded) })
    const { token, record } = await bounded.issue({ scope: ['hallpass'], expiresIn: 3600 })
    await bounded.update('default', record.id, { expiresAt: new Date(Date.now() + 100_000) })
    const headers = [['authorization', `Bearer ${token}`]] as const
    const got = await send(own, 'POST', '/', { json: {}, headers })
    expect(got.json.remainingSeconds).toBeLessThanOrEqual(100)
    await bounded.close()
  })

  test('in bounded mode a revocation that has not come yet holds, or what it issues would outlive it', async () => {
    const store = createMemoryStore()
    const bounded = await createService({ store, revocation: { mode: 'bounded', maxStalenessMs: 60_000 } })
    const own = managementHandler(bounded, { authorize: tokenAuthorizer(bounded) })
    const { token, record } = await bounded.issue({ scope: ['hallpass', 'files'] })
    await store.revoke('default', record.id, new Date())
    expect(await bounded.authorize(token, { address: null, target: null, method: null })).toMatchObject({
      allowed: true,
    })
    const headers = [['authorization', `Bearer ${token}`]] as const
    const got = await send(own, 'POST', '/', { json: {}, headers })
    expect(got).toMatchObject({ status: 401, json: { error: 'token_revoked' } })
    await bounded.close()
  })
})

describe('firstOf', () => {
  const authorize = firstOf(
    basicAuth({ users: { root: { password: 'pw', principal: ADMIN } } }),
    tokenAuthorizer(service),
  )
  const both = managementHandler(service, { authorize })

  test('takes whoever is known first', async () => {
    const basic = `Basic ${Buffer.from('root:pw').toString('base64')}`
    expect(await send(both, 'GET', '/', { headers: [['authorization', basic]] })).toMatchObject({
      status: 200,
    })
    const { token } = await service.issue({ scope: ['hallpass'] })
    const bearer = await send(both, 'GET', '/', { headers: [['authorization', `Bearer ${token}`]] })
    expect(bearer).toMatchObject({ status: 200 })
    const nobody = await send(both, 'GET', '/')
    expect(nobody.headers['www-authenticate']).toBe('Basic realm="hallpass", charset="UTF-8", Bearer')
    expect(Object.keys(authorize.security ?? {})).toEqual(['basic', 'token'])
  })

  test('a bad token ends it', async () => {
    const headers = [['authorization', 'Bearer a.b.c']] as const
    expect(await send(both, 'GET', '/', { headers })).toMatchObject({
      status: 401,
      json: { error: 'token_malformed' },
    })
  })

  test('copes with a function that says nothing of itself', async () => {
    const plain = firstOf(() => null)
    expect(plain.challenge).toBe('Bearer')
    expect(await send(managementHandler(service, { authorize: plain }), 'GET', '/')).toMatchObject({
      status: 401,
    })
  })
})
