import { AccessDeniedError, TokenRequestError, toDenial } from '@hallpass/core'
import { describe, expect, it } from 'vitest'
import { type Refusal, RouteError, readRefusal, TooManyAttemptsError } from '../src/index.ts'

/** The refusal, and what was reported on the way. */
function read(error: unknown): { refusal: Refusal; reported: unknown[] } {
  const reported: unknown[] = []
  const refusal = readRefusal(error, (fault, where) => void reported.push([fault, where]), 'some route')
  return { refusal, reported }
}

describe('readRefusal', () => {
  it('keeps code, message, field and the headers that go with the status', () => {
    const headers = { allow: 'GET, OPTIONS' }
    const wrongMethod = new RouteError('method_not_allowed', 'not so', { headers })
    expect(read(wrongMethod).refusal).toEqual({
      status: 405,
      code: 'method_not_allowed',
      message: 'not so',
      field: null,
      headers,
    })
    expect(read(new TokenRequestError('invalid_request', 'name is long', 'name')).refusal).toEqual({
      status: 400,
      code: 'invalid_request',
      message: 'name is long',
      field: 'name',
      headers: {},
    })
  })

  it('says when to come back', () => {
    const down = read(new TokenRequestError('store_unavailable', 'down')).refusal
    expect([down.status, down.headers]).toEqual([503, { 'retry-after': '2' }])
    const many = read(new TooManyAttemptsError(7)).refusal
    expect([many.status, many.code, many.headers]).toEqual([429, 'too_many_attempts', { 'retry-after': '7' }])
  })

  it('has the challenge of a denial', () => {
    expect(read(new AccessDeniedError(toDenial('token_revoked'))).refusal).toEqual({
      status: 401,
      code: 'token_revoked',
      message: 'the access token has been revoked',
      field: null,
      headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    })
  })

  it('reports what nobody foresaw, and tells none of it', () => {
    const fault = new TypeError('with a secret')
    const { refusal, reported } = read(fault)
    expect(reported).toEqual([[fault, 'some route']])
    expect(refusal).toEqual({
      status: 500,
      code: 'internal_error',
      message: 'something went wrong here',
      field: null,
      headers: {},
    })
  })
})
