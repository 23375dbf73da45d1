import type { Ready } from './app-process.ts'

/** One token of each kind that the app hands out, by kind. */
export type Tokens = Readonly<Record<Kind, string>>

export const KINDS = [
  'i3d access',
  'i3d file',
  'specter',
  'magicbell project',
  'magicbell user',
  'data8',
  'servicestack',
] as const
export type Kind = (typeof KINDS)[number]

/** What a token opens: the kind of token, and whether it is let in. */
export interface Place {
  readonly name: string
  /** Null = no kind in this test. */
  readonly opensFor: Kind | null
  isOpen(token: string): Promise<boolean>
}

const JSON_TYPE = { 'content-type': 'application/json' }

export function toBasic({ username, password }: { username: string; password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

async function readField(response: Response, name: string): Promise<string> {
  const body = (await response.json()) as Record<string, unknown>
  const value = body[name]
  if (response.ok && typeof value === 'string') return value
  throw new Error(`${response.status} without ${name}: ${JSON.stringify(body)}`)
}

/** One token of each kind. */
export async function issueTokens({ url, credentials }: Ready): Promise<Tokens> {
  const { i3d, specter, magicbell, data8, servicestack } = credentials
  const post = (path: string, headers: Record<string, string>, body: object): Promise<Response> =>
    fetch(url + path, { method: 'POST', headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(body) })

  const client = toBasic({ username: i3d.clientId, password: i3d.clientSecret })
  const asked = await fetch(`${url}/i3d/api/connect/token`, {
    method: 'POST',
    headers: { authorization: client },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  })
  const access = await readField(asked, 'access_token')
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
  const order = { jwt_token_description: `test ${Math.random()}`, jwt_token_life: '1 hour' }
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
  const getJwt = { ...data8, clientIp: null, expiresAt, allowedMethods: [], maxCredits: 100, options: {} }
  const session = { UserAuthId: '1', Roles: ['Employee'] }
  return {
    'i3d access': access,
    'i3d file': await readField(
      await post(`/i3d/api/service/${i3d.serviceId}/jwt`, bearer(access), { file: '/videos/a.mp4' }),
      'token',
    ),
    specter: await readField(
      await post('/specter/api/v1alpha/token', { authorization: toBasic(specter) }, order),
      'jwt_token',
    ),
    'magicbell project': magicbell.token,
    'magicbell user': await readField(
      await post('/magicbell/v2/jwt/user', bearer(magicbell.token), { external_id: 'ada' }),
      'token',
    ),
    data8: await readField(await post('/data8/UserAdmin/GetJWT.json', {}, getJwt), 'Jwt'),
    servicestack: await readField(
      await post('/servicestack/jwt?format=json', { authorization: toBasic(servicestack) }, session),
      'token',
    ),
  }
}

/** Everything in the app that asks for a token. */
export function createPlaces({ url, credentials }: Ready): readonly Place[] {
  const ask = (token: string, path: string, body?: object): Promise<Response> =>
    fetch(url + path, {
      headers: { authorization: `Bearer ${token}`, ...JSON_TYPE },
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    })
  const { serviceId } = credentials.i3d
  return [
    {
      name: 'i3d service',
      opensFor: 'i3d access',
      isOpen: async (token) => (await ask(token, `/i3d/api/service/${serviceId}/jwt`, {})).ok,
    },
    {
      name: 'i3d cdn',
      opensFor: 'i3d file',
      isOpen: async (token) => (await fetch(`${url}/i3d/cdn/videos/a.mp4?token=${token}`)).ok,
    },
    {
      name: 'specter whoami',
      opensFor: 'specter',
      isOpen: async (token) => (await ask(token, '/specter/api/v1alpha/whoami')).ok,
    },
    {
      name: 'specter tokens',
      opensFor: null,
      isOpen: async (token) => (await ask(token, '/specter/api/v1alpha/token')).status !== 401,
    },
    {
      name: 'magicbell tokens',
      opensFor: 'magicbell project',
      isOpen: async (token) => (await ask(token, '/magicbell/v2/jwt/project')).ok,
    },
    {
      name: 'magicbell me',
      opensFor: 'magicbell user',
      isOpen: async (token) => (await ask(token, '/magicbell/v2/me')).ok,
    },
    {
      name: 'data8 method',
      opensFor: 'data8',
      async isOpen(token) {
        const response = await ask(token, '/data8/EmailValidation/IsValid.json', { email: 'a@example.com' })
        const { Status } = (await response.json()) as { Status?: { Success?: boolean } }
        return response.ok && Status?.Success === true
      },
    },
    {
      name: 'servicestack hello',
      opensFor: 'servicestack',
      isOpen: async (token) => (await ask(token, '/servicestack/hello?format=json')).ok,
    },
    {
      name: 'servicestack jwt',
      opensFor: null,
      isOpen: async (token) => (await ask(token, '/servicestack/jwt?format=json', { UserAuthId: '1' })).ok,
    },
  ]
}
