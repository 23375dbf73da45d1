import { createTestService } from '@hallpass/core/testing'
import { expect, test } from 'vitest'
import { authorizeBearer, type HttpRequest } from '../src/index.ts'

function createRequest(authorization: readonly string[]): HttpRequest {
  return {
    method: 'GET',
    target: '/me',
    originalTarget: '/api/me',
    headers: new Map([
      ['authorization', authorization],
      ['x-forwarded-for', ['203.0.113.9']],
    ]),
    peer: '192.0.2.7',
    body: async () => new Uint8Array(),
    native: null,
  }
}

test('lets a good token in, with the facts of the request', async () => {
  const service = await createTestService({
    clientAddress: { trustedProxies: ['192.0.2.7'], header: 'x-forwarded-for' },
  })
  const { token, record } = await service.issue({
    paths: ['/api/me'],
    httpMethods: ['GET'],
    ip: ['203.0.113.9'],
    credits: 1,
  })
  const allowed = await authorizeBearer(service, createRequest([`Bearer ${token}`]), {})
  expect(allowed.token.id).toBe(record.id)
  expect(allowed.spend).toBeNull()
  const paid = await authorizeBearer(service, createRequest([`Bearer ${token}`]), { cost: 1 })
  expect(paid.spend?.remaining).toBe(0)
})

test('throws the denial of a request that does not get in', async () => {
  const service = await createTestService()
  const { token } = await service.issue({ ip: ['203.0.113.9'], project: 'acme' })
  const bearer = `Bearer ${token}`
  for (const [authorization, rules, code] of [
    [[], {}, 'token_missing'],
    [['Basic YTpi'], {}, 'token_missing'],
    [['Bearer a b'], {}, 'token_missing'],
    [[bearer, bearer], {}, 'request_ambiguous'],
    [[bearer], {}, 'ip_denied'],
    [[bearer], { profiles: [] }, 'token_type_denied'],
    [['Bearer a.b.c'], {}, 'token_malformed'],
  ] as const) {
    const asked = authorizeBearer(service, createRequest(authorization), rules)
    await expect(asked).rejects.toMatchObject({ name: 'AccessDeniedError', code })
  }
})
