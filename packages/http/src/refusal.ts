import { AccessDeniedError, type DenialCode, TokenRequestError } from '@hallpass/core'
import { TooManyAttemptsError } from './authorize.ts'
import { toDenialResponse } from './denials.ts'
import type { HttpResponse } from './handler.ts'
import type { ReportError } from './report-error.ts'
import { type HttpErrorCode, RouteError, toErrorResponse } from './request-errors.ts'

/** A refusal, in no form yet: for an API that writes its errors in another way. */
export interface Refusal {
  readonly status: number
  readonly code: HttpErrorCode | DenialCode
  /** For the caller: holds no secret and no path. */
  readonly message: string
  /** The field at fault, in the service's spelling; null = the whole request. */
  readonly field: string | null
  /** Those that go with the status: `www-authenticate`, `allow`, `retry-after`. */
  readonly headers: Readonly<Record<string, string>>
}

/**
 * The refusal behind whatever a route threw. What nobody foresaw is reported, and becomes `internal_error`.
 * @param where said to `report`: the kind of route
 */
export function readRefusal(error: unknown, report: ReportError, where: string): Refusal {
  const known = toKnown(error, report, where)
  const { status, headers } =
    known instanceof AccessDeniedError ? toDenialResponse(known.denial) : toErrorResponse(known)
  const { code, message } = known
  const field = known instanceof AccessDeniedError ? null : known.field
  return { status, code, message, field, headers: pickHeaders(headers) }
}

/** The answer to whatever a route threw. What nobody foresaw is reported, and answered without detail. */
export function toRefusal(error: unknown, report: ReportError): HttpResponse {
  const known = toKnown(error, report, 'management route')
  return known instanceof AccessDeniedError ? toDenialResponse(known.denial) : toErrorResponse(known)
}

function toKnown(
  error: unknown,
  report: ReportError,
  where: string,
): RouteError | TokenRequestError | AccessDeniedError {
  if (error instanceof RouteError || error instanceof TokenRequestError) return error
  if (error instanceof AccessDeniedError) return error
  if (error instanceof TooManyAttemptsError) {
    const headers = { 'retry-after': String(error.retryAfterSeconds) }
    return new RouteError('too_many_attempts', error.message, { headers })
  }
  report(error, where)
  return new RouteError('internal_error', 'something went wrong here')
}

const OF_THE_BODY: ReadonlySet<string> = new Set(['content-type', 'cache-control', 'x-content-type-options'])

function pickHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_THE_BODY.has(name)))
}
