import { createClientAsync } from 'soap'
import { describe, expect, it } from 'vitest'
import { HOSTS } from '../hosts.ts'
import { PASSWORD, readClaims, SOAP, startData8 } from './start-data8.ts'

interface JwtOutput {
  readonly GetJWTResult: {
    readonly Status: {
      readonly Success: boolean
      readonly ErrorMessage: string | null
      readonly CreditsRemaining: unknown
    }
    readonly Jwt?: string
  }
}

describe.each(HOSTS)('the soap client and data8 in %s', (_name, startHost) => {
  it('loads the WSDL, gets a token and reads a refusal', async () => {
    const { url, isValid } = await startData8(startHost)
    const client = await createClientAsync(`${url}${SOAP}?WSDL`)
    expect(client.describe()).toMatchObject({ UserAdmin: { UserAdminSoap: { GetJWT: {} } } })
    const getJwt = async (parameters: object): Promise<JwtOutput['GetJWTResult']> => {
      const call: (parameters: object) => Promise<[JwtOutput]> = client.GetJWTAsync
      const [{ GetJWTResult: result }] = await call(parameters)
      return result
    }
    const parameters = {
      username: 'ada',
      password: PASSWORD,
      clientIp: '127.0.0.1',
      expiresAt: '2026-11-21T13:00:00Z',
      allowedMethods: { string: ['EmailValidation.IsValid', 'PhoneValidation'] },
      maxCredits: 3,
      options: { Option: [{ Name: 'ApplicationName', Value: 'till' }] },
    }
    const { Status, Jwt = '' } = await getJwt(parameters)
    expect(Status).toMatchObject({ Success: true, CreditsRemaining: 100 })
    expect(readClaims(Jwt)).toMatchObject({
      aud: ['EmailValidation.IsValid', 'PhoneValidation'],
      mc: '3',
      ip: '127.0.0.1',
      app: 'till',
    })
    expect((await isValid(Jwt)).body.Result).toBe('Valid')

    const nothing = { ...parameters, clientIp: null, allowedMethods: null, maxCredits: null, options: null }
    expect(readClaims((await getJwt(nothing)).Jwt ?? '').aud).toBe('*')

    const refused = await getJwt({ ...parameters, password: 'wrong' })
    expect(refused.Status).toMatchObject({ Success: false, ErrorMessage: 'authentication failed' })
    expect(refused.Jwt).toBeUndefined()
  })
})
