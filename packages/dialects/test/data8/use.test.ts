import { createMemoryStore, createTokenService } from '@hallpass/core'
import { requireToken } from '@hallpass/express'
import { RouteError } from '@hallpass/http'
import express from 'express'
import { describe, expect, it, onTestFinished } from 'vitest'
import { DATA8_PROFILE, data8, specter } from '../../src/index.ts'
import { HOSTS, startExpress } from '../hosts.ts'
import {
  authenticate,
  createAccount,
  createParameters,
  GET_JWT,
  IS_VALID,
  readClaims,
  startData8,
  toAnswer,
  toFailed,
} from './start-data8.ts'

describe.each(HOSTS)('data8 tokens in use in %s', (_name, startHost) => {
  it('IsValid judges an address, and costs one credit of the token and of the account', async () => {
    const { issue, isValid, service } = await startData8(startHost)
    const token = await issue({ maxCredits: 3 })
    const answer = await isValid(token)
    expect([answer.status, answer.body]).toEqual([
      200,
      { Status: { Success: true, ErrorMessage: '', CreditsRemaining: 2 }, Result: 'Valid' },
    ])
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect((await isValid(token, { email: 'noone@nowhere' })).body).toEqual({
      Status: { Success: true, ErrorMessage: '', CreditsRemaining: 1 },
      Result: 'Invalid',
    })
    expect((await isValid(token, { email: 'ada@example.com', level: 'MX', options: {} })).body.Result).toBe(
      'Inconclusive',
    )
    expect((await isValid(token)).body).toEqual(toFailed('the access token has not enough credits left'))
    expect((await service.findPool('default', 'ada'))?.remaining).toBe(97)
  })

  it('a token without a limit of its own draws from the account alone', async () => {
    const { issue, isValid } = await startData8(startHost, { credits: 2 })
    const [one, other] = [await issue(), await issue()]
    expect((await isValid(one)).body.Status?.CreditsRemaining).toBe(1)
    expect((await isValid(other)).body.Status?.CreditsRemaining).toBe(0)
    for (const token of [one, other]) {
      expect((await isValid(token)).body).toEqual(toFailed('the access token has not enough credits left'))
    }
  })

  it('parallel calls take both credits or neither', async () => {
    const { issue, isValid, service } = await startData8(startHost, { credits: 7 })
    const token = await issue({ maxCredits: 10 })
    const answers = await Promise.all(Array.from({ length: 40 }, () => isValid(token)))
    expect(answers.filter(({ body }) => body.Status?.Success === true)).toHaveLength(7)
    expect(answers.every(({ status }) => status === 200)).toBe(true)
    const record = await service.get('default', String(readClaims(token).jti))
    expect(record?.credits).toEqual({ limit: 10, remaining: 3 })
    expect((await service.findPool('default', 'ada'))?.remaining).toBe(0)
  })

  it('whatever is refused or malformed costs nothing', async () => {
    const { issue, isValid, post, service } = await startData8(startHost)
    const good = await issue({ maxCredits: 5 })
    const elsewhere = await issue({ clientIp: '192.0.2.7', maxCredits: 5 })
    const otherMethods = await issue({ allowedMethods: ['EmailValidation.Cleanse', 'Email'], maxCredits: 5 })
    const malformed: readonly (readonly [unknown, string])[] = [
      ['', 'the body is not JSON'],
      ['[]', 'the body must be a JSON object'],
      ['null', 'the body must be a JSON object'],
      ['{"email":"a@b.example","email":"c@d.example"}', 'the body is not JSON'],
      [{}, 'email must be a text of at most 1024 characters'],
      [{ email: 5 }, 'email must be a text of at most 1024 characters'],
      [{ email: ['a@b.example'] }, 'email must be a text of at most 1024 characters'],
      [{ email: 'x'.repeat(1025) }, 'email must be a text of at most 1024 characters'],
      [{ email: 'a@b.example', level: 'syntax' }, 'level must be Syntax, MX, Server or Address'],
      [{ email: 'a@b.example', level: 1 }, 'level must be Syntax, MX, Server or Address'],
      [{ email: 'x'.repeat(1_000_000) }, 'the body is larger than 65536 bytes'],
    ]
    for (const [body, message] of malformed)
      expect((await isValid(good, body)).body).toEqual(toFailed(message))
    expect((await isValid(elsewhere)).body).toEqual(
      toFailed('the access token may not be used from this address'),
    )
    expect((await isValid(otherMethods)).body).toEqual(
      toFailed('the access token lacks the scope that is needed here'),
    )
    expect((await post(IS_VALID, { email: 'a@b.example' })).body).toEqual(
      toFailed('an access token is required'),
    )
    for (const token of [good, elsewhere, otherMethods]) {
      const record = await service.get('default', String(readClaims(token).jti))
      expect(record?.credits?.remaining).toBe(5)
    }
    expect((await service.findPool('default', 'ada'))?.remaining).toBe(100)
  })

  it('a token opens the services and methods that it names, and no name that begins like one', async () => {
    const { issue, isValid } = await startData8(startHost)
    for (const allowedMethods of [
      [],
      ['EmailValidation'],
      ['EmailValidation.IsValid'],
      ['X', 'EmailValidation'],
    ]) {
      expect((await isValid(await issue({ allowedMethods }))).body.Status?.Success).toBe(true)
    }
    for (const name of [
      'EmailValidation.IsValidX',
      'EmailValidatio',
      'emailvalidation',
      'EmailValidation.Is',
      'IsValid',
    ]) {
      expect((await isValid(await issue({ allowedMethods: [name] }))).body).toEqual(
        toFailed('the access token lacks the scope that is needed here'),
      )
    }
  })

  it('time, revocation and a changed text are judged on the next request', async () => {
    const { issue, isValid, clock, service } = await startData8(startHost)
    const [kept, revoked] = [await issue(), await issue()]
    expect((await isValid(revoked)).body.Status?.Success).toBe(true)
    await service.revoke('default', String(readClaims(revoked).jti))
    expect((await isValid(revoked)).body).toEqual(toFailed('the access token has been revoked'))
    const [header = '', payload = '', signature = ''] = kept.split('.')
    const claims = Buffer.from(JSON.stringify({ ...readClaims(kept), aud: '*', mc: '1000000' })).toString(
      'base64url',
    )
    for (const text of [
      `${header}.${claims}.${signature}`,
      `${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`,
    ]) {
      expect((await isValid(text)).body).toEqual(toFailed('the signature of the access token is not valid'))
    }
    expect((await isValid(kept)).body.Status?.Success).toBe(true)
    clock.advance(3600)
    expect((await isValid(kept)).body).toEqual(toFailed('the access token has expired'))
  })

  it('the token must be in one Authorization header', async () => {
    const { issue, url } = await startData8(startHost)
    const token = await issue()
    const call = async (headers: Record<string, string>, query = '') =>
      (
        await toAnswer(
          await fetch(url + IS_VALID + query, { method: 'POST', headers, body: '{"email":"a@b.example"}' }),
        )
      ).body
    expect((await call({ authorization: `bearer ${token}` })).Status?.Success).toBe(true)
    const missing = toFailed('an access token is required')
    expect(await call({ authorization: `Basic ${token}` })).toEqual(missing)
    expect(await call({ authorization: `Bearer  ${token}` })).toEqual(missing)
    expect(await call({ cookie: `token=${token}` })).toEqual(missing)
    expect(await call({}, `?token=${token}`)).toEqual(missing)
  })

  it('usage is reported by ApplicationName', async () => {
    const { issue, isValid, service } = await startData8(startHost)
    const shop = await issue({ options: { ApplicationName: 'shop' } })
    const till = await issue({ options: { ApplicationName: 'till' } })
    const unnamed = await issue()
    for (const token of [shop, shop, shop, till, till, unnamed]) await isValid(token)
    await isValid(shop, { email: 5 })
    expect(await service.usage({ project: 'default', by: 'application' })).toEqual([
      { key: 'shop', calls: 3, credits: 3 },
      { key: 'till', calls: 2, credits: 2 },
      { key: 'default', calls: 1, credits: 1 },
    ])
  })

  it('a native token opens nothing here, and a token from here no native guard', async () => {
    const { issue, isValid, service } = await startData8(startHost)
    const native = await service.issue({ subject: 'ada', scope: ['data8'], pool: 'ada' })
    expect((await isValid(native.token)).body).toEqual(
      toFailed('this kind of access token is not accepted here'),
    )
    const facts = { address: '127.0.0.1', target: '/', method: 'GET' }
    const token = await issue()
    expect(await service.authorize(token, facts)).toMatchObject({ code: 'token_type_denied' })
    const other = { ...DATA8_PROFILE, name: 'other' }
    expect(await service.authorize(token, { ...facts, profiles: [other] })).toMatchObject({
      code: 'token_type_denied',
    })
  })

  it('tokens of another API open nothing here, and tokens from here nothing there', async () => {
    const { issue, isValid, service } = await startData8(startHost)
    const own = await issue()
    const authenticateUser = () => ({ ...createAccount('ada'), can: ['issue', 'list'] as const })
    const handler = specter(service, { authenticate: authenticateUser })
    const host = await startHost([{ path: '/specter', handler }])
    onTestFinished(() => host.close())
    const path = `${host.url}/specter/api/v1alpha`
    const created = await fetch(`${path}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('ada:x')}`, 'content-type': 'application/json' },
      body: '{"jwt_token_description":"laptop","jwt_token_life":"1 hour"}',
    })
    const other = String(Object(await created.json()).jwt_token)
    const whoami = async (token: string) =>
      (await fetch(`${path}/whoami`, { headers: { authorization: `Bearer ${token}` } })).status
    expect([await whoami(other), await whoami(own)]).toEqual([200, 401])
    expect((await isValid(other)).body).toEqual(toFailed('this kind of access token is not accepted here'))
    expect((await isValid(own)).body.Status?.Success).toBe(true)
    const asManager = { authorization: `Bearer ${own}`, 'content-type': 'application/json' }
    expect((await fetch(`${path}/token`, { headers: asManager })).status).toBe(401)
  })

  it('a token of one project opens nothing in another, which signs with another secret', async () => {
    const service = await createTokenService({ issuer: 'urn:test', store: createMemoryStore() })
    for (const project of ['a', 'b']) await service.createPool(project, 'ada', 10)
    const host = await startHost(
      ['a', 'b'].map((project) => ({
        path: `/${project}`,
        handler: data8(service, {
          project,
          authenticate: async (credentials) => {
            const account = await authenticate(credentials)
            return account && { ...account, projects: ['a', 'b'] }
          },
        }),
      })),
    )
    onTestFinished(async () => {
      await host.close()
      await service.close()
    })
    const body = JSON.stringify(createParameters({ expiresAt: '2999-01-01' }))
    const get = async (project: string): Promise<string> => {
      const answer = await toAnswer(await fetch(`${host.url}/${project}${GET_JWT}`, { method: 'POST', body }))
      return String(answer.body.Jwt)
    }
    const use = async (project: string, token: string) => {
      const headers = { authorization: `Bearer ${token}` }
      const options = { method: 'POST', headers, body: '{"email":"a@b.example"}' }
      return (await toAnswer(await fetch(`${host.url}/${project}${IS_VALID}`, options))).body
    }
    const [a, b] = [await get('a'), await get('b')]
    expect((await use('a', a)).Status?.Success).toBe(true)
    expect((await use('b', b)).Status?.Success).toBe(true)
    expect(await use('b', a)).toEqual(toFailed('the access token belongs to another project'))
    expect(a.split('.')[0]).not.toBe(b.split('.')[0])
  })

  it('methods of the application are called with what they are asked, and given back their credit when they fail', async () => {
    const { issue, post, service, reported } = await startData8(startHost, {
      methods: {
        'Numbers.Double': ({ number }) => {
          if (typeof number !== 'number') throw new RouteError('invalid_request', 'number must be a number')
          return async () => {
            if (number < 0) throw new Error('S3cret of the method')
            return { Result: number * 2 }
          }
        },
      },
    })
    const token = await issue({ maxCredits: 3, allowedMethods: ['Numbers'] })
    const double = (number: unknown) =>
      post('/Numbers/Double.json', { number }, { authorization: `Bearer ${token}` })
    expect((await double(21)).body).toEqual({
      Status: { Success: true, ErrorMessage: '', CreditsRemaining: 2 },
      Result: 42,
    })
    expect((await double('21')).body).toEqual(toFailed('number must be a number'))
    const failed = await double(-1)
    expect([failed.status, failed.body]).toEqual([500, toFailed('something went wrong here')])
    expect(reported.map(({ where }) => where)).toEqual(['data8 route'])
    expect((await double(1)).body.Status?.CreditsRemaining).toBe(1)
    expect((await service.findPool('default', 'ada'))?.remaining).toBe(98)
  })

  it('what is not there is 404, another verb 405, a hostile target 400, all in the documented form', async () => {
    const { url } = await startData8(startHost)
    const ask = async (method: string, path: string): Promise<[number, unknown]> => {
      const answer = await toAnswer(await fetch(url + path, { method }))
      return [answer.status, answer.body]
    }
    expect(await ask('POST', '/EmailValidation/Nothing.json')).toEqual([
      404,
      toFailed('there is nothing here'),
    ])
    expect(await ask('GET', '/')).toEqual([404, toFailed('there is nothing here')])
    expect(await ask('GET', GET_JWT)).toEqual([405, toFailed('this method is not allowed here')])
    expect(await ask('DELETE', IS_VALID)).toEqual([405, toFailed('this method is not allowed here')])
    expect(await ask('POST', '/x%2f..%2fUserAdmin/GetJWT.json')).toEqual([
      400,
      toFailed('the request target is not acceptable'),
    ])
    expect((await fetch(url + GET_JWT, { method: 'OPTIONS' })).headers.get('allow')).toBe('POST, OPTIONS')
  })
})

describe('DATA8_PROFILE', () => {
  it("makes an application's own guard accept these tokens by method", async () => {
    const { issue, service } = await startData8(startExpress)
    const app = express()
    app.use(
      '/reports',
      requireToken(service, {
        profiles: [DATA8_PROFILE],
        project: 'default',
        scope: ['data8.Reports.Daily'],
      }),
      (_req, res) => void res.send('fine'),
    )
    const server = app.listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await new Promise((resolve) => server.once('listening', resolve))
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const get = async (parameters: object) => {
      const headers = { authorization: `Bearer ${await issue({ ...parameters })}` }
      return (await fetch(`http://127.0.0.1:${port}/reports`, { headers })).status
    }
    expect(await get({})).toBe(200)
    expect(await get({ allowedMethods: ['Reports'] })).toBe(200)
    expect(await get({ allowedMethods: ['EmailValidation'] })).toBe(403)
    expect((await service.findPool('default', 'ada'))?.remaining).toBe(98)
  })

  it('reads back only claims that it could have written', () => {
    const good = {
      jti: 'x',
      iss: 'ada',
      sub: 'ada',
      cn: 'Ada Ltd',
      aud: ['EmailValidation'],
      mc: '5',
      ip: '1.2.3.4',
    }
    expect(DATA8_PROFILE.fromClaims(good, 'p')).toEqual({
      id: 'x',
      project: 'p',
      subject: 'ada',
      application: 'default',
      scope: ['data8.EmailValidation'],
      ip: ['1.2.3.4'],
      paths: null,
      httpMethods: null,
      metered: true,
    })
    const bad: readonly object[] = [
      { jti: 5 },
      { sub: 'eve' },
      { iss: 'eve' },
      { cn: null },
      { aud: null },
      { aud: 'EmailValidation' },
      { aud: [5] },
      { mc: 5 },
      { ip: 5 },
      { ip: [5] },
      { app: 5 },
    ]
    for (const change of bad) expect(DATA8_PROFILE.fromClaims({ ...good, ...change }, 'p')).toBeNull()
  })
})

describe('data8 options', () => {
  it('are checked at once', async () => {
    const { service } = await startData8(startExpress)
    const start = (options: object) => () => data8(service, { authenticate, ...options })
    expect(start({ authenticate: 'ada' })).toThrow('authenticate is missing')
    expect(start({ project: '' })).toThrow('project is the name of a project')
    expect(start({ apiKeys: 'yes' })).toThrow('apiKeys is true or false')
    for (const name of ['Double', 'Numbers.Double.Twice', '../x.y', 'a.b/c', '']) {
      expect(start({ methods: { [name]: () => () => ({}) } })).toThrow(/^methods: /)
    }
    expect(start({ methods: { 'Numbers.Double': null } })).toThrow(/^methods: /)
  })
})
