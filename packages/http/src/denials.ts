import { AccessDeniedError, type Denial, type DenialCode } from '@hallpass/core'
import type { HttpResponse } from './handler.ts'

/** What `WWW-Authenticate` says of a denial: nothing, that a token is needed, or an error of RFC 6750 section 3.1. */
export type Challenge = 'bare' | 'invalid_request' | 'invalid_token' | 'insufficient_scope'

export interface DenialAnswer {
  readonly status: number
  readonly challenge: Challenge | null
  readonly retryAfterSeconds?: number
}

/** When to come back, of a store that is down or whatever else cannot be asked. */
export const STORE_RETRY_AFTER_SECONDS: number = 2

/** The one table of denials. @see RFC 6750 section 3 */
export const DENIAL_ANSWERS: Readonly<Record<DenialCode, DenialAnswer>> = {
  token_missing: { status: 401, challenge: 'bare' },
  request_ambiguous: { status: 400, challenge: 'invalid_request' },
  token_malformed: { status: 401, challenge: 'invalid_token' },
  signature_invalid: { status: 401, challenge: 'invalid_token' },
  key_unknown: { status: 401, challenge: 'invalid_token' },
  token_type_denied: { status: 401, challenge: 'invalid_token' },
  issuer_denied: { status: 401, challenge: 'invalid_token' },
  audience_denied: { status: 401, challenge: 'invalid_token' },
  token_expired: { status: 401, challenge: 'invalid_token' },
  token_not_yet_valid: { status: 401, challenge: 'invalid_token' },
  token_revoked: { status: 401, challenge: 'invalid_token' },
  token_unknown: { status: 401, challenge: 'invalid_token' },
  ip_denied: { status: 403, challenge: null },
  path_denied: { status: 403, challenge: null },
  method_denied: { status: 403, challenge: null },
  project_denied: { status: 403, challenge: null },
  scope_denied: { status: 403, challenge: 'insufficient_scope' },
  credits_exhausted: { status: 402, challenge: null },
  store_unavailable: { status: 503, challenge: null, retryAfterSeconds: STORE_RETRY_AFTER_SECONDS },
  revocation_stale: { status: 503, challenge: null, retryAfterSeconds: STORE_RETRY_AFTER_SECONDS },
}

/** The answer to a denied request: the same bytes in every host. */
export function toDenialResponse(denial: Denial, options: { readonly realm?: string } = {}): HttpResponse {
  const { status, challenge, retryAfterSeconds } = DENIAL_ANSWERS[denial.code]
  const headers: Record<string, string> = {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  }
  if (challenge !== null) headers['www-authenticate'] = toChallenge(challenge, denial, options.realm)
  if (retryAfterSeconds !== undefined) headers['retry-after'] = String(retryAfterSeconds)
  const body = JSON.stringify({ error: denial.code, message: denial.message, details: denial.details })
  return { status, headers, body }
}

function toChallenge(challenge: Challenge, denial: Denial, realm: string | undefined): string {
  const parameters: string[] = []
  if (realm !== undefined) parameters.push(`realm="${realm}"`)
  if (challenge !== 'bare') parameters.push(`error="${challenge}"`)
  const scope = denial.details?.scope
  if (challenge === 'insufficient_scope' && scope !== undefined) parameters.push(`scope="${scope.join(' ')}"`)
  return parameters.length === 0 ? 'Bearer' : `Bearer ${parameters.join(', ')}`
}

/**
 * A denial for a host's own error handling. `status`, `statusCode`, `headers` and `expose` are the names that
 * Express, Koa and http-errors look at; `body` is the JSON text that the guard would have sent.
 */
export class GuardDenialError extends AccessDeniedError {
  override readonly name = 'GuardDenialError'
  readonly status: number
  readonly statusCode: number
  readonly expose = true
  readonly headers: Readonly<Record<string, string>>
  readonly body: string

  constructor(denial: Denial, response: HttpResponse) {
    super(denial)
    this.status = response.status
    this.statusCode = response.status
    this.headers = response.headers
    this.body = typeof response.body === 'string' ? response.body : ''
  }
}
