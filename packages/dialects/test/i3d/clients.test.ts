import { type Document, OpenAPIClientAxios, type UnknownOperationMethod } from 'openapi-client-axios'
import * as openid from 'openid-client'
import SwaggerClient from 'swagger-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startExpress } from '../hosts.ts'
import { createQuirkyServiceDocument, createQuirkyTokenDocument } from './quirky-documents.ts'
import { createI3d, type I3dApp, NOW, SECRET, SERVICE, startI3d, VHOST } from './start-i3d.ts'

let app: I3dApp

beforeAll(async () => {
  app = await startI3d(startExpress)
  await app.accessToken()
})
afterAll(() => app.close())

async function fetchDocument(name: string): Promise<object> {
  return { ...(await app.call(`/openapi/${name}.json`, { anonymous: true })).json }
}

const DOCUMENTS: readonly (readonly [
  name: string,
  service: () => Promise<object>,
  token: () => Promise<object>,
])[] = [
  ['our documents', () => fetchDocument('service'), () => fetchDocument('token')],
  [
    "i3D's spelling of them",
    async () => createQuirkyServiceDocument(app.url),
    async () => createQuirkyTokenDocument(app.url),
  ],
]

const CREDENTIALS = { grant_type: 'client_credentials', client_id: 'shop', client_secret: SECRET }

describe.each(DOCUMENTS)('with %s', (name, serviceDocument, tokenDocument) => {
  it(`swagger-client calls all three with ${name}`, async () => {
    const url = `${app.url}/openapi/service.json`
    const tokens = await SwaggerClient({ spec: await tokenDocument(), url })
    const { body: access } = await tokens.execute({ operationId: 'requestToken', requestBody: CREDENTIALS })
    expect(access).toMatchObject({ token_type: 'Bearer', expires_in: 900 })

    const client = await SwaggerClient({
      spec: await serviceDocument(),
      url,
      authorizations: { oauth2: { token: access } },
    })
    expect(client.errors).toEqual([])
    const parameters = { serviceId: SERVICE }
    const requestBody = { exp: NOW + 60, file: 'videos/a.mp4' }
    const issued = await client.execute({ operationId: 'generateJwt', parameters, requestBody })
    expect([issued.status, issued.body.file]).toEqual([200, `${VHOST}/videos/a.mp4`])
    const { token } = issued.body
    const verified = await client.execute({ operationId: 'verifyJwt', parameters: { ...parameters, token } })
    expect([verified.status, verified.body]).toMatchObject([
      201,
      { valid: true, token, claims: { exp: NOW + 60 } },
    ])
  })

  it(`openapi-client-axios calls all three with ${name}`, async () => {
    const open = async (definition: object) => {
      const api = new OpenAPIClientAxios({
        definition: definition as Document,
        withServer: { url: `${app.url}/` },
      })
      return api.init()
    }
    const tokens = await open(await tokenDocument())
    const form = new URLSearchParams(CREDENTIALS)
    const { data: access } = await call(tokens, 'requestToken', {}, form)
    const client = await open(await serviceDocument())
    const headers = { authorization: `Bearer ${access.access_token}` }
    const issued = await call(client, 'generateJwt', SERVICE, { ip: '192.0.2.7' }, { headers })
    expect([issued.status, issued.data.ip]).toEqual([200, '192.0.2.7'])
    const { token } = issued.data
    const verified = await call(client, 'verifyJwt', { serviceId: SERVICE, token }, null, { headers })
    expect([verified.status, verified.data]).toMatchObject([201, { valid: true, token }])
  })
})

function call(
  client: Readonly<Record<string, UnknownOperationMethod>>,
  operation: string,
  ...asked: Parameters<UnknownOperationMethod>
): ReturnType<UnknownOperationMethod> {
  const method = client[operation]
  if (method === undefined) throw new Error(`the client has no ${operation}`)
  return method(...asked)
}

it('swagger-client loads our documents from their addresses', async () => {
  for (const name of ['service', 'token']) {
    const client = await SwaggerClient({ url: `${app.url}/openapi/${name}.json` })
    expect([client.errors, client.spec.openapi]).toEqual([[], '3.1.0'])
  }
})

it('our documents name the public URL where there is one, and refer only to what they have', async () => {
  const handler = createI3d(app.service, { project: 'other', publicUrl: 'https://cdn.example/api/' })
  const host = await startExpress([{ path: '/other', handler }])
  try {
    for (const name of ['service', 'token']) {
      const text = await (await fetch(`${host.url}/other/openapi/${name}.json`)).text()
      const document = JSON.parse(text)
      expect(document.servers).toEqual([{ url: 'https://cdn.example/api/' }])
      for (const [, section = '', member = ''] of text.matchAll(/"#\/components\/(\w+)\/(\w+)"/g)) {
        expect(document.components[section]).toHaveProperty(member)
      }
    }
    expect(await fetchDocument('service')).toMatchObject({ servers: [{ url: '/i3d/' }] })
  } finally {
    await host.close()
  }
})

describe('openid-client', () => {
  it.each([
    ['in the form', openid.ClientSecretPost],
    ['in a Basic header', openid.ClientSecretBasic],
  ])('gets an access token with credentials %s', async (_where, authenticate) => {
    const metadata = { issuer: app.url, token_endpoint: `${app.url}/connect/token` }
    const config = new openid.Configuration(metadata, 'shop', {}, authenticate(SECRET))
    openid.allowInsecureRequests(config)
    const grant = await openid.clientCredentialsGrant(config)
    expect([grant.token_type, grant.expires_in]).toEqual(['bearer', 900])
    const headers = { authorization: `Bearer ${grant.access_token}`, 'content-type': 'application/json' }
    const issued = await app.call(`/service/${SERVICE}/jwt`, { method: 'POST', headers, body: '{}' })
    expect(issued.status).toBe(200)

    const wrong = new openid.Configuration(metadata, 'shop', {}, authenticate('wrong'))
    openid.allowInsecureRequests(wrong)
    await expect(openid.clientCredentialsGrant(wrong)).rejects.toMatchObject({ status: 401 })
  })
})

describe('the token endpoint', () => {
  const ask = async (body: string, headers: Record<string, string> = {}) => {
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    return app.call('/connect/token', {
      method: 'POST',
      headers: { ...type, ...headers },
      body,
      anonymous: true,
    })
  }

  it('answers an access token that nobody keeps', async () => {
    const { status, json, headers } = await ask(new URLSearchParams(CREDENTIALS).toString())
    expect([status, json]).toMatchObject([200, { access_token: expect.any(String), token_type: 'Bearer' }])
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('pragma')).toBe('no-cache')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('refuses in the words of RFC 6749', async () => {
    const unknown = 'grant_type=client_credentials&client_id=nobody&client_secret=x'
    expect([(await ask(unknown)).status, (await ask(unknown)).json.error]).toEqual([401, 'invalid_client'])
    expect((await ask('grant_type=password&client_id=shop&client_secret=x')).json.error).toBe(
      'invalid_client',
    )
    expect((await ask('')).status).toBe(401)
    expect((await ask('{}', { 'content-type': 'application/json' })).json.error).toBe('invalid_request')
    const twice = `client_id=shop&${new URLSearchParams(CREDENTIALS)}`
    expect((await ask(twice)).json.error).toBe('invalid_request')
    const other = new URLSearchParams({ ...CREDENTIALS, grant_type: 'authorization_code' })
    expect((await ask(other.toString())).json.error).toBe('unsupported_grant_type')
    const scoped = new URLSearchParams({ ...CREDENTIALS, scope: 'cdn' })
    expect((await ask(scoped.toString())).json.error).toBe('invalid_scope')
  })

  it('answers 503 when the store is down', async () => {
    app.setStoreDown(true)
    try {
      const { status, json } = await ask(new URLSearchParams(CREDENTIALS).toString())
      expect([status, json.error]).toEqual([503, 'temporarily_unavailable'])
    } finally {
      app.setStoreDown(false)
    }
  })
})
