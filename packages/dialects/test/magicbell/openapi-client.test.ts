import { type OpenAPIClient, OpenAPIClientAxios, type UnknownOperationMethod } from 'openapi-client-axios'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MagicBellWire } from '../../src/index.ts'
import { OPENAPI } from '../../src/magicbell/openapi.ts'
import { startExpress } from '../hosts.ts'
import { type Bench, startMagicBell } from './start-magicbell.ts'

const OPERATIONS = [
  'fetchProjectTokens',
  'createProjectJwt',
  'discardProjectJwt',
  'createUserJwt',
  'discardUserJwt',
  'fetchUserTokens',
] as const

describe('openapi-client-axios on the document of MagicBell', () => {
  let bench: Bench
  let client: OpenAPIClient

  beforeAll(async () => {
    bench = await startMagicBell(startExpress)
    const url = `${bench.url}/magicbell/v2`
    const api = new OpenAPIClientAxios({
      definition: `${url}/openapi.json`,
      withServer: { url },
      axiosConfigDefaults: { headers: { authorization: `Bearer ${bench.token}` } },
    })
    client = await api.init()
  })
  afterAll(() => bench.close())

  const call = (
    operation: (typeof OPERATIONS)[number] | 'fetchMe',
    ...args: Parameters<UnknownOperationMethod>
  ): ReturnType<UnknownOperationMethod> => {
    const method = client[operation]
    if (method === undefined) throw new Error(`there is no operation ${operation}`)
    return method(...args)
  }

  it('makes all six calls with exact statuses', async () => {
    const project = await call('createProjectJwt', {}, { name: 'ci', expiry: 60 })
    const { token_id } = project.data as MagicBellWire.AccessTokenJson
    expect([project.status, token_id]).toEqual([201, expect.any(String)])
    const projects = await call('fetchProjectTokens')
    expect([projects.status, projects.data.data[0]]).toMatchObject([200, { id: token_id, name: 'ci' }])
    const discarded = await call('discardProjectJwt', token_id)
    expect([discarded.status, discarded.data]).toEqual([
      200,
      { token_id, discarded_at: '2026-11-21T12:00:00.000Z' },
    ])
    const user = await call('createUserJwt', {}, { email: 'ada@example.com', external_id: 'user-1' })
    expect(user.status).toBe(201)
    const users = await call('fetchUserTokens', 'ada@example.com')
    expect([users.status, users.data.tokens]).toMatchObject([200, [{ id: user.data.token_id }]])
    const me = await call('fetchMe', {}, null, { headers: { authorization: `Bearer ${user.data.token}` } })
    expect([me.status, me.data]).toMatchObject([200, { external_id: 'user-1' }])
    const gone = await call('discardUserJwt', user.data.token_id)
    expect([gone.status, gone.data.token_id]).toEqual([200, user.data.token_id])
  })

  it('sends an Idempotency-Key and gets the same token again', async () => {
    const send = () => call('createProjectJwt', { 'Idempotency-Key': 'retry-1' }, { name: 'once' })
    const [first, second] = [await send(), await send()]
    expect(second.data).toEqual(first.data)
  })

  it('reads the errors of a refusal', async () => {
    await expect(call('createProjectJwt', {}, {})).rejects.toMatchObject({
      response: {
        status: 422,
        data: { errors: [{ code: 'invalid_request_error', message: 'name is missing' }] },
      },
    })
  })

  it('finds the server of the mount that the document was asked of', async () => {
    const { body, headers } = await bench.call('GET', '/openapi.json', { token: null })
    expect(body).toEqual({ ...OPENAPI, servers: [{ url: '/magicbell/v2' }] })
    expect(headers.get('cache-control')).toBe('public, max-age=300')
    expect(client.api.getOperations().map(({ operationId }) => operationId)).toEqual(
      expect.arrayContaining([...OPERATIONS]),
    )
  })
})
