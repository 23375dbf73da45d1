import { JsonServiceClient } from '@servicestack/client'
import { describe, expect, it } from 'vitest'
import { HOSTS } from '../hosts.ts'
import { MANAGER, PASSWORD, readPayload, startServiceStack } from './start-servicestack.ts'

class CreateJwtResponse {
  token?: string
}

/** As the vendor's generator writes it. */
class CreateJwt {
  jwtExpiry?: string | Date
  userAuthId?: string
  email?: string | null
  displayName?: string
  roles?: string[]
  permissions?: string[]
  isAuthenticated?: boolean
  createdAt?: Date
  providerOAuthAccess?: { provider: string; accessToken: string; items: Record<string, string> }[]

  constructor(init?: Partial<CreateJwt>) {
    Object.assign(this, init)
  }

  getTypeName(): string {
    return 'CreateJwt'
  }

  getMethod(): string {
    return 'POST'
  }

  createResponse(): CreateJwtResponse {
    return new CreateJwtResponse()
  }
}

class HelloResponse {
  result?: string
}

class Hello {
  name?: string

  getTypeName(): string {
    return 'Hello'
  }

  getMethod(): string {
    return 'GET'
  }

  createResponse(): HelloResponse {
    return new HelloResponse()
  }
}

const FULL = new CreateJwt({
  jwtExpiry: '2030-01-31',
  userAuthId: '1',
  email: 'ada@example.com',
  displayName: 'Ada Lovelace',
  roles: ['Employee', 'Power User', 'Admin'],
  permissions: ['CanRead'],
  isAuthenticated: true,
  createdAt: new Date(0),
  providerOAuthAccess: [{ provider: 'google', accessToken: 'secret', items: { a: 'b' } }],
})
const CLAIMS = {
  sub: '1',
  email: 'ada@example.com',
  name: 'Ada Lovelace',
  roles: ['Employee', 'Power User'],
  perms: ['CanRead'],
  exp: Date.UTC(2030, 0, 31) / 1000,
}

function createClient(url: string): JsonServiceClient {
  const client = new JsonServiceClient(url)
  client.setCredentials(MANAGER.id, PASSWORD)
  return client
}

function claimsOf(response: CreateJwtResponse | undefined): Readonly<Record<string, unknown>> {
  return readPayload(response?.token ?? '')
}

describe.each(HOSTS)("ServiceStack's client and servicestack in %s", (_name, startHost) => {
  it('get, post, put, patch and delete give a token, by type and by path', async () => {
    const { url } = await startServiceStack(startHost)
    const client = createClient(url)
    expect(claimsOf(await client.get(FULL))).toMatchObject(CLAIMS)
    expect(claimsOf(await client.post(FULL))).toMatchObject(CLAIMS)
    expect(claimsOf(await client.put(FULL))).toMatchObject(CLAIMS)
    expect(claimsOf(await client.patch(FULL))).toMatchObject(CLAIMS)
    expect(claimsOf(await client.delete(FULL))).toMatchObject(CLAIMS)
    const byPath = await client.get<CreateJwtResponse>('/jwt', { userAuthId: '2', roles: ['Employee'] })
    expect(claimsOf(byPath)).toMatchObject({ sub: '2', roles: ['Employee'] })
    const jwtExpiry = new Date(Date.UTC(2030, 0, 31))
    expect(claimsOf(await client.get(new CreateJwt({ jwtExpiry }))).exp).toBe(CLAIMS.exp)
    expect(claimsOf(await client.post(new CreateJwt({ jwtExpiry, email: null }))).exp).toBe(CLAIMS.exp)
  })

  it('postToUrl and send give a token, with arguments in the query', async () => {
    const { url } = await startServiceStack(startHost)
    const client = createClient(url)
    expect(claimsOf(await client.postToUrl('/jwt', FULL))).toMatchObject(CLAIMS)
    const later = await client.postToUrl('/jwt', FULL, { JwtExpiry: '20310131' })
    expect(claimsOf(later).exp).toBe(Date.UTC(2031, 0, 31) / 1000)
    expect(claimsOf(await client.send(FULL))).toMatchObject(CLAIMS)
  })

  it('api gives a token, or the error with its field', async () => {
    const { url } = await startServiceStack(startHost)
    const client = createClient(url)
    const good = await client.api(FULL)
    expect(good.succeeded).toBe(true)
    expect(claimsOf(good.response)).toMatchObject(CLAIMS)
    const bad = await client.api(new CreateJwt({ jwtExpiry: 'soon' }))
    expect([bad.failed, bad.errorCode, bad.errorMessage]).toEqual([
      true,
      'SerializationException',
      "Unable to bind to request 'CreateJwt'",
    ])
    expect(bad.fieldErrorMessage('jwtExpiry')).toBe('JwtExpiry must be a date')
    const denied = await client.api(new CreateJwt({ userAuthId: '3' }))
    expect([denied.errorCode, denied.hasFieldError('userAuthId')]).toEqual(['Forbidden', true])
  })

  it('apiForm sends a multipart form', async () => {
    const { url } = await startServiceStack(startHost)
    const form = new FormData()
    form.append('userAuthId', '2')
    form.append('roles', 'Employee')
    const { response } = await createClient(url).apiForm(new CreateJwt(), form)
    expect(claimsOf(response)).toMatchObject({ sub: '2', roles: ['Employee'] })
  })

  it('sendAll gives a token for each', async () => {
    const { url } = await startServiceStack(startHost)
    const client = createClient(url)
    const answers = await client.sendAll([FULL, new CreateJwt({ userAuthId: '2' })])
    expect(answers.map(claimsOf)).toMatchObject([CLAIMS, { sub: '2' }])
    await expect(client.sendAll([FULL, new CreateJwt({ userAuthId: '3' })])).rejects.toMatchObject({
      responseStatus: { errorCode: 'Forbidden' },
    })
  })

  it('useBasePath(null) goes by /json/reply', async () => {
    const { url } = await startServiceStack(startHost)
    const client = createClient(url).useBasePath()
    const paths: string[] = []
    client.urlFilter = (sent) => void paths.push(new URL(sent).pathname)
    expect(claimsOf(await client.post(FULL))).toMatchObject(CLAIMS)
    expect(claimsOf(await client.get(FULL))).toMatchObject(CLAIMS)
    expect((await client.sendAll([FULL, FULL])).map(claimsOf)).toMatchObject([CLAIMS, CLAIMS])
    expect((await client.api(FULL)).succeeded).toBe(true)
    expect(new Set(paths)).toEqual(
      new Set(['/servicestack/json/reply/CreateJwt', '/servicestack/json/reply/CreateJwt[]']),
    )
  })

  it('the token opens a service that needs its role, until it is revoked', async () => {
    const { url, service } = await startServiceStack(startHost)
    const { token = '' } = await createClient(url).post(FULL)
    const client = new JsonServiceClient(url)
    client.bearerToken = token
    expect(await client.get(new Hello())).toMatchObject({ result: 'Hello, World!' })
    expect(await client.get<HelloResponse>('/hello/Ada')).toMatchObject({ result: 'Hello, Ada!' })
    await service.revoke('default', String(readPayload(token).jti))
    await expect(client.get(new Hello())).rejects.toMatchObject({ responseStatus: { errorCode: '401' } })
  })

  it('wrong credentials are refused', async () => {
    const { url } = await startServiceStack(startHost)
    const client = new JsonServiceClient(url)
    await expect(client.post(FULL)).rejects.toMatchObject({ responseStatus: { errorCode: '401' } })
    client.setCredentials('manager', 'wrong')
    await expect(client.post(FULL)).rejects.toMatchObject({ responseStatus: { errorCode: '401' } })
  })
})
