import { createMemoryStore, createTokenService } from '@hallpass/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { SERVICESTACK_PROFILE, SPECTER_PROFILE, servicestack } from '../../src/index.ts'
import { HOSTS } from '../hosts.ts'
import {
  authenticate,
  MANAGER,
  type RunningServiceStack,
  readPayload,
  startServiceStack,
  toBasic,
} from './start-servicestack.ts'

/** A token that may make tokens, ends in an hour, and has one role. */
function mintMaker({ mint, clock }: RunningServiceStack): Promise<string> {
  const JwtExpiry = new Date(clock.now().getTime() + 3_600_000).toISOString()
  return mint({
    UserAuthId: '1',
    JwtExpiry,
    Roles: ['Employee'],
    Permissions: ['CreateJwt', 'CanRead'],
  })
}

describe.each(HOSTS)('callers of servicestack in %s', (_name, startHost) => {
  it('a token without the permission makes no tokens', async () => {
    const { mint, call } = await startServiceStack(startHost)
    const token = await mint({ UserAuthId: '1', Roles: ['Employee'], Permissions: ['CanRead'] })
    const { status, json } = await call('POST', '/jwt', { authorization: `Bearer ${token}` })
    expect([status, json]).toEqual([
      403,
      {
        responseStatus: {
          errorCode: 'Forbidden',
          message: 'you may not do this: it needs the action `issue`',
        },
      },
    ])
  })

  it('a token with the permission makes tokens for its subject, with its rights, that end with it', async () => {
    const running = await startServiceStack(startHost)
    const maker = await mintMaker(running)
    const authorization = `Bearer ${maker}`
    const { call } = running
    const body = {
      Roles: ['Employee', 'Power User'],
      Permissions: ['CanRead', 'CreateJwt'],
      Email: 'a@example.com',
    }
    const made = await call('POST', '/jwt', { authorization, body })
    const token = String(made.json?.token)
    expect(readPayload(token)).toMatchObject({
      sub: '1',
      roles: ['Employee'],
      perms: ['CanRead'],
      email: 'a@example.com',
      exp: readPayload(maker).exp,
    })
    const others = await call('POST', '/jwt', { authorization, body: { UserAuthId: '2' } })
    expect(others.status).toBe(403)
    const longer = await call('POST', '/jwt', { authorization, body: { JwtExpiry: '2030-01-01' } })
    expect([longer.status, longer.json]).toMatchObject([
      403,
      { responseStatus: { message: 'JwtExpiry is later than you may grant' } },
    ])
    // What it makes makes nothing.
    const further = await call('POST', '/jwt', { authorization: `Bearer ${token}` })
    expect(further.status).toBe(403)
  })

  it('time that passes while a token is made refuses nothing, and buys no life', async () => {
    let time = Date.parse('2026-11-21T12:00:00.500Z')
    const now = (): Date => {
      time += 7
      return new Date(time)
    }
    const service = await createTokenService({ issuer: 'urn:test', store: createMemoryStore(), now })
    const host = await startHost([
      { path: '/servicestack', handler: servicestack(service, { authenticate }) },
    ])
    onTestFinished(async () => {
      await host.close()
      await service.close()
    })
    const mint = async (query: string, authorization: string): Promise<string> => {
      const response = await fetch(`${host.url}/servicestack/jwt?${query}`, { headers: { authorization } })
      expect(response.status).toBe(200)
      return ((await response.json()) as { token: string }).token
    }
    const expiryOf = async (token: string): Promise<number> => {
      const record = await service.get('default', String(readPayload(token).jti))
      return record?.expiresAt?.getTime() ?? Number.NaN
    }
    const maker = await mint('JwtExpiry=2026-11-21T13:00:00Z&Permissions=CreateJwt', toBasic())
    const made = await mint('', `Bearer ${maker}`)
    expect(await expiryOf(made)).toBeLessThanOrEqual(await expiryOf(maker))
    expect(readPayload(made).exp).toBe(readPayload(maker).exp)
  })

  it('a token that is metered makes none: it would multiply its credits', async () => {
    const { mint, call } = await startServiceStack(startHost, {
      authenticate: () => ({ ...MANAGER, grant: { credits: 5 } }),
    })
    const token = await mint({ Permissions: ['CreateJwt'] })
    expect(readPayload(token).metered).toBe(true)
    const { status, json } = await call('POST', '/jwt', { authorization: `Bearer ${token}` })
    expect([status, json]).toEqual([
      403,
      { responseStatus: { errorCode: 'Forbidden', message: 'credits is more than you may grant' } },
    ])
  })

  it('a revoked or expired token makes none on the next request', async () => {
    const running = await startServiceStack(startHost)
    const maker = await mintMaker(running)
    const authorization = `Bearer ${maker}`
    expect((await running.call('GET', '/jwt', { authorization })).status).toBe(200)
    const { jti } = readPayload(maker)
    await running.service.revoke('default', String(jti))
    const revoked = await running.call('GET', '/jwt', { authorization })
    expect([revoked.status, revoked.text]).toEqual([401, ''])
    const other = await mintMaker(running)
    running.clock.advance(3600)
    const expired = await running.call('GET', '/jwt', { authorization: `Bearer ${other}` })
    expect(expired.status).toBe(401)
  })

  it('GET and HEAD from a page of another site make a token only with a Bearer header', async () => {
    const running = await startServiceStack(startHost)
    const maker = await mintMaker(running)
    const site = (name: string): { headers: Record<string, string> } => ({
      headers: { 'sec-fetch-site': name },
    })
    for (const method of ['GET', 'HEAD']) {
      for (const path of ['/jwt', '/jsv/reply/CreateJwt', '/api/CreateJwt.csv']) {
        expect((await running.call(method, path, site('cross-site'))).status).toBe(403)
        const bearer = { authorization: `Bearer ${maker}`, ...site('cross-site') }
        expect((await running.call(method, path, bearer)).status).toBe(200)
      }
    }
    const refused = await running.call('GET', '/jwt', site('cross-site'))
    expect(refused.json).toEqual({
      responseStatus: { errorCode: 'Forbidden', message: 'pages of other sites may not do this' },
    })
    for (const own of ['same-origin', 'same-site', 'none']) {
      expect((await running.call('GET', '/jwt', site(own))).status).toBe(200)
    }
  })

  it('other verbs from a page of another origin make none with a password, unless the option names it', async () => {
    const { call } = await startServiceStack(startHost, { origins: ['https://ours.example'] })
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const evil = { headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' } }
      expect((await call(method, '/jwt', evil)).status).toBe(403)
      const ours = { headers: { origin: 'https://ours.example', 'sec-fetch-site': 'cross-site' } }
      expect((await call(method, '/jwt', ours)).status).toBe(200)
    }
  })

  it('tokens of other kinds make nothing and open nothing, and tokens from here open nothing elsewhere', async () => {
    const { mint, call, hello, service } = await startServiceStack(startHost)
    const limits = { project: 'default', subject: '1', scope: ['hallpass'], name: 'x' }
    for (const profile of [undefined, SPECTER_PROFILE]) {
      const claims = { roles: ['Employee'], perms: ['CreateJwt'] }
      const { token } = await service.issue({ ...limits, claims, ...(profile && { profile }) })
      expect((await hello(token)).status).toBe(401)
      const made = await call('POST', '/jwt', { authorization: `Bearer ${token}` })
      expect([made.status, made.text]).toEqual([401, ''])
    }
    const token = await mint({ Roles: ['Employee'] })
    const request = { address: null, target: null, method: null }
    for (const profiles of [undefined, [SPECTER_PROFILE]]) {
      expect(await service.authorize(token, { ...request, ...(profiles && { profiles }) })).toMatchObject({
        allowed: false,
        code: 'token_type_denied',
      })
    }
    expect(await service.authorize(token, { ...request, profiles: [SERVICESTACK_PROFILE] })).toMatchObject({
      allowed: true,
    })
  })

  it('a token of one project opens nothing in another, and is signed with another secret', async () => {
    const service = await createTokenService({ issuer: 'urn:test', store: createMemoryStore() })
    const host = await startHost(
      ['a', 'b'].map((project) => ({
        path: `/${project}`,
        handler: servicestack(service, {
          project,
          hello: { role: 'Employee' },
          authenticate: () => ({ ...MANAGER, projects: ['a', 'b'] }),
        }),
      })),
    )
    onTestFinished(async () => {
      await host.close()
      await service.close()
    })
    const mint = async (project: string): Promise<string> => {
      const response = await fetch(`${host.url}/${project}/jwt?roles=Employee&permissions=CreateJwt`, {
        headers: { authorization: toBasic() },
      })
      return ((await response.json()) as { token: string }).token
    }
    const ask = async (path: string, token: string): Promise<number> =>
      (await fetch(host.url + path, { headers: { authorization: `Bearer ${token}` } })).status
    const [a, b] = [await mint('a'), await mint('b')]
    expect(a.split('.')[0]).not.toBe(b.split('.')[0])
    expect([await ask('/a/hello', a), await ask('/b/hello', b)]).toEqual([200, 200])
    expect([await ask('/b/hello', a), await ask('/a/hello', b)]).toEqual([403, 403])
    expect([await ask('/a/jwt', a), await ask('/b/jwt', a), await ask('/a/jwt', b)]).toEqual([200, 403, 403])
  })

  it('a caller does what its principal may do: no more actions, no other project', async () => {
    const { call } = await startServiceStack(startHost, {
      project: 'default',
      authenticate: ({ username }) =>
        username === 'reader' ? { ...MANAGER, can: ['read'] } : { ...MANAGER, projects: ['elsewhere'] },
    })
    for (const name of ['reader', 'stranger']) {
      const { status } = await call('POST', '/jwt', { authorization: toBasic(name), body: {} })
      expect([name, status]).toEqual([name, 403])
    }
  })

  it('two Authorization headers are 400', async () => {
    const { url } = await startServiceStack(startHost)
    const { request } = await import('node:http')
    const status = await new Promise((resolve) => {
      const sent = request(`${url}/jwt`, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      sent.setHeader('authorization', [toBasic(), toBasic()])
      sent.end()
    })
    expect(status).toBe(400)
  })
})

describe('options of servicestack', () => {
  it('are checked at once', async () => {
    const service = await createTokenService({ issuer: 'urn:test', store: createMemoryStore() })
    onTestFinished(() => service.close())
    type Options = Parameters<typeof servicestack>[1]
    expect(() => servicestack(service, {} as Options)).toThrow('authenticate is missing')
    expect(() => servicestack(service, { authenticate, project: '' })).toThrow('name of a project')
    for (const lifeDays of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 36_501]) {
      expect(() => servicestack(service, { authenticate, lifeDays })).toThrow(/^lifeDays/)
    }
    expect(() => servicestack(service, { authenticate, hello: { role: '' } })).toThrow(/^hello\.role/)
    expect(() => servicestack(service, { authenticate, origins: ['ours'] })).toThrow(/^origins: /)
    expect(() => servicestack(service, { authenticate, allowExpired: 'no' as never })).toThrow(
      /^allowExpired/,
    )
  })
})
