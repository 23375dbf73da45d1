import { describe, expect, it } from 'vitest'
import { parseXml } from '../../src/xml-reader.ts'
import { HOSTS } from '../hosts.ts'
import { readPayload, startServiceStack, toBasic } from './start-servicestack.ts'

const VERBS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
const PATHS = [
  ['/jwt', 'json'],
  ['/jwt/', 'json'],
  ['/JWT', 'json'],
  ['/jwt.xml', 'xml'],
  ['/json/reply/CreateJwt', 'json'],
  ['/xml/reply/CreateJwt', 'xml'],
  ['/jsv/reply/CreateJwt', 'jsv'],
  ['/csv/reply/CreateJwt', 'csv'],
  ['/api/CreateJwt', 'json'],
  ['/api/createjwt', 'json'],
  ['/api/CreateJwt.json', 'json'],
  ['/api/CreateJwt.xml', 'xml'],
  ['/api/CreateJwt.jsv', 'jsv'],
  ['/api/CreateJwt.csv', 'csv'],
] as const
const TYPES = {
  json: 'application/json; charset=utf-8',
  xml: 'application/xml; charset=utf-8',
  jsv: 'text/jsv; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
}
const TOKEN = String.raw`[\w-]+\.[\w-]+\.[\w-]+`
const BODIES = {
  json: new RegExp(`^\\{"token":"(${TOKEN})"\\}$`),
  xml: new RegExp(`^<CreateJwtResponse [^<>]+><Token>(${TOKEN})</Token></CreateJwtResponse>$`),
  jsv: new RegExp(`^\\{token:(${TOKEN})\\}$`),
  csv: new RegExp(`^Token,ResponseStatus\\r\\n(${TOKEN}),\\r\\n$`),
}

describe.each(HOSTS)('routes of servicestack in %s', (_name, startHost) => {
  it.each(PATHS)('%s answers every verb with a token in %s', async (path, format) => {
    const { call, hello } = await startServiceStack(startHost)
    for (const method of VERBS) {
      const { status, headers, text } = await call(method, `${path}?UserAuthId=2&roles=Employee`)
      expect([method, status, headers.get('content-type')]).toEqual([method, 200, TYPES[format]])
      const token = BODIES[format].exec(text)?.[1] ?? ''
      expect(readPayload(token)).toMatchObject({ sub: '2', roles: ['Employee'] })
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('vary')).toBe('Accept')
      expect((await hello(token)).status).toBe(200)
    }
  })

  it('HEAD answers like GET, without the body', async () => {
    const { call } = await startServiceStack(startHost)
    const { status, headers, text } = await call('HEAD', '/jwt')
    expect([status, text]).toEqual([200, ''])
    expect(headers.get('content-type')).toBe(TYPES.json)
    expect((await call('HEAD', '/jwt', { authorization: null })).status).toBe(401)
  })

  it('OPTIONS without credentials says which verbs there are, and with them makes a token', async () => {
    const { call } = await startServiceStack(startHost)
    const asked = await call('OPTIONS', '/jwt', { authorization: null })
    expect([asked.status, asked.text]).toEqual([204, ''])
    expect(asked.headers.get('allow')).toBe('GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS')
    const made = await call('OPTIONS', '/jwt')
    expect([made.status, made.json]).toEqual([200, { token: expect.stringMatching(TOKEN) }])
  })

  it('XML names its types, and CSV comes as a file', async () => {
    const { call } = await startServiceStack(startHost)
    const xml = await call('GET', '/jwt?format=xml')
    expect(parseXml(xml.text)).toMatchObject({
      name: 'CreateJwtResponse',
      namespace: 'http://schemas.servicestack.net/types',
      children: [{ name: 'Token', namespace: 'http://schemas.servicestack.net/types' }],
    })
    const csv = await call('GET', '/jwt?format=csv')
    expect(csv.headers.get('content-disposition')).toBe('attachment; filename="CreateJwt.csv"')
  })

  it.each(['/api/CreateJwt[]', '/api/CreateJwt%5B%5D', '/json/reply/CreateJwt[]', '/api/CreateJwt[].json'])(
    'POST %s makes a token for each request of a batch',
    async (path) => {
      const { call } = await startServiceStack(startHost)
      const body = [{ UserAuthId: '1' }, { userauthid: '2', roles: ['Employee'] }, {}]
      const { status, json } = await call('POST', `${path}?JwtExpiry=2030-01-01`, { body })
      expect([status, json]).toEqual([200, body.map(() => ({ token: expect.stringMatching(TOKEN) }))])
      const tokens = (json as unknown as { token: string }[]).map(({ token }) => readPayload(token))
      expect(tokens).toMatchObject([{ sub: '1' }, { sub: '2', roles: ['Employee'] }, { sub: 'manager' }])
      expect(new Set(tokens.map(({ jti }) => jti)).size).toBe(3)
      expect(new Set(tokens.map(({ exp }) => exp))).toEqual(new Set([Date.UTC(2030, 0, 1) / 1000]))
    },
  )

  it('a batch is read and answered in XML, JSV and CSV too', async () => {
    const { call } = await startServiceStack(startHost)
    const one = '<CreateJwt><UserAuthId>1</UserAuthId></CreateJwt>'
    const xml = await call('POST', '/xml/reply/CreateJwt[]', {
      body: `<ArrayOfCreateJwt xmlns="http://schemas.servicestack.net/types">${one}${one}</ArrayOfCreateJwt>`,
      headers: { 'content-type': 'application/xml' },
    })
    expect(parseXml(xml.text)).toMatchObject({
      name: 'ArrayOfCreateJwtResponse',
      children: [
        { name: 'CreateJwtResponse', children: [{ name: 'Token' }] },
        { name: 'CreateJwtResponse', children: [{ name: 'Token' }] },
      ],
    })
    const jsv = { body: '[{UserAuthId:1},{UserAuthId:2}]', headers: { 'content-type': 'text/jsv' } }
    const answer = await call('POST', '/jsv/reply/CreateJwt[]', jsv)
    expect(answer.text).toMatch(new RegExp(`^\\[\\{token:${TOKEN}\\},\\{token:${TOKEN}\\}\\]$`))
    const csv = await call('POST', '/csv/reply/CreateJwt[]', jsv)
    expect(csv.text).toMatch(new RegExp(`^Token,ResponseStatus\\r\\n${TOKEN},\\r\\n${TOKEN},\\r\\n$`))
  })

  it('a batch is all or nothing', async () => {
    const { call, service } = await startServiceStack(startHost)
    const body = [{ UserAuthId: '1' }, { UserAuthId: '3' }]
    const { status, json } = await call('POST', '/api/CreateJwt[]', { body })
    expect([status, json]).toMatchObject([403, { responseStatus: { errorCode: 'Forbidden' } }])
    const unreadable = [{ UserAuthId: '1' }, { jwtExpiry: 'soon' }]
    expect((await call('POST', '/api/CreateJwt[]', { body: unreadable })).status).toBe(400)
    expect((await service.list({ project: 'default' })).tokens).toEqual([])
  })

  it('what is not there, and verbs that are not, are refused in the asked format', async () => {
    const { call } = await startServiceStack(startHost)
    const none = await call('GET', '/nothing')
    expect([none.status, none.json]).toEqual([
      404,
      { responseStatus: { errorCode: 'NotFound', message: 'there is nothing here' } },
    ])
    const xml = await call('GET', '/xml/oneway/CreateJwt')
    expect([xml.status, parseXml(xml.text).name]).toEqual([404, 'ErrorResponse'])
    const verb = await call('GET', '/api/CreateJwt[]')
    expect([verb.status, verb.json]).toEqual([
      405,
      { responseStatus: { errorCode: 'MethodNotAllowed', message: 'this method is not allowed here' } },
    ])
    expect(verb.headers.get('allow')).toBe('POST, OPTIONS')
    const hostile = await call('GET', '/jwt/%2e%2e%2f?format=csv')
    expect([hostile.status, hostile.text]).toEqual([
      400,
      'ResponseStatus\r\n"{errorCode:ArgumentException,message:the request target is not acceptable}"\r\n',
    ])
    for (const answer of [none, xml, verb, hostile]) expect(answer.headers.get('vary')).toBe('Accept')
  })

  it('a callback is not called: there is no JSONP', async () => {
    const { call } = await startServiceStack(startHost)
    for (const query of ['callback=alert', 'format=json&callback=alert', 'jsonp=alert', 'format=jsonp']) {
      const { text, headers } = await call('GET', `/jwt?${query}`)
      expect(text).toMatch(BODIES.json)
      expect(headers.get('content-type')).toBe(TYPES.json)
    }
  })

  it.each([
    ['', undefined, 'json'],
    ['', '*/*', 'json'],
    ['', 'application/xml', 'xml'],
    ['', 'text/xml;q=0.5', 'xml'],
    ['', 'application/xml, application/json', 'json'],
    ['', 'application/jsv, text/xml', 'xml'],
    ['', 'text/csv, text/jsv', 'jsv'],
    ['', 'application/jsv', 'jsv'],
    ['', 'TEXT/CSV', 'csv'],
    ['', 'text/html', 'json'],
    ['', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'json'],
    ['', 'image/png', 'json'],
    ['', 'application/json;q=0, application/xml', 'xml'],
    ['', ';;,,q', 'json'],
    ['?format=xml', 'application/json', 'xml'],
    ['?a=b&Format=JSV', 'application/json', 'jsv'],
    ['?format=nonsense', 'application/xml', 'xml'],
    ['?format=', 'text/csv', 'csv'],
  ])('/jwt%s with Accept %s answers in %s', async (query, accept, format) => {
    const { call } = await startServiceStack(startHost)
    const headers = accept === undefined ? {} : { accept }
    const answer = await call('GET', `/jwt${query}`, { headers })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, TYPES[format as 'json']])
  })

  it('the extension of a path counts over ?format=, and that over the first segment, and that over Accept', async () => {
    const { call } = await startServiceStack(startHost)
    const headers = { accept: 'application/json' }
    const ask = async (path: string): Promise<string | null> =>
      (await call('GET', path, { headers })).headers.get('content-type')
    expect(await ask('/api/CreateJwt.xml?format=csv')).toBe(TYPES.xml)
    expect(await ask('/xml/reply/CreateJwt?format=csv')).toBe(TYPES.csv)
    expect(await ask('/xml/reply/CreateJwt')).toBe(TYPES.xml)
  })

  it('without credentials the answer is 401, empty and with a challenge, in every format', async () => {
    const { call } = await startServiceStack(startHost)
    const wrong = [
      null,
      toBasic('manager', 'wrong'),
      toBasic('nobody'),
      'Basic',
      'Basic !',
      'Digest x',
      'Bearer',
      `Basic ${Buffer.from('manager').toString('base64')}`,
    ]
    for (const authorization of wrong) {
      for (const [path] of PATHS) {
        const { status, text, headers } = await call('POST', path, { authorization, body: {} })
        expect([status, text]).toEqual([401, ''])
        expect(headers.get('www-authenticate')).toBe('Basic realm="servicestack", charset="UTF-8", Bearer')
        expect(headers.get('cache-control')).toBe('no-store')
      }
    }
    const bad = await call('POST', '/jwt', { authorization: 'Bearer a.b.c' })
    expect([bad.status, bad.text]).toEqual([401, ''])
    expect(bad.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"')
  })
})
