import { AccessDeniedError, TokenRequestError } from '@hallpass/core'
import { TooManyAttemptsError } from './authorize.ts'
import { toDenialResponse } from './denials.ts'
import type { HttpResponse } from './handler.ts'
import type { ReportError } from './report-error.ts'
import { RouteError, toErrorResponse } from './request-errors.ts'

/** The answer to whatever a route threw. What nobody foresaw is reported, and answered without detail. */
export function toRefusal(error: unknown, report: ReportError): HttpResponse {
  if (error instanceof RouteError || error instanceof TokenRequestError) return toErrorResponse(error)
  if (error instanceof AccessDeniedError) return toDenialResponse(error.denial)
  if (error instanceof TooManyAttemptsError) {
    const headers = { 'retry-after': String(error.retryAfterSeconds) }
    return toErrorResponse(new RouteError('too_many_attempts', error.message, { headers }))
  }
  report(error, 'management route')
  return toErrorResponse(new RouteError('internal_error', 'something went wrong here'))
}
