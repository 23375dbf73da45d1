import { DENIAL_CODES, type DenialCode, toDenial } from '@hallpass/core'
import { expect, expectTypeOf, test } from 'vitest'
import { DENIAL_ANSWERS, GuardDenialError, toDenialResponse } from '../src/denials.ts'

const INVALID_TOKEN = 'Bearer error="invalid_token"'

test.each<[DenialCode, number, string | undefined]>([
  ['token_missing', 401, 'Bearer'],
  ['request_ambiguous', 400, 'Bearer error="invalid_request"'],
  ['token_malformed', 401, INVALID_TOKEN],
  ['signature_invalid', 401, INVALID_TOKEN],
  ['key_unknown', 401, INVALID_TOKEN],
  ['token_type_denied', 401, INVALID_TOKEN],
  ['issuer_denied', 401, INVALID_TOKEN],
  ['audience_denied', 401, INVALID_TOKEN],
  ['token_expired', 401, INVALID_TOKEN],
  ['token_not_yet_valid', 401, INVALID_TOKEN],
  ['token_revoked', 401, INVALID_TOKEN],
  ['token_unknown', 401, INVALID_TOKEN],
  ['ip_denied', 403, undefined],
  ['path_denied', 403, undefined],
  ['method_denied', 403, undefined],
  ['project_denied', 403, undefined],
  ['scope_denied', 403, 'Bearer error="insufficient_scope"'],
  ['credits_exhausted', 402, undefined],
  ['store_unavailable', 503, undefined],
  ['revocation_stale', 503, undefined],
])('%s is a %i with its challenge', (code, status, challenge) => {
  const response = toDenialResponse(toDenial(code))
  expect(response.status).toBe(status)
  expect(response.headers['www-authenticate']).toBe(challenge)
  expect(response.headers['retry-after']).toBe(status === 503 ? '2' : undefined)
  expect(response.headers['cache-control']).toBe('no-store')
  expect(response.headers['content-type']).toBe('application/json; charset=utf-8')
  expect(JSON.parse(String(response.body))).toEqual({ error: code, message: toDenial(code).message })
})

test('the table has every code and no other', () => {
  expect(Object.keys(DENIAL_ANSWERS).toSorted()).toEqual(DENIAL_CODES.toSorted())
  expectTypeOf<keyof typeof DENIAL_ANSWERS>().toEqualTypeOf<DenialCode>()
})

test('a missing scope is named in the challenge and in the body, behind the realm', () => {
  const response = toDenialResponse(toDenial('scope_denied', { scope: ['files.read', 'b'] }), {
    realm: 'here',
  })
  expect(response.headers['www-authenticate']).toBe(
    'Bearer realm="here", error="insufficient_scope", scope="files.read b"',
  )
  expect(JSON.parse(String(response.body)).details).toEqual({ scope: ['files.read', 'b'] })
})

test('an error carries what would have been answered, under the names that hosts look at, and no cause', () => {
  const denial = toDenial('credits_exhausted', { remaining: 1, cost: 2 })
  const response = toDenialResponse(denial)
  const error = new GuardDenialError(denial, response)
  expect(error).toMatchObject({
    name: 'GuardDenialError',
    message: denial.message,
    code: 'credits_exhausted',
    status: 402,
    statusCode: 402,
    expose: true,
    headers: response.headers,
    body: response.body,
    denial,
  })
  expect(error.cause).toBeUndefined()
})
