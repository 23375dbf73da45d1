import { describe, expect, test } from 'vitest'
import { basicAuth, managementHandler, REQUEST_ERROR_STATUS, tokenAuthorizer } from '../src/index.ts'
import { MANAGEMENT_ROUTES } from '../src/management-routes.ts'
import { toErrorCodes } from '../src/openapi.ts'
import { errorAnswer, issuedToken, revoked, tokenPage, tokenRecord, usage, verified } from '../src/schemas.ts'
import { ADMIN, createService, type Json, send, textOf } from './management-call.ts'

const service = await createService()
const authorize = basicAuth({ users: { root: { password: 'pw', principal: ADMIN } } })
const document = (await send(managementHandler(service, { authorize }), 'GET', '/openapi.json')).json

function at(value: unknown, ...path: readonly string[]): unknown {
  let here = value
  for (const name of path) {
    if (typeof here !== 'object' || here === null || !(name in here)) throw new Error(`no ${path.join(' ')}`)
    here = Reflect.get(here, name)
  }
  return here
}

function objectAt(value: unknown, ...path: readonly string[]): Json {
  const found = at(value, ...path)
  if (typeof found !== 'object' || found === null) throw new Error(`${path.join(' ')} is no object`)
  return { ...found }
}

/** Every `$ref` in a document. */
function collectRefs(value: unknown, refs: string[] = []): string[] {
  if (typeof value !== 'object' || value === null) return refs
  for (const [name, member] of Object.entries(value)) {
    if (name === '$ref' && typeof member === 'string') refs.push(member)
    else collectRefs(member, refs)
  }
  return refs
}

describe('the document', () => {
  test('is OpenAPI 3.1 in its outline', () => {
    expect(document).toMatchObject({
      openapi: '3.1.0',
      info: { title: expect.any(String), version: expect.any(String) },
      servers: [{ url: '/tokens' }],
      components: { securitySchemes: { basic: { type: 'http', scheme: 'basic' } } },
    })
    expect(Object.keys(document).toSorted()).toEqual(['components', 'info', 'openapi', 'paths', 'servers'])
  })

  test('has every route of the table, and no other', () => {
    const described = Object.entries(objectAt(document, 'paths')).flatMap(([path, item]) =>
      Object.entries(objectAt(item)).map(
        ([method, operation]) => `${method} ${path} ${at(operation, 'operationId')}`,
      ),
    )
    const served = MANAGEMENT_ROUTES.map(
      ({ method, path, name }) => `${method.toLowerCase()} ${path.replace('/:id', '/{id}')} ${name}`,
    )
    expect(described.toSorted()).toEqual(served.toSorted())
    expect(new Set(MANAGEMENT_ROUTES.map(({ name }) => name)).size).toBe(MANAGEMENT_ROUTES.length)
  })

  test('refers only to what it has', () => {
    const refs = collectRefs(document)
    expect(refs.length).toBeGreaterThan(20)
    for (const ref of refs) {
      expect(ref).toMatch(/^#\//)
      expect(() => at(document, ...ref.slice(2).split('/')), ref).not.toThrow()
    }
  })

  test('names all parameters, bodies, answers and refusals of each route', () => {
    for (const route of MANAGEMENT_ROUTES) {
      const path = route.path.replace('/:id', '/{id}')
      const operation = objectAt(document, 'paths', path, route.method.toLowerCase())
      expect(Object.keys(operation).toSorted()).toEqual(
        [
          'operationId',
          'parameters',
          ...(route.body ? ['requestBody'] : []),
          'responses',
          'security',
          'summary',
        ].toSorted(),
      )
      expect(operation.security).toEqual(route.action === null ? [] : [{ basic: [] }])
      const responses = objectAt(operation, 'responses')
      const statuses = new Set([
        route.status,
        ...toErrorCodes(route).map((code) => REQUEST_ERROR_STATUS[code]),
      ])
      expect(Object.keys(responses)).toEqual([...statuses].map(String).toSorted())
      for (const response of Object.values(responses))
        expect(at(response, 'description')).toBeTypeOf('string')
      if (route.path.includes(':id'))
        expect(operation.parameters).toMatchObject([{ name: 'id', in: 'path', required: true }, {}])
    }
  })

  test('says of times, limits and claims what is sent', () => {
    const body = objectAt(
      document,
      'paths',
      '/',
      'post',
      'requestBody',
      'content',
      'application/json',
      'schema',
    )
    expect(body).toMatchObject({ type: 'object', additionalProperties: false })
    expect(body).not.toHaveProperty('$schema')
    expect(body.properties).toMatchObject({
      notBefore: { type: 'string', format: 'date-time' },
      expiresAt: { anyOf: [{ type: 'string', format: 'date-time' }, { type: 'null' }] },
      claims: { type: 'object', additionalProperties: true },
    })
    expect(JSON.stringify(document)).not.toContain('"wire"')
    expect(at(document, 'paths', '/', 'get', 'parameters')).toMatchObject([
      { name: 'project', in: 'query', required: false },
      { name: 'subject' },
      { name: 'status' },
      { name: 'application' },
      { name: 'name' },
      { name: 'limit', schema: { type: 'integer', minimum: 1, maximum: 200, default: 50 } },
      { name: 'after' },
    ])
    expect(at(document, 'paths', '/', 'delete', 'parameters')).toMatchObject([
      { name: 'project', required: true },
      { name: 'subject', required: true },
    ])
    expect(at(document, 'paths', '/', 'post', 'parameters')).toMatchObject([
      { name: 'Idempotency-Key', in: 'header' },
    ])
  })

  test('every refusal of the table is in it', () => {
    const described = new Set(MANAGEMENT_ROUTES.flatMap((route) => toErrorCodes(route)))
    const missing = Object.keys(REQUEST_ERROR_STATUS).filter(
      (code) => ![...described].some((each) => each === code),
    )
    // Answered before a route is chosen.
    expect(missing).toEqual(['method_not_allowed'])
  })
})

describe('where it is mounted, and how one authenticates', () => {
  test.each([
    ['/api/v1/tokens', '/openapi.json', '/api/v1/tokens'],
    ['', '/openapi.json', '/'],
    ['/tokens', '/openapi.json/', '/tokens'],
  ])('mount %j, target %j → server %j', async (mount, target, url) => {
    const got = await send(managementHandler(service, { authorize }), 'GET', target, { mount })
    expect(got.json.servers).toEqual([{ url }])
  })

  test('a host that tells another target gets the root', async () => {
    const got = await send(managementHandler(service, { authorize }), 'GET', '/openapi.json', {
      originalTarget: '/x',
    })
    expect(got.json.servers).toEqual([{ url: '/' }])
  })

  test('security is the application’s, the authorizer’s, or a Bearer token', async () => {
    const read = async (options: Parameters<typeof managementHandler>[1]) =>
      at(
        (await send(managementHandler(service, options), 'GET', '/openapi.json')).json,
        'components',
        'securitySchemes',
      )
    const security = { mine: { type: 'apiKey', in: 'header', name: 'x-key' } } as const
    expect(await read({ authorize, security })).toEqual(security)
    expect(await read({ authorize: tokenAuthorizer(service) })).toMatchObject({ token: { scheme: 'bearer' } })
    expect(await read({ authorize: () => null })).toEqual({ bearer: { type: 'http', scheme: 'bearer' } })
  })
})

test('real answers fit the schemas that the document is made from', async () => {
  const handler = managementHandler(service, { authorize: () => ADMIN })
  const issued = await send(handler, 'POST', '/', {
    json: { credits: 2, paths: ['/a/'], claims: { a: [1] } },
  })
  expect(issuedToken.parse(issued.json)).toEqual(issued.json)
  const { id } = issued.json
  for (const [schema, method, target, json] of [
    [tokenRecord, 'GET', `/${id}`, undefined],
    [tokenRecord, 'PATCH', `/${id}`, { name: 'x' }],
    [tokenPage, 'GET', '/', undefined],
    [usage, 'GET', '/usage', undefined],
    [verified, 'POST', '/verify', { token: textOf(issued.json, 'token') }],
    [verified, 'POST', '/verify', { token: 'x' }],
    [tokenRecord, 'DELETE', `/${id}`, undefined],
    [revoked, 'DELETE', '/?project=default&subject=admin', undefined],
    [errorAnswer, 'GET', '/x', undefined],
    [errorAnswer, 'GET', '/?limit=0', undefined],
  ] as const) {
    const got = await send(handler, method, target, json === undefined ? {} : { json })
    // Parsing drops members that the schema does not know, so that equal means: all are described.
    expect(schema.parse(got.json), `${method} ${target}`).toEqual(got.json)
  }
})
