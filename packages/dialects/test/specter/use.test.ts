import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createMemoryStore, createTokenService, type Principal } from '@hallpass/core'
import { requireToken } from '@hallpass/express'
import express from 'express'
import { describe, expect, it, onTestFinished } from 'vitest'
import { SPECTER_PROFILE, specter } from '../../src/index.ts'
import { HOSTS, startExpress } from '../hosts.ts'
import {
  ACTIONS,
  authenticate,
  createPrincipal,
  startSpecter,
  TOKENS,
  toBasic,
  WHOAMI,
} from './start-specter.ts'

const ORDER = { jwt_token_description: 'in use', jwt_token_life: '6 hours' }

describe.each(HOSTS)('specter tokens in use in %s', (_name, startHost) => {
  it('whoami says who the bearer is', async () => {
    const { create, whoami, call } = await startSpecter(startHost)
    const { id, token } = await create('in use')
    const { status, body, headers } = await whoami(token)
    expect([status, body]).toEqual([
      200,
      { username: 'admin', jwt_token_id: id, jwt_token_description: 'in use' },
    ])
    expect(headers.get('cache-control')).toBe('no-store')
    const lower = await call('GET', `${WHOAMI}/`, {
      user: null,
      headers: { authorization: `bearer ${token}` },
    })
    expect(lower.status).toBe(200)
    expect((await call('POST', WHOAMI)).status).toBe(405)
  })

  it('whoami refuses no token, a password, a bad token and an expired one with 401 and a challenge', async () => {
    const { create, whoami, call, clock } = await startSpecter(startHost)
    const { token } = await create('short', '1 minute')
    const none = await call('GET', WHOAMI, { user: null })
    expect([none.status, none.body]).toEqual([401, { message: 'an access token is required' }])
    expect(none.headers.get('www-authenticate')).toBe('Bearer')
    expect((await call('GET', WHOAMI)).status).toBe(401)
    const [header = '', payload = '', signature = ''] = token.split('.')
    const changed = `${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
    const bad = await whoami(changed)
    expect([bad.status, bad.body]).toEqual([
      401,
      { message: 'the signature of the access token is not valid' },
    ])
    expect(bad.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"')
    clock.advance(60)
    expect((await whoami(token)).body).toEqual({ message: 'the access token has expired' })
  })

  it('a deleted token is refused on the next request, and only that one', async () => {
    const { create, whoami, call } = await startSpecter(startHost)
    const gone = await create('gone')
    const kept = await create('kept')
    expect((await whoami(gone.token)).status).toBe(200)
    await call('DELETE', `${TOKENS}/${gone.id}`)
    const refused = await whoami(gone.token)
    expect([refused.status, refused.body]).toEqual([401, { message: 'the access token has been revoked' }])
    expect((await whoami(kept.token)).status).toBe(200)
  })

  it('a native token opens nothing here, and a token from here no native guard', async () => {
    const { create, whoami, service } = await startSpecter(startHost)
    const native = await service.issue({ project: 'default', subject: 'admin' })
    const refused = await whoami(native.token)
    expect([refused.status, refused.body]).toEqual([
      401,
      { message: 'this kind of access token is not accepted here' },
    ])
    const { token } = await create('not native')
    const request = { address: null, target: null, method: null }
    expect(await service.authorize(token, request)).toMatchObject({ code: 'token_type_denied' })
    expect(await service.verify(token)).toMatchObject({ valid: false, error: 'token_type_denied' })
    expect(await service.authorize(token, { ...request, profiles: [SPECTER_PROFILE] })).toMatchObject({
      allowed: true,
      token: { subject: 'admin', project: 'default', profile: 'specter' },
    })
  })

  it('a token of one project opens nothing in another', async () => {
    const service = await createTokenService({ issuer: 'urn:test', store: createMemoryStore() })
    const both: Principal = createPrincipal('admin', { projects: ['a', 'b'] })
    const host = await startHost(
      ['a', 'b'].map((project) => ({
        path: `/${project}`,
        handler: specter(service, { project, authenticate: () => both }),
      })),
    )
    onTestFinished(async () => {
      await host.close()
      await service.close()
    })
    const headers = { authorization: toBasic('admin') }
    const created = await fetch(`${host.url}/a${TOKENS}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(ORDER),
    })
    const { jwt_token: token, jwt_token_id: id } = (await created.json()) as Record<string, string>
    const bearer = { authorization: `Bearer ${token}` }
    expect((await fetch(`${host.url}/a${WHOAMI}`, { headers: bearer })).status).toBe(200)
    const refused = await fetch(`${host.url}/b${WHOAMI}`, { headers: bearer })
    expect([refused.status, await refused.json()]).toEqual([
      403,
      { message: 'the access token belongs to another project' },
    ])
    expect((await fetch(`${host.url}/b${TOKENS}`, { headers })).status).toBe(404)
    expect((await fetch(`${host.url}/b${TOKENS}/${id}`, { headers })).status).toBe(404)
    const again = await fetch(`${host.url}/b${TOKENS}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(ORDER),
    })
    expect(again.status).toBe(201)
    // Each has a secret of its own: the key ids differ.
    const { jwt_token: other = '' } = (await again.json()) as Record<string, string>
    expect(other.split('.')[0]).not.toBe(token?.split('.')[0])
  })

  it('a user does what its principal may do: no more actions, no other project', async () => {
    const asked: string[] = []
    const { call } = await startSpecter(startHost, {
      project: 'default',
      authenticate: ({ username }) => {
        asked.push(username)
        return username === 'reader'
          ? createPrincipal('reader', { can: ['list', 'read'] })
          : createPrincipal('stranger', { projects: ['elsewhere'] })
      },
    })
    const denied = await call('POST', TOKENS, { user: 'reader', body: ORDER })
    expect([denied.status, denied.body]).toEqual([
      403,
      { message: 'you may not do this: it needs the action `issue`' },
    ])
    expect((await call('GET', TOKENS, { user: 'reader' })).status).toBe(404)
    expect((await call('GET', TOKENS, { user: 'stranger' })).status).toBe(403)
    expect(asked).toEqual(['reader', 'reader', 'stranger'])
  })

  it("the principal's grant bounds the life and limits the token", async () => {
    const grant = { maxLifeSeconds: 3600, ip: ['192.0.2.0/24'], scope: ['read'], credits: 5 }
    const { call, whoami, service } = await startSpecter(startHost, {
      authenticate: () => createPrincipal('admin', { grant }),
    })
    const long = await call('POST', TOKENS, { body: ORDER })
    expect([long.status, long.body]).toEqual([403, { message: 'jwt_token_life is later than you may grant' }])
    const { status, body } = await call('POST', TOKENS, { body: { ...ORDER, jwt_token_life: '1 hour' } })
    expect(status).toBe(201)
    expect(await service.get('default', String(body.jwt_token_id))).toMatchObject({
      ip: ['192.0.2.0/24'],
      scope: ['read'],
      credits: { limit: 5, remaining: 5 },
    })
    const refused = await whoami(String(body.jwt_token))
    expect([refused.status, refused.body]).toEqual([
      403,
      { message: 'the access token may not be used from this address' },
    ])
  })

  it('the subject is the only one of the principal, else its id', async () => {
    const { create, whoami } = await startSpecter(startHost, {
      authenticate: ({ username }) => ({
        id: username,
        projects: ['default'],
        subjects: username === 'admin' ? '*' : ['team'],
        can: ACTIONS,
      }),
    })
    expect((await whoami((await create('own id')).token)).body.username).toBe('admin')
    expect((await whoami((await create('team', '1 h', 'bob')).token)).body.username).toBe('team')
  })

  it('a page of another origin creates and deletes nothing with a remembered password', async () => {
    const { call, create } = await startSpecter(startHost, { origins: ['https://ours.example'] })
    const { id } = await create('kept')
    const headers = { origin: 'https://evil.example' }
    const created = await call('POST', TOKENS, { body: ORDER, headers })
    expect([created.status, created.body]).toEqual([
      403,
      { message: 'pages of other origins may not do this' },
    ])
    expect((await call('DELETE', `${TOKENS}/${id}`, { headers })).status).toBe(403)
    const ours = { origin: 'https://ours.example' }
    expect((await call('POST', TOKENS, { body: ORDER, headers: ours })).status).toBe(201)
  })
})

describe('specter options', () => {
  it('are checked at once', async () => {
    const service = await createTokenService({ issuer: 'urn:test', store: createMemoryStore() })
    onTestFinished(() => service.close())
    expect(() => specter(service, {} as Parameters<typeof specter>[1])).toThrow('authenticate is missing')
    expect(() => specter(service, { authenticate, project: '' })).toThrow('project is the name of a project')
    expect(() => specter(service, { authenticate, origins: ['ours'] })).toThrow(/^origins: /)
  })

  it("SPECTER_PROFILE lets this API's tokens through a guard of one's own", async () => {
    const { create, service } = await startSpecter(startExpress)
    const { token } = await create('guarded')
    const app = express()
    app.get('/ours', requireToken(service, { profiles: [SPECTER_PROFILE] }), (_req, res) => {
      res.json('open')
    })
    const server = app.listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const ask = (text: string): Promise<Response> =>
      fetch(`http://127.0.0.1:${port}/ours`, { headers: { authorization: `Bearer ${text}` } })
    expect((await ask(token)).status).toBe(200)
    const native = await service.issue({ project: 'default', subject: 'admin' })
    expect((await ask(native.token)).status).toBe(401)
  })
})
