import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HOSTS, startExpressWithParsers } from '../hosts.ts'
import { type Answer, startServiceStack } from './start-servicestack.ts'

const JSON_TYPE = 'application/json'
const JSV_TYPE = 'text/jsv'
const XML_TYPE = 'application/xml'
const FORM_TYPE = 'application/x-www-form-urlencoded'
const PARTS_TYPE = 'multipart/form-data; boundary=x'
const BOMB = `<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">${Array.from(
  { length: 10 },
  (_, i) => `<!ENTITY a${i} "${`&a${i === 0 ? '' : i - 1};`.repeat(10)}">`,
).join('')}]>`

/** What → type, body, and what is said of it. All of them are 400. */
const BODIES: readonly (readonly [what: string, type: string, body: string | Uint8Array, why: string])[] = [
  ['half a JSON object', JSON_TYPE, '{"UserAuthId": "1"', 'the body is not JSON'],
  ['duplicate JSON members', JSON_TYPE, '{"Email":"a","Email":"b"}', 'the body is not JSON'],
  ['a JSON list', JSON_TYPE, '[]', 'the request must be an object'],
  ['a JSON text', JSON_TYPE, '"x"', 'the request must be an object'],
  ['a JSON number', JSON_TYPE, '1e999', 'the body is not JSON'],
  ['JSON brackets, 20,000 deep', JSON_TYPE, '['.repeat(20_000), 'the body is not JSON'],
  ['a deep JSON member', JSON_TYPE, `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`, 'the body is not JSON'],
  ['invalid UTF-8', JSON_TYPE, Uint8Array.of(0x7b, 0xff, 0x7d), 'the body is not UTF-8'],
  ['blanks', JSON_TYPE, '  ', 'the body is not JSON'],
  ['JSV brackets, 10,000 deep', JSV_TYPE, '['.repeat(10_000), 'the JSV is nested too deeply'],
  ['JSV braces, 10,000 deep', JSV_TYPE, '{a:'.repeat(10_000), 'the JSV is nested too deeply'],
  ['half a JSV object', JSV_TYPE, '{UserAuthId:1', 'the JSV is malformed'],
  ['a JSV list', JSV_TYPE, '[a]', 'the request must be an object'],
  ['JSV with a name twice', JSV_TYPE, '{Email:a,Email:b}', 'the JSV holds a name twice'],
  ['invalid UTF-8 as JSV', JSV_TYPE, Uint8Array.of(0x7b, 0xc0, 0xaf, 0x7d), 'the body is not UTF-8'],
  ['half an XML element', XML_TYPE, '<CreateJwt>', 'the XML is not well-formed'],
  ['an XML bomb', XML_TYPE, `${BOMB}<CreateJwt>&a9;</CreateJwt>`, 'the XML must not have a document type'],
  [
    'an external entity',
    XML_TYPE,
    '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><CreateJwt><Email>&e;</Email></CreateJwt>',
    'the XML must not have a document type',
  ],
  ['an unknown entity', XML_TYPE, '<CreateJwt><Email>&e;</Email></CreateJwt>', 'the XML is not well-formed'],
  ['XML elements, 10,000 deep', XML_TYPE, '<a>'.repeat(10_000), 'the XML is nested too deeply'],
  ['another XML element', XML_TYPE, '<Hello/>', 'the XML has another root element'],
  ['a bad escape in a form', FORM_TYPE, 'Email=%zz', 'the parameters are not well encoded'],
  ['invalid UTF-8 in a form', FORM_TYPE, 'Email=%ff', 'the parameters are not well encoded'],
  ['a multipart form that ends early', PARTS_TYPE, '--x\r\n', 'the multipart form is malformed'],
  ['a multipart form without a boundary', 'multipart/form-data', '--x--', 'the multipart form is malformed'],
]

/** Members that have the wrong type, and what is said of them. */
const MEMBERS: readonly (readonly [name: string, value: unknown, message: string])[] = [
  ['email', {}, 'Email must be a text'],
  ['EMAIL', ['a'], 'Email must be a text'],
  ['UserAuthId', 1e20, 'UserAuthId is too large a number'],
  ['displayName', 'x'.repeat(1025), 'DisplayName must not be longer than 1024 characters'],
  ['displayName', 'a\u0000b', 'DisplayName must not hold NUL characters or lone surrogates'],
  ['displayName', 'a\ud800', 'DisplayName must not hold NUL characters or lone surrogates'],
  ['roles', { a: 'b' }, 'Roles must be a list of texts'],
  ['roles', 5, 'Roles must be a list of texts'],
  ['roles', [['Employee']], 'Roles must be a text'],
  ['permissions', '[a', 'Permissions must be written as JSV'],
  ['permissions', 'a],[b', 'Permissions must be written as JSV'],
  ['birthDate', 'yesterday', 'BirthDate must be a date'],
  ['createdAt', true, 'CreatedAt must be a date'],
  ['isAuthenticated', 'si', 'IsAuthenticated must be true or false'],
  ['isAuthenticated', {}, 'IsAuthenticated must be a text'],
  ['tag', '1e3', 'Tag must be a whole number'],
  ['providerOAuthAccess', {}, 'ProviderOAuthAccess must be a list of objects'],
  ['providerOAuthAccess', ['a'], 'ProviderOAuthAccess must be a list of objects'],
  ['providerOAuthAccess', 'x:y', 'ProviderOAuthAccess must be a list of objects'],
  ['providerOAuthAccess', [{ accessToken: {} }], 'ProviderOAuthAccess must be a text'],
  ['providerOAuthAccess', [{ items: 'x' }], 'ProviderOAuthAccess must be an object of texts'],
  ['providerOAuthAccess', [{ refreshTokenExpiry: 'x' }], 'ProviderOAuthAccess must be a date'],
]

describe.each(HOSTS)('servicestack and bad input in %s', (_name, startHost) => {
  it.each(BODIES)('a body of %s is 400 with a reason', async (_what, type, body, why) => {
    const { call, reported } = await startServiceStack(startHost)
    const { status, json } = await call('POST', '/jwt', { body, headers: { 'content-type': type } })
    expect([status, json]).toEqual([
      400,
      {
        responseStatus: {
          errorCode: 'SerializationException',
          message: "Unable to bind to request 'CreateJwt'",
          errors: [
            { errorCode: 'SerializationException', fieldName: '', message: expect.stringContaining(why) },
          ],
        },
      },
    ])
    expect(reported).toEqual([])
    expect((await call('POST', '/jwt', { body: { UserAuthId: '1' } })).status).toBe(200)
  })

  it('members of another type are 400 and named as they were sent', async () => {
    const { call } = await startServiceStack(startHost)
    for (const [fieldName, value, message] of MEMBERS) {
      const { status, json } = await call('POST', '/jwt', { body: { [fieldName]: value } })
      expect([status, json]).toMatchObject([
        400,
        { responseStatus: { errors: [{ errorCode: 'SerializationException', fieldName, message }] } },
      ])
    }
  })

  it('what other sources make of a wrong type is 400 too', async () => {
    const { call } = await startServiceStack(startHost)
    const xml = '<CreateJwt><Email><b/></Email><Roles><a><b/></a></Roles></CreateJwt>'
    const sent = [
      await call('POST', '/jwt', { body: xml, headers: { 'content-type': XML_TYPE } }),
      await call('POST', '/jwt', { body: '{Email:{a:b}}', headers: { 'content-type': JSV_TYPE } }),
      await call('GET', '/jwt?providerOAuthAccess=[{items:x}]'),
    ]
    for (const { status, json } of sent) {
      expect([status, json]).toMatchObject([400, { responseStatus: { errorCode: 'SerializationException' } }])
    }
    // Objects that a script has put into a query have become this text; nothing of them would be used.
    const lost = '/jwt?providerOAuthAccess=%5Bobject%20Object%5D%2C%5Bobject%20Object%5D'
    expect((await call('GET', lost)).status).toBe(200)
  })

  it('a field of 1 MB is 413, and the next call works', async () => {
    const { call } = await startServiceStack(startHost)
    const long = 'x'.repeat(1_000_000)
    const form = new FormData()
    form.append('Email', long)
    const bodies = [
      [JSON_TYPE, JSON.stringify({ Email: long })],
      [JSV_TYPE, `{Email:${long}}`],
      [XML_TYPE, `<CreateJwt><Email>${long}</Email></CreateJwt>`],
      [FORM_TYPE, `Email=${long}`],
      ['', form],
    ] as const
    for (const [type, body] of bodies) {
      const headers = type === '' ? {} : { 'content-type': type }
      const { status, json } = await call('POST', '/jwt', { body, headers })
      expect([status, json]).toEqual([
        413,
        {
          responseStatus: {
            errorCode: 'RequestEntityTooLarge',
            message: 'the body is larger than 65536 bytes',
          },
        },
      ])
      expect((await call('POST', '/jwt', { body: {} })).status).toBe(200)
    }
  })

  it('texts that are too long for a token together are 400', async () => {
    const { call } = await startServiceStack(startHost)
    const names = ['Email', 'FirstName', 'LastName', 'DisplayName', 'UserName', 'ProfileUrl']
    const body = Object.fromEntries(names.map((name) => [name, 'x'.repeat(1000)]))
    const { status, json } = await call('POST', '/jwt', { body })
    expect([status, json]).toEqual([
      400,
      {
        responseStatus: {
          errorCode: 'ArgumentException',
          message: 'the texts of the session are too long for a token',
        },
      },
    ])
  })

  it('a UserAuthId that no subject can be is 400 with the field', async () => {
    const { call } = await startServiceStack(startHost, {
      authenticate: () => ({ id: 'm', projects: '*', subjects: '*', can: ['issue'] }),
    })
    for (const userAuthId of [' 1', '1\n', 'a\u202eb', 'x'.repeat(257)]) {
      const { status, json } = await call('POST', '/jwt', { body: { userAuthId } })
      expect([status, json]).toMatchObject([
        400,
        {
          responseStatus: {
            errorCode: 'ArgumentException',
            errors: [{ fieldName: 'userAuthId', message: expect.stringMatching(/^UserAuthId must /) }],
          },
        },
      ])
    }
  })

  it('a body of another type is 415', async () => {
    const { call } = await startServiceStack(startHost)
    for (const type of [
      'text/plain',
      'application/octet-stream',
      'application/json; charset=utf-16',
      'text/csv',
      'x',
      ';',
    ]) {
      const { status, json } = await call('POST', '/jwt', { body: '{}', headers: { 'content-type': type } })
      expect([type, status, json]).toMatchObject([
        type,
        415,
        { responseStatus: { errorCode: 'UnsupportedMediaType' } },
      ])
    }
  })

  it('a batch that is no list of requests is 400', async () => {
    const { call } = await startServiceStack(startHost)
    const bodies = [
      [JSON_TYPE, '{}'],
      [JSON_TYPE, '[]'],
      [JSON_TYPE, 'null'],
      [JSON_TYPE, '[null]'],
      [JSON_TYPE, '[[]]'],
      [JSON_TYPE, ''],
      [JSV_TYPE, '{}'],
      [JSV_TYPE, '[a]'],
      [XML_TYPE, '<CreateJwt/>'],
      [XML_TYPE, '<ArrayOfCreateJwt/>'],
      [FORM_TYPE, 'UserAuthId=1'],
      [PARTS_TYPE, '--x--'],
      [JSON_TYPE, JSON.stringify(Array.from({ length: 1001 }, () => ({})))],
    ] as const
    for (const [type, body] of bodies) {
      const { status, json } = await call('POST', '/api/CreateJwt[]', {
        body,
        headers: { 'content-type': type },
      })
      expect([body.slice(0, 20), status, json]).toMatchObject([
        body.slice(0, 20),
        400,
        { responseStatus: {} },
      ])
    }
    expect((await call('POST', '/api/CreateJwt[]')).status).toBe(400)
    const many = JSON.stringify(Array.from({ length: 1000 }, () => ({})))
    const answer = await call('POST', '/api/CreateJwt[]', {
      body: many,
      headers: { 'content-type': JSON_TYPE },
    })
    expect([answer.status, (answer.json as unknown as unknown[]).length]).toEqual([200, 1000])
  })

  it('a batch with a long query takes no longer than its requests and its query', async () => {
    const { call } = await startServiceStack(startHost)
    const query = `Roles=${Array.from({ length: 1500 }, (_, i) => `r${i}`).join(',')}`
    const post = (length: number): Promise<Answer> =>
      call('POST', `/api/CreateJwt[]?${query}`, {
        body: JSON.stringify(Array.from({ length }, () => ({}))),
        headers: { 'content-type': JSON_TYPE },
      })
    const began = performance.now()
    expect((await post(1000)).status).toBe(200)
    const tooMany = await post(20_000)
    expect([tooMany.status, tooMany.json]).toMatchObject([
      400,
      { responseStatus: { errors: [{ message: 'a batch must be a list of 1 to 1000 requests' }] } },
    ])
    expect(performance.now() - began).toBeLessThan(3000)
  })

  it('a field that is sent thousands of times is one error', async () => {
    const { call } = await startServiceStack(startHost)
    const body = 'Tag=1&'.repeat(10_000)
    const answer = await call('POST', '/jwt', { body, headers: { 'content-type': FORM_TYPE } })
    expect([answer.status, answer.json]).toEqual([
      400,
      {
        responseStatus: {
          errorCode: 'SerializationException',
          message: "Unable to bind to request 'CreateJwt'",
          errors: [{ errorCode: 'SerializationException', fieldName: 'Tag', message: 'Tag is given twice' }],
        },
      },
    ])
  })

  it('a compressed body is 400', async () => {
    const { call } = await startServiceStack(startHost)
    const headers = { 'content-type': JSON_TYPE, 'content-encoding': 'gzip' }
    const { status, json } = await call('POST', '/jwt', { body: gzipSync('{}'), headers })
    expect([status, json]).toMatchObject([
      400,
      { responseStatus: { errors: [{ message: 'the body cannot be read' }] } },
    ])
  })

  it('members of the prototype are nothing', async () => {
    const { call, mint } = await startServiceStack(startHost)
    const body = '{"__proto__":{"UserAuthId":"3"},"constructor":"x","toString":{}}'
    const { status } = await call('POST', '/jwt', { body, headers: { 'content-type': JSON_TYPE } })
    expect(status).toBe(200)
    const jsv = '{__proto__:{UserAuthId:3},constructor:x,toString:[]}'
    expect((await call('POST', '/jwt', { body: jsv, headers: { 'content-type': JSV_TYPE } })).status).toBe(
      200,
    )
    expect((await call('GET', '/jwt?__proto__=x&constructor=y&format=__proto__')).status).toBe(200)
    expect((await call('GET', '/constructor/reply/CreateJwt')).status).toBe(404)
    expect(await mint()).toEqual(expect.any(String))
  })

  it('anything that a body can say gets a 200 or a 4xx with a message', async () => {
    const { call, reported } = await startServiceStack(startHost)
    const name = fc.constantFrom(
      'UserAuthId',
      'roles',
      'JwtExpiry',
      'tag',
      'ProviderOAuthAccess',
      '__proto__',
    )
    const value = fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }))
    const json = fc.dictionary(name, value).map((body) => [JSON_TYPE, JSON.stringify(body)] as const)
    const pieces = fc.array(
      fc.constantFrom(
        '{',
        '}',
        '[',
        ']',
        ':',
        ',',
        '"',
        '<',
        '>',
        '/',
        '&',
        ';',
        '=',
        'Roles',
        'a',
        '%',
        '--x',
        '\r\n',
      ),
    )
    const type = fc.constantFrom(JSON_TYPE, JSV_TYPE, XML_TYPE, FORM_TYPE, PARTS_TYPE)
    const texts = fc.tuple(
      type,
      pieces.map((parts) => parts.join('')),
    )
    await fc.assert(
      fc.asyncProperty(fc.oneof(json, texts), async ([contentType, body]) => {
        const answer = await call('POST', '/jwt', { body, headers: { 'content-type': contentType } })
        expect([200, 400, 403]).toContain(answer.status)
        expect(answer.json).toEqual(
          answer.status === 200
            ? { token: expect.any(String) }
            : { responseStatus: expect.objectContaining({ message: expect.any(String) }) },
        )
      }),
      { numRuns: 100 },
    )
    expect(reported).toEqual([])
  })
})

describe('servicestack behind the body parsers of Express', () => {
  it('what a parser has read and nobody can use is 400', async () => {
    const { call } = await startServiceStack(startExpressWithParsers)
    for (const [type, body] of [
      [JSON_TYPE, '[]'],
      [FORM_TYPE, 'Email[a]=b'],
      [FORM_TYPE, 'Email=a&Email=b'],
      [JSV_TYPE, '[a]'],
      ['text/xml', '<a/>'],
    ] as const) {
      const { status, json } = await call('POST', '/jwt', { body, headers: { 'content-type': type } })
      const isUnknown = body === 'Email[a]=b'
      expect([body, status]).toEqual([body, isUnknown && status === 200 ? 200 : 400])
      if (status === 400)
        expect(json).toMatchObject({ responseStatus: { errorCode: 'SerializationException' } })
    }
  })
})
