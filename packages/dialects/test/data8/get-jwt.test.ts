import { describe, expect, it } from 'vitest'
import { HOSTS, startExpressWithParsers } from '../hosts.ts'
import {
  API_KEY,
  createAccount,
  createParameters,
  GET_JWT,
  PASSWORD,
  readClaims,
  startData8,
  toFailed,
} from './start-data8.ts'

describe.each(HOSTS)('data8 GetJWT in %s', (_name, startHost) => {
  it('answers 200 with a Status and a Jwt of the documented claims', async () => {
    const { post, service } = await startData8(startHost)
    const answer = await post(GET_JWT, {
      username: 'ada',
      password: PASSWORD,
      clientIp: '192.0.2.7',
      expiresAt: '2026-11-21T13:00:00Z',
      allowedMethods: ['EmailValidation', 'PhoneValidation.IsValid'],
      maxCredits: 50,
      options: { ApplicationName: 'shop' },
    })
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({
      Status: { Success: true, ErrorMessage: '', CreditsRemaining: 100 },
      Jwt: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
    })
    const token = String(answer.body.Jwt)
    expect(JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())).toEqual({
      alg: 'HS256',
      typ: 'JWT',
      kid: expect.any(String),
    })
    const claims = readClaims(token)
    expect(claims).toEqual({
      iss: 'ada',
      sub: 'ada',
      cn: 'ada Ltd',
      aud: ['EmailValidation', 'PhoneValidation.IsValid'],
      mc: '50',
      ip: '192.0.2.7',
      app: 'shop',
      jti: expect.any(String),
      iat: 1795262400,
      exp: 1795266000,
    })
    expect(await service.get('default', String(claims.jti))).toMatchObject({
      subject: 'ada',
      createdBy: 'ada',
      profile: 'data8',
      application: 'shop',
      pool: 'ada',
      scope: ['data8.EmailValidation', 'data8.PhoneValidation.IsValid'],
      credits: { limit: 50, remaining: 50 },
      ip: ['192.0.2.7'],
    })
  })

  it('parameters that are null, absent or blank set no limit', async () => {
    const { issue } = await startData8(startHost)
    const nothing = { clientIp: null, allowedMethods: null, maxCredits: null, options: null }
    const blank = { clientIp: '', allowedMethods: [], options: {} }
    for (const parameters of [{}, nothing, blank, { options: { ApplicationName: null } }]) {
      const claims = readClaims(await issue(parameters))
      expect(Object.keys(claims).toSorted()).toEqual(['aud', 'cn', 'exp', 'iat', 'iss', 'jti', 'sub'])
      expect(claims.aud).toBe('*')
    }
  })

  it('reads JSON whatever the Content-Type says', async () => {
    const { post } = await startData8(startHost)
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'text/xml',
      'application/octet-stream',
    ]) {
      const { status, body } = await post(GET_JWT, JSON.stringify(createParameters()), {
        'content-type': type,
      })
      expect([type, status, body.Status?.Success]).toEqual([type, 200, true])
    }
  })

  it('finds its paths in any case, and with a slash at the end', async () => {
    const { post } = await startData8(startHost)
    for (const path of ['/useradmin/getjwt.json', '/USERADMIN/GETJWT.JSON', '/UserAdmin/GetJWT.json/']) {
      expect((await post(path, createParameters())).body.Status?.Success).toBe(true)
    }
  })

  it('answers that carry a token are not kept and not sniffed', async () => {
    const { post } = await startData8(startHost)
    const { headers } = await post(GET_JWT, createParameters())
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8')
  })

  it('a wrong password, an unknown or missing username and a blank password fail alike', async () => {
    const { post } = await startData8(startHost)
    const wrong = [
      { password: 'wrong' },
      { username: 'eve' },
      { username: undefined },
      { username: '' },
      { password: '' },
      { password: null },
      { username: 'x'.repeat(5000) },
      { password: 'x'.repeat(5000) },
      { username: '__proto__', password: 'x' },
    ]
    for (const parameters of wrong) {
      const { status, body } = await post(GET_JWT, createParameters(parameters))
      expect([status, body]).toEqual([200, toFailed('authentication failed')])
    }
  })

  it('no other way to authenticate is taken', async () => {
    const { post, issue } = await startData8(startHost)
    const { username, password, ...rest } = createParameters()
    const basic = Buffer.from(`${username}:${password}`).toString('base64')
    for (const authorization of [`Basic ${basic}`, `Bearer ${await issue()}`]) {
      const headers = { authorization, 'content-type': 'application/json' }
      for (const path of [GET_JWT, `${GET_JWT}?key=${API_KEY}&username=ada&password=x`]) {
        expect((await post(path, rest, headers)).body).toEqual(toFailed('authentication failed'))
      }
    }
  })

  it('an API key is taken only by option, and never enters the token', async () => {
    const closed = await startData8(startHost)
    const parameters = createParameters({ username: API_KEY, password: '' })
    expect((await closed.post(GET_JWT, parameters)).body).toEqual(toFailed('authentication failed'))
    const open = await startData8(startHost, { apiKeys: true })
    const { password: _password, ...withoutPassword } = parameters
    for (const sent of [parameters, withoutPassword, { ...parameters, password: null }]) {
      const { body } = await open.post(GET_JWT, sent)
      expect(readClaims(String(body.Jwt))).toMatchObject({ iss: 'ada', sub: 'ada', cn: 'ada Ltd' })
    }
    const [record] = (await open.service.list({ project: 'default' })).tokens
    expect(JSON.stringify(record)).not.toContain('ABCD-1234')
    const wrong = createParameters({ username: 'apikey-WRONG', password: '' })
    expect((await open.post(GET_JWT, wrong)).body).toEqual(toFailed('authentication failed'))
    expect((await open.post(GET_JWT, createParameters({ password: '' }))).body).toEqual(
      toFailed('authentication failed'),
    )
  })

  it('expiresAt is read with and without a zone, which is UTC', async () => {
    const { issue } = await startData8(startHost)
    const texts = [
      '2026-11-21T13:00:00Z',
      '2026-11-21T13:00:00',
      '2026-11-21T13:00:00.0000000',
      '2026-11-21T14:00:00+01:00',
      '2026-11-21T13:00',
      '2026-11-21T07:30:00.0000000-05:30',
    ]
    for (const expiresAt of texts) expect(readClaims(await issue({ expiresAt })).exp).toBe(1795266000)
  })

  it('lives that are over, overflow or cannot be read are refused with a reason', async () => {
    const { post } = await startData8(startHost)
    const unreadable = 'expiresAt must be a date and time as in 2026-11-21T12:00:00Z'
    const lives: readonly (readonly [unknown, string])[] = [
      [undefined, 'expiresAt is missing'],
      [null, 'expiresAt is missing'],
      ['', 'expiresAt is missing'],
      ['2026-11-21T12:00:00Z', 'expiresAt is in the past'],
      ['2020-01-01', 'expiresAt is in the past'],
      ['0001-01-01T00:00:00', 'expiresAt must be a date from 1970 to 9999'],
      ['9999-12-31T23:59:59-23:59', 'expiresAt must be a date from 1970 to 9999'],
      ['10000-01-01T00:00:00Z', unreadable],
      ['+275760-09-13T00:00:00Z', unreadable],
      ['2026-02-30T00:00:00Z', unreadable],
      ['2026-13-01T00:00:00Z', unreadable],
      ['2026-11-21T24:00:00Z', unreadable],
      ['2026-11-21T12:60:00Z', unreadable],
      ['1e99', unreadable],
      ['tomorrow', unreadable],
      [`2026-11-21T13:00:00.${'0'.repeat(5000)}Z`, unreadable],
      [1795266000, 'expiresAt must be a text'],
      [1e308, 'expiresAt must be a text'],
      [['2026-11-21T13:00:00Z'], 'expiresAt must be a text'],
    ]
    for (const [expiresAt, message] of lives) {
      const { status, body } = await post(GET_JWT, createParameters({ expiresAt }))
      expect([expiresAt, status, body]).toEqual([expiresAt, 200, toFailed(message)])
    }
    expect((await post(GET_JWT, createParameters())).body.Status?.Success).toBe(true)
  })

  it('maxCredits of 0 and below, fractions and texts are refused', async () => {
    const { post, issue } = await startData8(startHost)
    for (const maxCredits of [0, -1, -0.5, 1.5, 2 ** 53, 1e300, '50', '', true, [], {}]) {
      const { body } = await post(GET_JWT, createParameters({ maxCredits }))
      expect(body).toEqual(toFailed('maxCredits must be a whole number from 1 to 2^53 - 1, or null'))
    }
    expect(readClaims(await issue({ maxCredits: 2 ** 53 - 1 })).mc).toBe('9007199254740991')
    expect(readClaims(await issue({ maxCredits: 1 })).mc).toBe('1')
  })

  it('allowedMethods that are no names of services or methods are refused', async () => {
    const { post } = await startData8(startHost)
    for (const name of [
      '',
      ' ',
      '*',
      'A.',
      '.B',
      'A.B.C',
      'A B',
      'A/B',
      'é',
      '1A',
      5,
      null,
      [],
      {},
      'x'.repeat(60),
    ]) {
      const { body } = await post(GET_JWT, createParameters({ allowedMethods: ['EmailValidation', name] }))
      expect(body).toEqual(toFailed('allowedMethods must hold names as in Service or Service.Method'))
    }
    for (const allowedMethods of ['EmailValidation', { 0: 'EmailValidation' }, true, 1]) {
      const { body } = await post(GET_JWT, createParameters({ allowedMethods }))
      expect(body).toEqual(toFailed('allowedMethods must be a list'))
    }
    const many = Array.from({ length: 65 }, (_, i) => `Service${i}`)
    const { body } = await post(GET_JWT, createParameters({ allowedMethods: many }))
    expect(body).toEqual(toFailed('allowedMethods must be a list of up to 64 names'))
  })

  it('clientIp must be one address', async () => {
    const { post, issue } = await startData8(startHost)
    for (const clientIp of [
      '10.0.0.0/8',
      '010.0.0.1',
      '1.2.3',
      'localhost',
      ' ',
      '::1/128',
      '1.2.3.4, 5.6.7.8',
    ]) {
      const { body } = await post(GET_JWT, createParameters({ clientIp }))
      expect(body).toEqual(toFailed('clientIp must be an IPv4 or IPv6 address, or null'))
    }
    expect((await post(GET_JWT, createParameters({ clientIp: 'fe80::1%eth0' }))).body).toEqual(
      toFailed('an address in clientIp is not an IPv4 or IPv6 address or CIDR range'),
    )
    expect((await post(GET_JWT, createParameters({ clientIp: 1 }))).body).toEqual(
      toFailed('clientIp must be a text'),
    )
    expect(readClaims(await issue({ clientIp: '2001:DB8:0::1' })).ip).toBe('2001:db8::1')
  })

  it('ApplicationName is checked, and other options are passed over', async () => {
    const { post, issue } = await startData8(startHost)
    const refused: readonly (readonly [unknown, string])[] = [
      [{ ApplicationName: 5 }, 'ApplicationName must be a text'],
      [{ ApplicationName: '' }, 'ApplicationName must be 1 to 128 characters long'],
      [{ ApplicationName: 'x'.repeat(129) }, 'ApplicationName must be 1 to 128 characters long'],
      [
        { ApplicationName: 'a\u202eb' },
        'ApplicationName must not hold control characters, line breaks or bidi marks',
      ],
      [['ApplicationName'], 'options must be names with their values'],
      ['ApplicationName', 'options must be names with their values'],
    ]
    for (const [options, message] of refused) {
      expect((await post(GET_JWT, createParameters({ options }))).body).toEqual(toFailed(message))
    }
    expect(readClaims(await issue({ options: { ApplicationName: 'shop', Other: 5 } })).app).toBe('shop')
  })

  it('a parameter that is not known is refused: a misspelt limit would limit nothing', async () => {
    const { post } = await startData8(startHost)
    for (const name of ['MaxCredits', 'maxcredits', '__proto__', 'constructor', 'S3cret-name']) {
      const text = `${JSON.stringify(createParameters()).slice(0, -1)},"${name}":1}`
      const { body } = await post(GET_JWT, text)
      expect(body).toEqual(toFailed('the request has a parameter that is not known here'))
    }
  })

  it('an account without credits gets no token, and GetJWT costs nothing', async () => {
    const { post, service } = await startData8(startHost, { credits: 0 })
    const ask = () => post(GET_JWT, createParameters())
    expect((await ask()).body).toEqual(toFailed('the account is out of credits'))
    await service.addPoolCredits('default', 'ada', 1)
    for (let i = 0; i < 3; i++) expect((await ask()).body.Status?.CreditsRemaining).toBe(1)
    expect((await post(GET_JWT, createParameters({ username: 'bob' }))).body).toEqual(
      toFailed('the account is out of credits'),
    )
  })

  it('an account issues what its principal may: actions, project, subject and grant', async () => {
    const accounts = {
      reader: createAccount('reader', { can: ['read'] }),
      stranger: createAccount('stranger', { projects: ['elsewhere'] }),
      other: createAccount('other', { subjects: ['somebody'] }),
      bounded: createAccount('bounded', {
        pool: 'ada',
        grant: { maxLifeSeconds: 3600, credits: 5, scope: ['data8.EmailValidation'], ip: ['192.0.2.0/24'] },
      }),
      empty: createAccount('empty', { pool: 'ada', grant: { scope: [] } }),
    }
    const known = new Map<string, ReturnType<typeof createAccount>>(Object.entries(accounts))
    const { post, issue } = await startData8(startHost, {
      authenticate: ({ username }) => known.get(username) ?? null,
    })
    const ask = async (username: string, more: object = {}) =>
      (await post(GET_JWT, createParameters({ username, ...more }))).body
    expect(await ask('reader')).toEqual(toFailed('the account may not issue tokens'))
    expect(await ask('stranger')).toEqual(toFailed('project is more than you may grant'))
    expect(await ask('other')).toEqual(toFailed('username is more than you may grant'))
    expect(await ask('bounded', { expiresAt: '2026-11-21T13:00:01Z' })).toEqual(
      toFailed('expiresAt is later than you may grant'),
    )
    expect(await ask('bounded', { maxCredits: 6 })).toEqual(toFailed('maxCredits is more than you may grant'))
    expect(await ask('bounded', { allowedMethods: ['PhoneValidation'] })).toEqual(
      toFailed('allowedMethods is more than you may grant'),
    )
    expect(await ask('bounded', { clientIp: '192.0.3.1' })).toEqual(
      toFailed('clientIp is more than you may grant'),
    )
    expect(readClaims(await issue({ username: 'bounded' }))).toMatchObject({
      aud: ['EmailValidation'],
      mc: '5',
      ip: '192.0.2.0/24',
    })
    expect(
      readClaims(await issue({ username: 'bounded', allowedMethods: ['EmailValidation.IsValid'] })).aud,
    ).toEqual(['EmailValidation.IsValid'])
    expect(readClaims(await issue({ username: 'empty' })).aud).toEqual([])
  })
})

describe('data8 behind parsers of Express', () => {
  it('takes what express.json and express.text have read', async () => {
    const { post } = await startData8(startExpressWithParsers)
    expect((await post(GET_JWT, createParameters())).body.Status?.Success).toBe(true)
    const text = JSON.stringify(createParameters())
    expect((await post(GET_JWT, text, { 'content-type': 'text/plain' })).body.Status?.Success).toBe(true)
    const form = await post(GET_JWT, text, { 'content-type': 'application/x-www-form-urlencoded' })
    expect(form.body).toEqual(toFailed('the request has a parameter that is not known here'))
  })
})
