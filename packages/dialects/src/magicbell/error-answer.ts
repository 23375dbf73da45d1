import { DENIAL_CODES } from '@hallpass/core'
import { type HttpResponse, jsonResponse, type Refusal } from '@hallpass/http'
import type { ErrorsJson } from './wire.ts'

const CODES: ReadonlyMap<number, string> = new Map([
  [401, 'authentication_error'],
  [404, 'not_found_error'],
  [405, 'method_not_allowed_error'],
  [409, 'idempotency_error'],
  [500, 'api_error'],
  [503, 'api_error'],
])

const SUGGESTIONS: Readonly<Partial<Record<Refusal['code'], string>>> = {
  token_missing: 'send a token as `Authorization: Bearer <token>`',
  token_type_denied: 'project tokens open /jwt, user tokens open /me',
  token_expired: 'create another token',
  token_revoked: 'create another token',
  store_unavailable: 'try again after the seconds that Retry-After says',
}

/** The service's fields as this API calls them. */
const FIELDS: ReadonlyMap<string, string> = new Map([
  ['expiresIn', 'expiry'],
  ['expiresAt', 'expiry'],
  ['idempotencyKey', 'Idempotency-Key'],
  ['after', 'starting_after'],
])

const DENIALS: ReadonlySet<string> = new Set(DENIAL_CODES)

/** A refusal as this API writes it: `{ errors: [{ code, message, suggestion? }] }`. */
export function toErrorAnswer(refusal: Refusal): HttpResponse {
  const { code, headers } = refusal
  const status = DENIALS.has(code) && refusal.status !== 503 ? 401 : refusal.status
  const suggestion = SUGGESTIONS[code]
  const error = {
    code: CODES.get(status) ?? 'invalid_request_error',
    message: toMessage(refusal),
    ...(suggestion !== undefined && { suggestion }),
  }
  // A token of another project is as good as none, and a 401 says how to do better (RFC 9110, 15.5.2).
  const challenge = status === 401 ? { 'www-authenticate': 'Bearer error="invalid_token"' } : {}
  return jsonResponse(status, { errors: [error] } satisfies ErrorsJson, { ...challenge, ...headers })
}

/** The same for what a route itself refused: 422, wherever the service says 400 to what was sent. */
export function toRouteErrorAnswer(refusal: Refusal): HttpResponse {
  return toErrorAnswer(refusal.status === 400 ? { ...refusal, status: 422 } : refusal)
}

/** The service's messages begin with the field's name, or speak of its value. */
function toMessage({ message, field }: Refusal): string {
  const name = field === null ? undefined : FIELDS.get(field)
  if (field === null || name === undefined) return message
  return message.startsWith(`${field} `) ? name + message.slice(field.length) : `${name}: ${message}`
}
