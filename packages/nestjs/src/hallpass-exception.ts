import type { Denial } from '@hallpass/core'
import type { HttpResponse } from '@hallpass/http/guard'
import { HttpException } from '@nestjs/common'
import { type HeaderTaker, setHeaders } from './platform.ts'

/**
 * A refusal for the application's exception filters. `getStatus()`, `getResponse()` and `headers` are what would have
 * been sent; the headers are on the response already.
 */
export class HallpassException extends HttpException {
  /** Our code, such as `path_denied` or `not_found`. */
  readonly code: string
  readonly headers: Readonly<Record<string, string>>
  readonly answer: HttpResponse

  constructor(answer: HttpResponse) {
    const body = parseErrorBody(answer)
    super(body, answer.status)
    this.code = body.error
    this.headers = answer.headers
    this.answer = answer
  }
}

/** A request that a `TokenGuard` refuses. */
export class TokenDeniedException extends HallpassException {
  readonly denial: Denial

  constructor(denial: Denial, answer: HttpResponse) {
    super(answer)
    this.denial = denial
  }
}

/** One that is answered as the guard says, whatever filters the application has. */
export class AnsweredDenialException extends TokenDeniedException {}

/**
 * Hands a refusal to the filters of the application, with its headers on the response already.
 * @throws HallpassException the one given
 */
export function throwToFilters(exception: HallpassException, response: HeaderTaker): never {
  // The filter that answers chooses the type of its body.
  const { 'content-type': _, ...headers } = exception.headers
  setHeaders(headers, response)
  throw exception
}

interface ErrorBody {
  readonly error: string
  readonly message: string
}

/** Refusals are JSON of our own making. */
function parseErrorBody({ body }: HttpResponse): ErrorBody {
  const value: ErrorBody =
    typeof body === 'string' ? JSON.parse(body) : { error: 'refused', message: 'refused' }
  return value
}
