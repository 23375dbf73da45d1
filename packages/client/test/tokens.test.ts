import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest'
import { Client, type IssuedTokenJson, type VerifiedJson } from '../src/index.ts'
import { type HallpassServer, startHallpass } from './start-server.ts'

let server: HallpassServer
let client: Client
beforeAll(async () => {
  server = await startHallpass()
  client = new Client({ token: server.managementToken, baseUrl: server.tokensUrl })
})
afterAll(() => server.close())

describe('client.tokens', () => {
  it('issues, reads, changes, verifies and revokes a token', async () => {
    const issued = await client.tokens.issue({
      name: 'phone',
      scope: ['files.read'],
      credits: 5,
      expiresIn: '10 minutes',
      paths: ['/files/'],
      link: '/files/a',
    })
    expectTypeOf(issued).toEqualTypeOf<IssuedTokenJson>()
    expect(issued).toMatchObject({
      name: 'phone',
      subject: 'ada',
      credits: { limit: 5, remaining: 5 },
      expiresAt: '2026-11-21T12:10:00.000Z',
      url: `/files/a?token=${issued.token}`,
    })
    const { token, url, ...record } = issued
    expect(await client.tokens.get(issued.id)).toEqual(record)
    expect(await client.tokens.update(issued.id, { name: 'tablet' })).toEqual({ ...record, name: 'tablet' })
    const verified = await client.tokens.verify({ token, method: 'GET' })
    expectTypeOf(verified).toEqualTypeOf<VerifiedJson>()
    expect(verified).toMatchObject({ valid: true, record: { id: issued.id }, unchecked: ['target'] })
    const revoked = await client.tokens.revoke(issued.id)
    expect(revoked).toMatchObject({ status: 'revoked', revokedAt: '2026-11-21T12:00:00.000Z' })
    expect(await client.tokens.revoke(issued.id)).toEqual(revoked)
    expect(await client.tokens.verify({ token })).toMatchObject({ valid: false, error: 'token_revoked' })
    expect(url).toBeDefined()
  })

  it('lists page by page, filtered', async () => {
    for (let i = 0; i < 3; i++) await client.tokens.issue({ application: 'a&b=c' })
    const first = await client.tokens.list({ application: 'a&b=c', limit: 2, status: 'active' })
    expect(first.tokens).toHaveLength(2)
    const second = await client.tokens.list({
      application: 'a&b=c',
      limit: 2,
      status: 'active',
      ...(first.next !== null && { after: first.next }),
    })
    expect([second.tokens.length, second.next]).toEqual([1, null])
  })

  it('reads usage', async () => {
    const { token } = await client.tokens.issue({ application: 'meter', scope: [] })
    await server.service.authorize(token, { address: null, target: null, method: null })
    expect((await client.tokens.usage({ by: 'application' })).usage).toContainEqual({
      key: 'meter',
      calls: 1,
      credits: 0,
    })
  })

  it('names the project of items', async () => {
    const { id } = await client.tokens.issue()
    await expect(client.tokens.get(id, { project: 'other' })).rejects.toMatchObject({
      status: 404,
      code: 'not_found',
    })
    expect((await client.tokens.get(id, { project: 'default' })).id).toBe(id)
  })

  it('throws errors with the status, the code and the details of the server', async () => {
    await expect(client.tokens.issue({ scope: ['elsewhere'] })).rejects.toMatchObject({
      name: 'HallpassError',
      status: 403,
      code: 'grant_exceeded',
      message: 'scope is more than you may grant',
      details: { field: 'scope' },
      retryAfterSeconds: null,
    })
  })

  it('finds both APIs with two URLs', async () => {
    const both = new Client({
      token: server.projectToken,
      baseUrl: server.baseUrl,
      tokensUrl: server.tokensUrl,
    })
    expect((await both.jwt.fetchProjectTokens()).data.tokens).toHaveLength(1)
    await expect(both.tokens.list()).rejects.toMatchObject({ status: 401, code: 'token_type_denied' })
  })
})

describe('new Client', () => {
  it('refuses options that cannot be right', () => {
    const baseUrl = 'https://tokens.example'
    for (const options of [
      { baseUrl: '' },
      { baseUrl: 'tokens.example' },
      { baseUrl: 'ftp://tokens.example' },
      { baseUrl: '//tokens.example' },
      { baseUrl: 'https://ada:secret@tokens.example' },
      { baseUrl: 'https://tokens.example/?a=b' },
      { baseUrl: 'https://tokens.example/#a' },
      { baseUrl, tokensUrl: 'x' },
      { baseUrl, token: '' },
      { baseUrl, token: 'a b' },
      { baseUrl, token: 'a\r\nx: y' },
      { baseUrl, timeoutMs: 0 },
      { baseUrl, timeoutMs: Number.NaN },
      { baseUrl, retries: -1 },
      { baseUrl, retries: 1.5 },
    ]) {
      expect(() => new Client(options), JSON.stringify(options)).toThrow(
        expect.objectContaining({ code: 'invalid_argument', message: expect.not.stringContaining('secret') }),
      )
    }
    expect(new Client({ baseUrl: '/tokens' })).toBeInstanceOf(Client)
  })
})
