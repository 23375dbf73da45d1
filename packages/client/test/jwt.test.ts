import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest'
import {
  Client,
  type CreateProjectTokenRequest,
  type CreateUserTokenRequest,
  HallpassError,
} from '../src/index.ts'
import { type HallpassServer, startHallpass } from './start-server.ts'

let server: HallpassServer
beforeAll(async () => {
  server = await startHallpass()
})
afterAll(() => server.close())

const createClient = (): Client => new Client({ token: server.projectToken, baseUrl: server.baseUrl })

describe('documented snippets, with another import and base URL', () => {
  it('fetchProjectTokens', async () => {
    const client = new Client({ token: server.projectToken, baseUrl: server.baseUrl })
    const { data } = await client.jwt.fetchProjectTokens()
    expect(data.tokens[0]).toMatchObject({ name: 'project token' })
    expect(data.data).toEqual(data.tokens)
    expect(data.links.first).toBe('/magicbell/v2/jwt/project')
  })

  it('createProjectJwt and discardProjectJwt', async () => {
    const client = createClient()
    const createProjectTokenRequest: CreateProjectTokenRequest = { expiry: 10, name: 'name' }
    const { data } = await client.jwt.createProjectJwt(createProjectTokenRequest)
    expect(data).toEqual({
      token: expect.any(String),
      token_id: data.tokenId,
      tokenId: expect.any(String),
      created_at: '2026-11-21T12:00:00.000Z',
      createdAt: '2026-11-21T12:00:00.000Z',
      expires_at: '2026-11-21T12:00:10.000Z',
      expiresAt: '2026-11-21T12:00:10.000Z',
    })
    const result = await client.jwt.discardProjectJwt(data.tokenId)
    expect(result.data).toMatchObject({ tokenId: data.tokenId, discardedAt: '2026-11-21T12:00:00.000Z' })
    expect(await client.jwt.discardProjectJwt(data.token_id)).toEqual(result)
  })

  it('createUserJwt, fetchUserTokens and discardUserJwt', async () => {
    const client = createClient()
    const createUserTokenRequest: CreateUserTokenRequest = {
      email: 'email@example.com',
      expiry: 4,
      externalId: 'external_id',
      name: 'name',
    }
    const { data } = await client.jwt.createUserJwt(createUserTokenRequest)
    const list = await client.jwt.fetchUserTokens('external_id')
    expect(list.data.data).toMatchObject([{ id: data.tokenId, name: 'name', expiresAt: data.expiresAt }])
    expect((await client.jwt.fetchUserTokens('email@example.com')).data).toMatchObject({
      tokens: [{ id: data.tokenId }],
    })
    const { data: discarded } = await client.jwt.discardUserJwt(data.tokenId)
    expect(discarded.token_id).toBe(data.token_id)
    expect((await client.jwt.fetchUserTokens('external_id')).data.tokens).toEqual([])
  })

  it('a token that is set later', async () => {
    const client = new Client({ baseUrl: `${server.baseUrl}/` })
    await expect(client.jwt.fetchProjectTokens()).rejects.toMatchObject({ code: 'invalid_argument' })
    client.token = server.projectToken
    expect((await client.jwt.fetchProjectTokens()).data.tokens).toHaveLength(1)
  })
})

describe('client.jwt', () => {
  it('takes members as JSON has them', async () => {
    const client = createClient()
    await client.jwt.createUserJwt({ external_id: 'user/1' })
    await client.jwt.createUserJwt({ external_id: 'user 2?&é' })
    expect((await client.jwt.fetchUserTokens('user 2?&é')).data.tokens).toHaveLength(1)
  })

  it('reads page after page', async () => {
    const client = createClient()
    for (let i = 0; i < 5; i++) await client.jwt.createUserJwt({ externalId: 'pages' })
    const ids = new Set<string>()
    let startingAfter: string | null | undefined
    do {
      const page = await client.jwt.fetchUserTokens('pages', {
        limit: 2,
        ...(typeof startingAfter === 'string' && { startingAfter }),
      })
      for (const { id } of page.data.tokens) ids.add(id)
      const { next } = page.data.links
      startingAfter = next && new URL(next, server.url).searchParams.get('starting_after')
    } while (startingAfter)
    expect(ids.size).toBe(5)
  })

  it('gives the same token under a key of one’s own, and another without', async () => {
    const client = createClient()
    const create = async (idempotencyKey?: string): Promise<string> => {
      const options = idempotencyKey === undefined ? {} : { idempotencyKey }
      return (await client.jwt.createProjectJwt({ name: 'once' }, options)).data.token
    }
    expect(await create('mine')).toBe(await create('mine'))
    expect(await create()).not.toBe(await create())
  })

  it('throws errors with the status, the code and the suggestion of the server', async () => {
    const client = createClient()
    const error = await client.jwt.createUserJwt({ name: 'nobody' }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(HallpassError)
    expect(error).toMatchObject({ status: 422, code: 'invalid_request_error', details: null })
    client.token = 'abc'
    await expect(client.jwt.fetchProjectTokens()).rejects.toMatchObject({
      status: 401,
      code: 'authentication_error',
      message: 'the access token is not a well-formed token',
    })
    const missing = createClient().jwt.discardProjectJwt('019b1b1e-7b1b-7b1b-8b1b-1b1b1b1b1b1b')
    await expect(missing).rejects.toMatchObject({ status: 404, code: 'not_found_error' })
    client.token = server.managementToken
    await expect(client.jwt.fetchProjectTokens()).rejects.toMatchObject({
      status: 401,
      details: { suggestion: 'project tokens open /jwt, user tokens open /me' },
    })
  })

  it('refuses ids that would lead elsewhere, without sending them', async () => {
    const client = new Client({
      token: 'abc',
      baseUrl: server.baseUrl,
      fetch: () => Promise.reject(new Error('was sent')),
      retries: 0,
    })
    for (const id of ['', '.', '..']) {
      await expect(client.jwt.discardUserJwt(id)).rejects.toMatchObject({
        code: 'invalid_argument',
        status: null,
      })
      await expect(client.jwt.fetchUserTokens(id)).rejects.toMatchObject({ code: 'invalid_argument' })
      await expect(client.tokens.revoke(id)).rejects.toMatchObject({ code: 'invalid_argument' })
    }
    await expect(client.jwt.discardProjectJwt(Object(7))).rejects.toMatchObject({ code: 'invalid_argument' })
  })

  it('has both spellings in its types', () => {
    const client = createClient()
    type Created = Awaited<ReturnType<typeof client.jwt.createUserJwt>>['data']
    expectTypeOf<Created['tokenId']>().toEqualTypeOf<string>()
    expectTypeOf<Created['token_id']>().toEqualTypeOf<string>()
    expectTypeOf<Created['expiresAt']>().toEqualTypeOf<string | undefined>()
    type Listed = Awaited<ReturnType<typeof client.jwt.fetchUserTokens>>['data']
    expectTypeOf<Listed['tokens'][number]['createdAt']>().toEqualTypeOf<string>()
    expectTypeOf<Listed['links']['next']>().toEqualTypeOf<string | undefined>()
    expectTypeOf(client.jwt.createProjectJwt).parameter(0).toEqualTypeOf<CreateProjectTokenRequest>()
  })
})
