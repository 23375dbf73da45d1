import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { AuthedRequest } from '@hallpass/express'
import { requireToken } from '@hallpass/express'
import express from 'express'
import { describe, expect, it, onTestFinished } from 'vitest'
import { hasPermission, hasRole, SERVICESTACK_PROFILE } from '../../src/index.ts'
import { HOSTS, startExpress } from '../hosts.ts'
import { readPayload, startServiceStack, toBasic } from './start-servicestack.ts'

const INVALID_ROLE = { responseStatus: { errorCode: 'Forbidden', message: 'Invalid Role' } }

describe.each(HOSTS)('tokens of servicestack in use in %s', (name, startHost) => {
  it('/hello greets whoever has the role, in the asked format', async () => {
    const { mint, call, hello } = await startServiceStack(startHost)
    const token = await mint({ Roles: ['Employee'] })
    const authorization = `Bearer ${token}`
    const { status, json, headers } = await hello(token)
    expect([status, json]).toEqual([200, { result: 'Hello, World!' }])
    expect(headers.get('cache-control')).toBe('no-store')
    const ask = async (method: string, path: string, body?: unknown): Promise<string> =>
      (await call(method, path, { authorization, body })).text
    expect(await ask('GET', '/hello/Ada%20L')).toBe('{"result":"Hello, Ada L!"}')
    expect(await ask('GET', '/hello?name=Ada&format=jsv')).toBe('{result:"Hello, Ada!"}')
    expect(await ask('POST', '/json/reply/Hello', { Name: 'Ada' })).toBe('{"result":"Hello, Ada!"}')
    expect(await ask('GET', '/api/Hello?name=%3Cb%3E&format=xml')).toMatch(
      /^<HelloResponse [^<>]+><Result>Hello, &lt;b&gt;!<\/Result><\/HelloResponse>$/,
    )
    expect(await ask('GET', '/hello?format=csv')).toBe('Result,ResponseStatus\r\n"Hello, World!",\r\n')
  })

  it('/hello refuses a token without the role with 403, and none or a bad one with 401', async () => {
    const { mint, call, hello } = await startServiceStack(startHost)
    for (const Roles of [[], ['Power User'], ['employee']]) {
      const { status, json } = await hello(await mint({ Roles }))
      expect([status, json]).toEqual([403, INVALID_ROLE])
    }
    const token = await mint({ Roles: ['Employee'] })
    for (const authorization of [null, toBasic(), 'Bearer', `Bearer ${token.slice(0, -3)}AAA`]) {
      const { status, text, headers } = await call('GET', '/hello', { authorization })
      expect([status, text]).toEqual([401, ''])
      expect(headers.get('www-authenticate')).toMatch(/^Bearer/)
    }
  })

  it('/hello refuses a name that is not UTF-8', async () => {
    const { mint, call } = await startServiceStack(startHost)
    const authorization = `Bearer ${await mint({ Roles: ['Employee'] })}`
    const message = "Unable to bind to request 'Hello'"
    const query = await call('GET', '/hello?name=%ff', { authorization })
    expect([query.status, query.json]).toMatchObject([400, { responseStatus: { message } }])
    const path = await call('GET', '/hello/%ff', { authorization })
    expect(path.status).toBe(400)
    // The routers of Nest decode paths by themselves, and answer so before any handler.
    if (!name.startsWith('Nest')) expect(path.json).toMatchObject({ responseStatus: { message } })
  })

  it('a revoked token is refused on the next request, an expired one from its second on', async () => {
    const { mint, hello, service, clock } = await startServiceStack(startHost)
    const [gone, kept] = [await mint({ Roles: ['Employee'] }), await mint({ Roles: ['Employee'] })]
    expect((await hello(gone)).status).toBe(200)
    await service.revoke('default', String(readPayload(gone).jti))
    const refused = await hello(gone)
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer error="invalid_token"',
    ])
    expect((await hello(kept)).status).toBe(200)
    clock.advance(14 * 86_400 - 1)
    expect((await hello(kept)).status).toBe(200)
    clock.advance(1)
    expect((await hello(kept)).status).toBe(401)
  })

  it('/hello is there only where the option says so', async () => {
    const { mint, service } = await startServiceStack(startHost)
    const { servicestack } = await import('../../src/index.ts')
    const host = await startHost([
      { path: '/x', handler: servicestack(service, { authenticate: () => null }) },
    ])
    onTestFinished(() => host.close())
    const headers = { authorization: `Bearer ${await mint({ Roles: ['Employee'] })}` }
    expect((await fetch(`${host.url}/x/hello`, { headers })).status).toBe(404)
  })
})

describe('SERVICESTACK_PROFILE', () => {
  it("lets this API's tokens through a guard of one's own, with their roles and permissions", async () => {
    const { mint, service } = await startServiceStack(startExpress)
    const token = await mint({ UserAuthId: '2', Roles: ['Employee'], Permissions: ['CanRead'] })
    const app = express()
    app.get(
      '/ours',
      requireToken(service, { profiles: [SERVICESTACK_PROFILE] }),
      (req: AuthedRequest, res) => {
        const claims = req.auth?.claims ?? {}
        res.json([hasRole(claims, 'Employee'), hasRole(claims, 'Admin'), hasPermission(claims, 'CanRead')])
      },
    )
    const server = app.listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const ask = (text: string): Promise<Response> =>
      fetch(`http://127.0.0.1:${port}/ours`, { headers: { authorization: `Bearer ${text}` } })
    expect(await (await ask(token)).json()).toEqual([true, false, true])
    const native = await service.issue({ project: 'default', subject: '2' })
    expect((await ask(native.token)).status).toBe(401)
  })

  it('has no role and no permission where the claims have no list of them', () => {
    expect(hasRole({}, 'x')).toBe(false)
    expect(hasRole({ roles: 'x' }, 'x')).toBe(false)
    expect(hasPermission({ perms: { x: 1 } }, 'x')).toBe(false)
    expect(SERVICESTACK_PROFILE.fromClaims({ jti: 'i', sub: 's', roles: [1] }, 'p')).toBeNull()
    expect(SERVICESTACK_PROFILE.fromClaims({ jti: 'i', sub: 1 }, 'p')).toBeNull()
  })
})
