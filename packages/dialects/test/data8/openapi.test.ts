import createClient from 'openapi-fetch'
import SwaggerClient from 'swagger-client'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { USER_ADMIN_OPENAPI } from '../../src/data8/openapi.ts'
import { HOSTS } from '../hosts.ts'
import { createParameters, PASSWORD, readClaims, startData8, toFailed } from './start-data8.ts'

interface ResultStatus {
  Success: boolean
  ErrorMessage: string
  CreditsRemaining: number
}

interface JwtOutput {
  Status: ResultStatus
  Jwt?: string
}

/** What openapi-typescript makes of the document. */
interface paths {
  '/UserAdmin/GetJWT.json': {
    post: {
      requestBody: {
        content: {
          'application/json': {
            username: string
            password: string
            clientIp?: string | null
            expiresAt: string
            allowedMethods?: string[] | null
            maxCredits?: number | null
            options?: { ApplicationName?: string | null; [name: string]: unknown } | null
          }
        }
      }
      responses: {
        200: { content: { 'application/json': JwtOutput } }
        503: { content: { 'application/json': JwtOutput } }
      }
    }
  }
}

const DOCUMENT = '/swagger/UserAdmin/swagger.json'

describe.each(HOSTS)('openapi-fetch and data8 in %s', (_name, startHost) => {
  it('gets a token and reads a refusal, as the document says', async () => {
    const { url, isValid } = await startData8(startHost)
    const client = createClient<paths>({ baseUrl: url })
    const body = {
      username: 'ada',
      password: PASSWORD,
      clientIp: null,
      expiresAt: '2026-11-21T13:00:00Z',
      allowedMethods: ['EmailValidation'],
      maxCredits: 2,
      options: { ApplicationName: 'web' },
    }
    const { data, response } = await client.POST('/UserAdmin/GetJWT.json', { body })
    expectTypeOf(data).toEqualTypeOf<JwtOutput | undefined>()
    expect([response.status, data?.Status]).toEqual([
      200,
      { Success: true, ErrorMessage: '', CreditsRemaining: 100 },
    ])
    expect(readClaims(data?.Jwt ?? '')).toMatchObject({ aud: ['EmailValidation'], mc: '2', app: 'web' })
    expect((await isValid(data?.Jwt ?? '')).body.Result).toBe('Valid')
    const refused = await client.POST('/UserAdmin/GetJWT.json', { body: { ...body, password: 'wrong' } })
    expect(refused.data).toEqual(toFailed('authentication failed'))
  })

  it('swagger-client resolves the document where it is served, and calls what it describes', async () => {
    const { url } = await startData8(startHost)
    const client = await SwaggerClient({ url: url + DOCUMENT })
    expect(client.errors).toEqual([])
    const answer = await client.execute({ operationId: 'GetJWT', requestBody: createParameters() })
    expect(answer).toMatchObject({
      url: `${url}/UserAdmin/GetJWT.json`,
      status: 200,
      body: { Status: { Success: true }, Jwt: expect.any(String) },
    })
  })

  it('the document is found in any case, and lists every parameter', async () => {
    const { url } = await startData8(startHost)
    const answer = await fetch(url + DOCUMENT.toLowerCase())
    const document: unknown = await answer.json()
    expect(document).toEqual(USER_ADMIN_OPENAPI)
    const schemas = { GetJWTRequest: { properties: {} }, ...Object(Object(document).components).schemas }
    expect(Object.keys(schemas.GetJWTRequest.properties)).toEqual([
      'username',
      'password',
      'clientIp',
      'expiresAt',
      'allowedMethods',
      'maxCredits',
      'options',
    ])
  })
})
