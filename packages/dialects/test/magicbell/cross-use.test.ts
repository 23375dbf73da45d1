import { requireToken, tokenRoutes } from '@hallpass/express'
import { tokenAuthorizer } from '@hallpass/http'
import express from 'express'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createProjectToken,
  DATA8_PROFILE,
  I3D_PROFILE,
  MAGICBELL_USER_PROFILE,
  type MagicBellWire,
  magicbell,
  SERVICESTACK_PROFILE,
  SPECTER_PROFILE,
} from '../../src/index.ts'
import { HOSTS, listen } from '../hosts.ts'
import { type Bench, startMagicBell } from './start-magicbell.ts'

const CALLS = [
  ['GET', '/jwt/project', {}],
  ['POST', '/jwt/project', { json: { name: 'x' } }],
  ['POST', '/jwt/user', { json: { external_id: 'user-1' } }],
  ['GET', '/jwt/user/user-1', {}],
] as const

describe.each(HOSTS)('MagicBell tokens on %s', (_name, start) => {
  let bench: Bench
  afterEach(() => bench.close())

  it('of one project manage nothing of another', async () => {
    bench = await startMagicBell(start)
    const other = await createProjectToken(bench.service, { project: 'other' })
    const user = await bench.call('POST', '/jwt/user', { json: { external_id: 'user-1' } })
    const { token_id } = user.body as MagicBellWire.AccessTokenJson
    const asOther = { token: other.token }
    expect((await bench.call('DELETE', `/jwt/user/${token_id}`, asOther)).status).toBe(404)
    expect((await bench.call('GET', '/jwt/user/user-1', asOther)).body).toMatchObject({ data: [] })
    expect((await bench.call('GET', '/jwt/project', asOther)).body).toMatchObject({
      data: [{ id: other.record.id }],
    })
    const own = await bench.call('GET', '/jwt/project')
    const id = (own.body as MagicBellWire.TokenListJson).data[0]?.id
    expect((await bench.call('DELETE', `/jwt/project/${id}`, asOther)).status).toBe(404)
    expect((await bench.call('GET', '/jwt/user/user-1')).body).toMatchObject({ data: [{ id: token_id }] })
  })

  it('of a project that is not served open nothing', async () => {
    bench = await startMagicBell(start, { magicbell: { project: 'default' } })
    const other = await createProjectToken(bench.service, { project: 'other' })
    for (const [method, path, call] of CALLS) {
      expect((await bench.call(method, path, call)).status).toBeLessThan(300)
      expect(await bench.call(method, path, { ...call, token: other.token })).toMatchObject({
        status: 401,
        body: { errors: [{ code: 'authentication_error' }] },
      })
    }
  })

  it('of another service, with secrets of its own, open nothing', async () => {
    bench = await startMagicBell(start)
    const stranger = await startMagicBell(start)
    const answers = await Promise.all(
      CALLS.map(([method, path, call]) => bench.call(method, path, { ...call, token: stranger.token })),
    )
    expect(answers.map(({ status }) => status)).toEqual(CALLS.map(() => 401))
    await stranger.close()
  })
})

describe('MagicBell tokens', () => {
  let bench: Bench
  beforeEach(async () => {
    const [[, start] = []] = HOSTS
    if (start === undefined) throw new Error('there is no host')
    bench = await startMagicBell(start)
  })
  afterEach(() => bench.close())

  it('open no native route and no guard that does not name their profile', async () => {
    const { service } = bench
    const made = await bench.call('POST', '/jwt/user', { json: { external_id: 'user-1' } })
    const user = (made.body as MagicBellWire.AccessTokenJson).token
    const native = (await service.issue({ subject: 'ada', scope: ['hallpass'] })).token
    const app = express()
    app.use('/tokens', tokenRoutes(service, { authorize: tokenAuthorizer(service) }))
    app.use('/files', requireToken(service), (_req, res) => res.json('native'))
    app.use('/inbox', requireToken(service, { profiles: [MAGICBELL_USER_PROFILE] }), (_req, res) =>
      res.json('user'),
    )
    app.use('/magicbell', (_req, _res, next) => next())
    const host = await listen(app)
    const ask = async (path: string, token: string): Promise<number> =>
      (await fetch(host.url + path, { headers: { authorization: `Bearer ${token}` } })).status
    const table: [string, number, number, number][] = []
    for (const path of ['/tokens', '/files', '/inbox']) {
      table.push([path, await ask(path, native), await ask(path, bench.token), await ask(path, user)])
    }
    await host.close()
    expect(table).toEqual([
      ['/tokens', 200, 401, 401],
      ['/files', 200, 401, 401],
      ['/inbox', 401, 401, 200],
    ])
    expect((await service.verify(bench.token)).valid).toBe(false)
    expect((await service.verify(user)).valid).toBe(false)
  })

  it('and those of the other APIs do not pass for each other', async () => {
    const { service } = bench
    const made = await bench.call('POST', '/jwt/user', { json: { external_id: 'user-1' } })
    const user = (made.body as MagicBellWire.AccessTokenJson).token
    for (const [profile, more] of [
      [I3D_PROFILE, { claims: { file: 'media.example/' }, paths: ['/media.example/'] }],
      [SPECTER_PROFILE, {}],
      [DATA8_PROFILE, {}],
      [SERVICESTACK_PROFILE, {}],
    ] as const) {
      for (const own of [bench.token, user]) {
        expect(await service.verify(own, { profiles: [profile] })).toMatchObject({
          error: 'token_type_denied',
        })
      }
      const { token } = await service.issue({ profile, subject: 'user-1', name: 'x', expiresIn: 60, ...more })
      expect((await service.verify(token, { profiles: [profile] })).valid).toBe(true)
      expect((await bench.call('GET', '/jwt/project', { token })).status).toBe(401)
      expect((await bench.call('GET', '/me', { token })).status).toBe(401)
    }
  })

  it('are signed with a secret for each project and kind', async () => {
    const other = await createProjectToken(bench.service, { project: 'other' })
    const made = await bench.call('POST', '/jwt/user', { json: { external_id: 'user-1' } })
    const user = (made.body as MagicBellWire.AccessTokenJson).token
    const readKeyId = (token: string): unknown =>
      JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid
    expect(new Set([bench.token, other.token, user].map(readKeyId)).size).toBe(3)
    expect(await bench.service.jwks()).toMatchObject({ keys: [{ kty: 'OKP' }] })
  })

  it('are revoked by the native routes too, on the next request', async () => {
    const { record, token } = await createProjectToken(bench.service)
    expect((await bench.call('GET', '/jwt/project', { token })).status).toBe(200)
    await bench.service.revoke('default', record.id)
    expect((await bench.call('GET', '/jwt/project', { token })).status).toBe(401)
  })

  it('cannot be made from the handler without one', () => {
    expect(() => magicbell(bench.service, { project: '' })).toThrow('project is the name')
    expect(() => magicbell(bench.service, { defaultExpirySeconds: 0 })).toThrow('defaultExpirySeconds')
    expect(() => magicbell(bench.service, { baseUrl: '/magicbell' })).toThrow('baseUrl')
    expect(() => magicbell(bench.service, { baseUrl: 'https://x.example/v2/' })).toThrow('baseUrl')
  })
})
