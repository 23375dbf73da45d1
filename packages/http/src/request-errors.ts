import { type RequestErrorCode, TokenRequestError } from '@hallpass/core'
import { STORE_RETRY_AFTER_SECONDS } from './denials.ts'
import type { HttpResponse } from './handler.ts'
import { jsonResponse } from './json-response.ts'

/** Refusals that the routes add to those of the service. */
export type RouteErrorCode =
  | 'authentication_required'
  | 'action_denied'
  | 'origin_denied'
  | 'method_not_allowed'
  | 'unsupported_media_type'
  | 'body_too_large'
  | 'body_aborted'
  | 'body_unreadable'
  | 'too_many_attempts'
  | 'authorization_unavailable'
  | 'internal_error'

export type HttpErrorCode = RequestErrorCode | RouteErrorCode

/** The one table of the routes' refusals. */
export const REQUEST_ERROR_STATUS: Readonly<Record<HttpErrorCode, number>> = {
  invalid_request: 400,
  project_required: 400,
  subject_required: 400,
  body_aborted: 400,
  body_unreadable: 400,
  authentication_required: 401,
  grant_exceeded: 403,
  action_denied: 403,
  origin_denied: 403,
  not_found: 404,
  method_not_allowed: 405,
  name_taken: 409,
  token_inactive: 409,
  idempotency_replay_failed: 409,
  body_too_large: 413,
  unsupported_media_type: 415,
  idempotency_mismatch: 422,
  too_many_attempts: 429,
  internal_error: 500,
  store_unavailable: 503,
  authorization_unavailable: 503,
}

/** A refusal of the routes themselves. The message is for the caller: it holds no secret and no path. */
export class RouteError extends Error {
  override readonly name = 'RouteError'
  readonly code: HttpErrorCode
  readonly field: string | null
  readonly headers: Readonly<Record<string, string>> | undefined

  constructor(
    code: HttpErrorCode,
    message: string,
    more: { readonly field?: string | null; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message)
    this.code = code
    this.field = more.field ?? null
    this.headers = more.headers
  }
}

/** The answer to a refusal: `{ error, message, details? }` with the status of the table. */
export function toErrorResponse(error: RouteError | TokenRequestError): HttpResponse {
  const { code, message, field } = error
  const status = REQUEST_ERROR_STATUS[code]
  const body = field === null ? { error: code, message } : { error: code, message, details: { field } }
  const headers: Record<string, string> = error instanceof TokenRequestError ? {} : { ...error.headers }
  if (status === 503) headers['retry-after'] ??= String(STORE_RETRY_AFTER_SECONDS)
  return jsonResponse(status, body, headers)
}
