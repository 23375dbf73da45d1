import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { SERVICESTACK_PROFILE } from '../../src/index.ts'
import { CREATE_JWT_FIELDS } from '../../src/servicestack/fields.ts'
import { HOSTS } from '../hosts.ts'
import { MANAGER, readPayload, startServiceStack } from './start-servicestack.ts'

/** The documented fields, with a value each. */
const TEXTS = `ReferrerUrl Id UserAuthId UserAuthName UserName TwitterUserId TwitterScreenName FacebookUserId
  FacebookUserName FirstName LastName DisplayName Company Email PrimaryEmail PhoneNumber BirthDateRaw Address Address2
  City State Country Culture FullName Gender Language MailAddress Nickname PostalCode TimeZone RequestTokenSecret
  ProfileUrl Sequence AuthProvider`.split(/\s+/)
const SESSION = {
  ...Object.fromEntries(TEXTS.map((name) => [name, `<${name}>`])),
  UserAuthId: '1',
  JwtExpiry: '2030-01-01',
  BirthDate: '1815-12-10',
  CreatedAt: '/Date(0)/',
  LastModified: '2026-01-01T00:00:00.0000000Z',
  IsAuthenticated: true,
  FromToken: 'False',
  Tag: 7,
  Roles: ['Employee', 'Admin'],
  Permissions: ['CanRead', 'CanDelete'],
  ProviderOAuthAccess: [
    {
      Provider: 'oauth-provider',
      UserId: 'oauth-user',
      AccessToken: 'oauth-access',
      AccessTokenSecret: 'oauth-access-secret',
      RefreshToken: 'oauth-refresh',
      RefreshTokenExpiry: '2030-01-01',
      RequestToken: 'oauth-request',
      RequestTokenSecret: 'oauth-request-secret',
      Items: { key: 'oauth-item' },
    },
  ],
}
const DAY = 86_400

describe.each(HOSTS)('tokens of servicestack in %s', (_name, startHost) => {
  it('a token shows who the user is, and nothing else of a full session', async () => {
    const { mint, service, clock } = await startServiceStack(startHost)
    expect(new Set(Object.keys(SESSION))).toEqual(
      new Set([...CREATE_JWT_FIELDS.values()].map(({ name }) => name)),
    )
    const token = await mint(SESSION)
    const claims = readPayload(token)
    expect(claims).toEqual({
      sub: '1',
      email: '<Email>',
      given_name: '<FirstName>',
      family_name: '<LastName>',
      name: '<DisplayName>',
      preferred_username: '<UserName>',
      picture: '<ProfileUrl>',
      roles: ['Employee'],
      perms: ['CanRead'],
      jti: expect.stringMatching(/^[\da-f-]{36}$/),
      iat: clock.now().getTime() / 1000,
      exp: Date.UTC(2030, 0, 1) / 1000,
    })
    const record = await service.get('default', String(claims.jti))
    expect(record).toMatchObject({
      subject: '1',
      createdBy: 'manager',
      profile: 'servicestack',
      tokenSha256: createHash('sha256').update(token).digest('hex'),
    })
    expect(JSON.stringify(record)).not.toMatch(/oauth|Secret|Company/)
  })

  it('is HS256 with a kid, and without a name or list that was not given', async () => {
    const { mint } = await startServiceStack(startHost)
    const token = await mint()
    expect(JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())).toEqual({
      alg: 'HS256',
      typ: 'JWT',
      kid: expect.any(String),
    })
    expect(Object.keys(readPayload(token)).sort()).toEqual(['exp', 'iat', 'jti', 'sub'])
  })

  it('preferred_username is UserName, else UserAuthName', async () => {
    const { mint } = await startServiceStack(startHost)
    const ofBoth = readPayload(await mint({ UserName: 'ada', UserAuthName: 'lovelace' }))
    expect(ofBoth.preferred_username).toBe('ada')
    expect(readPayload(await mint({ UserAuthName: 'lovelace' })).preferred_username).toBe('lovelace')
  })

  it('values stay texts', async () => {
    const { mint } = await startServiceStack(startHost)
    for (const [sent, claim] of [
      ['1', '1'],
      [1, '1'],
      [1.5, '1.5'],
      [true, 'true'],
      ['007', '007'],
      ['null', 'null'],
      [' x ', ' x '],
      ['2030-01-01', '2030-01-01'],
    ]) {
      expect(readPayload(await mint({ displayName: sent })).name).toBe(claim)
    }
    expect(readPayload(await mint({ userAuthId: 2 })).sub).toBe('2')
  })

  it('lives 14 days, or as the option says', async () => {
    const { mint, clock } = await startServiceStack(startHost)
    clock.set('2026-11-21T12:00:00.789Z')
    const { iat, exp } = readPayload(await mint())
    expect(iat).toBe(Date.UTC(2026, 10, 21, 12) / 1000)
    expect(Number(exp) - Number(iat)).toBe(14 * DAY)
    const short = readPayload(await (await startServiceStack(startHost, { lifeDays: 0.5 })).mint())
    expect(Number(short.exp) - Number(short.iat)).toBe(DAY / 2)
  })

  it('JwtExpiry is read in all its forms, and the default of .NET is none', async () => {
    const { call } = await startServiceStack(startHost)
    const seconds = Date.UTC(2030, 0, 31) / 1000
    for (const text of [
      '2030-01-31',
      '20300131',
      '2030-01-31T00:00:00',
      '2030-01-31T00:00:00Z',
      '2030-01-31T00:00:00.0000000Z',
      '2030-01-31T02:00:00+02:00',
      `/Date(${seconds * 1000})/`,
      `/Date(${seconds * 1000}-0500)/`,
      'Thu Jan 31 2030 01:00:00 GMT+0100 (Central European Standard Time)',
    ]) {
      const { json } = await call('GET', `/jwt?JwtExpiry=${encodeURIComponent(text)}`)
      expect([text, readPayload(String(json?.token)).exp]).toEqual([text, seconds])
    }
    for (const text of ['0001-01-01', '0001-01-01T00:00:00.0000000', '/Date(-62135596800000)/', '']) {
      const { json } = await call('POST', '/jwt', { body: { JwtExpiry: text } })
      const { iat, exp } = readPayload(String(json?.token))
      expect([text, Number(exp) - Number(iat)]).toEqual([text, 14 * DAY])
    }
  })

  it('a JwtExpiry that cannot be read, or that no token can hold, is 400', async () => {
    const { call } = await startServiceStack(startHost)
    for (const value of ['soon', '2030-02-30', '99999-01-01', '1e400', '/Date(1e400)/', '/Date(9e15)/']) {
      const { status, json } = await call('GET', `/jwt?JwtExpiry=${encodeURIComponent(value)}`)
      expect([value, status, json]).toMatchObject([
        value,
        400,
        { responseStatus: { errorCode: 'SerializationException', errors: [{ fieldName: 'JwtExpiry' }] } },
      ])
    }
    for (const value of [1900000000, true, ['2030-01-01'], {}, 1e300]) {
      const { status } = await call('POST', '/jwt', { body: { JwtExpiry: value } })
      expect([value, status]).toEqual([value, 400])
    }
    for (const value of ['1969-12-31', '/Date(253402300800000)/']) {
      const { status, json } = await call('GET', `/jwt?jwtExpiry=${encodeURIComponent(value)}`)
      expect([value, status, json]).toEqual([
        value,
        400,
        {
          responseStatus: {
            errorCode: 'ArgumentException',
            message: 'JwtExpiry must be a date from 1970 to 9999',
            errors: [
              {
                errorCode: 'ArgumentException',
                fieldName: 'jwtExpiry',
                message: 'JwtExpiry must be a date from 1970 to 9999',
              },
            ],
          },
        },
      ])
    }
  })

  it('expired tokens are made, and open nothing, unless the option forbids them', async () => {
    const { mint, hello } = await startServiceStack(startHost)
    const token = await mint({ JwtExpiry: '2020-01-01', Roles: ['Employee'] })
    expect(readPayload(token).exp).toBe(Date.UTC(2020, 0, 1) / 1000)
    expect((await hello(token)).status).toBe(401)
    const { call } = await startServiceStack(startHost, { allowExpired: false })
    const { status, json } = await call('GET', '/jwt?JwtExpiry=2020-01-01')
    expect([status, json]).toMatchObject([
      400,
      { responseStatus: { errors: [{ fieldName: 'JwtExpiry', message: 'JwtExpiry is in the past' }] } },
    ])
  })

  it('roles and permissions are those that the caller may grant, to the letter and each once', async () => {
    const { mint } = await startServiceStack(startHost)
    const claims = readPayload(
      await mint({
        Roles: ['employee', 'Employee', 'Admin', 'Power User', 'Employee', 'Employee '],
        Permissions: ['canread', 'CanWrite'],
      }),
    )
    expect(claims.roles).toEqual(['Employee', 'Power User'])
    expect(claims).not.toHaveProperty('perms')
    const poor = await startServiceStack(startHost, {
      authenticate: () => ({ id: 'm', projects: ['default'], subjects: '*', can: ['issue'] }),
    })
    const none = readPayload(await poor.mint({ Roles: ['Employee'], Permissions: ['CanRead'] }))
    expect(Object.keys(none).sort()).toEqual(['exp', 'iat', 'jti', 'sub'])
  })

  it("UserAuthId is one of the caller's subjects, else 403 with the field", async () => {
    const { call, mint } = await startServiceStack(startHost)
    for (const id of ['1', '2', 'manager']) expect(readPayload(await mint({ UserAuthId: id })).sub).toBe(id)
    expect(readPayload(await mint()).sub).toBe('manager')
    for (const id of ['3', '01', 'Manager', '1 ', '__proto__']) {
      const { status, json } = await call('POST', '/jwt', { body: { userAuthId: id } })
      expect([status, json]).toEqual([
        403,
        {
          responseStatus: {
            errorCode: 'Forbidden',
            message: 'UserAuthId is more than you may grant',
            errors: [
              {
                errorCode: 'Forbidden',
                fieldName: 'userAuthId',
                message: 'UserAuthId is more than you may grant',
              },
            ],
          },
        },
      ])
    }
  })

  it('a caller without a subject of its own must name one', async () => {
    const { call } = await startServiceStack(startHost, {
      authenticate: () => ({ ...MANAGER, id: 'other', subjects: ['1', '2'] }),
    })
    const { status, json } = await call('POST', '/jwt', { body: {} })
    expect([status, json]).toMatchObject([400, { responseStatus: { errors: [{ fieldName: 'UserAuthId' }] } }])
  })

  it("the caller's grant bounds the life and limits the token", async () => {
    const grant = {
      maxLifeSeconds: 3600,
      ip: ['192.0.2.0/24'],
      paths: ['/servicestack/'],
      httpMethods: ['GET'],
    }
    const { call, mint, hello } = await startServiceStack(startHost, {
      authenticate: () => ({ ...MANAGER, grant }),
    })
    const token = await mint({ Roles: ['Employee'], Email: 'a@example.com' })
    const claims = readPayload(token)
    expect(Number(claims.exp) - Number(claims.iat)).toBe(3600)
    expect(claims).toMatchObject({
      email: 'a@example.com',
      roles: ['Employee'],
      ip: ['192.0.2.0/24'],
      paths: ['/servicestack/'],
      methods: ['GET'],
    })
    const refused = await hello(token)
    expect([refused.status, refused.json]).toEqual([
      403,
      {
        responseStatus: {
          errorCode: 'Forbidden',
          message: 'the access token may not be used from this address',
        },
      },
    ])
    const long = await call('GET', '/jwt?JwtExpiry=2030-01-01')
    expect([long.status, long.json]).toMatchObject([
      403,
      { responseStatus: { message: 'JwtExpiry is later than you may grant' } },
    ])
  })

  it('is verified as its own kind, and belongs to its project', async () => {
    const { mint, service } = await startServiceStack(startHost)
    const token = await mint({ UserAuthId: '1' })
    expect(await service.verify(token)).toMatchObject({ valid: false, error: 'token_type_denied' })
    expect(await service.verify(token, { profiles: [SERVICESTACK_PROFILE] })).toMatchObject({
      valid: true,
      token: { subject: '1', project: 'default', profile: 'servicestack' },
    })
  })
})
