import { describe, expect, it } from 'vitest'
import { type JsonObject, readLimitClaims, toLimitClaims } from '../src/index.ts'

const NONE = { scope: [], ip: [], paths: null, httpMethods: null, credits: null, pool: null }

describe('the claims of limits', () => {
  it('are none for a token without limits', () => {
    expect(toLimitClaims(NONE)).toEqual({})
    expect(readLimitClaims({ sub: 'alice' })).toEqual({
      scope: [],
      ip: [],
      paths: null,
      httpMethods: null,
      metered: false,
    })
  })

  it('are read back as they were written', () => {
    const limits = { scope: ['a.b', 'c'], ip: ['192.0.2.0/24'], paths: ['/x/'], httpMethods: ['GET'] }
    const claims = toLimitClaims({ ...NONE, ...limits, credits: { limit: 5, remaining: 2 } })
    expect(claims).toEqual({
      scope: 'a.b c',
      ip: ['192.0.2.0/24'],
      paths: ['/x/'],
      methods: ['GET'],
      metered: true,
    })
    expect(readLimitClaims(claims)).toEqual({ ...limits, metered: true })
    expect(toLimitClaims({ ...NONE, pool: 'shared' })).toEqual({ metered: true })
  })

  it.each<JsonObject>([
    { scope: ['a'] },
    { scope: null },
    { ip: '192.0.2.1' },
    { ip: [1] },
    { paths: '/x' },
    { paths: [null] },
    { methods: 'GET' },
    { methods: [{}] },
    { metered: false },
    { metered: 'true' },
  ])('are refused, not passed over, as %j', (claims) => {
    expect(readLimitClaims(claims)).toBeNull()
  })
})
