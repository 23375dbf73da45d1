import type { ErrorJson } from './wire.ts'

/** What the server says beyond its code and message. */
export interface HallpassErrorDetails extends NonNullable<ErrorJson['details']> {
  readonly suggestion?: string
}

/** Codes of this client itself; all others are the server's. */
export type ClientErrorCode =
  /** An argument or option that cannot be right; nothing was sent. */
  | 'invalid_argument'
  /** No answer within `timeoutMs`. */
  | 'timeout'
  /** No connection, a connection that broke, a redirect, or a page that may not call (CORS). */
  | 'network_error'
  /** An answer that is not of this API. */
  | 'invalid_response'

/**
 * A call that failed. Neither the token nor any other secret is in it, and it has no `cause`: errors of the network
 * may quote the request.
 */
export class HallpassError extends Error {
  override readonly name = 'HallpassError'
  /** HTTP status; null = there was no answer. */
  readonly status: number | null
  /** The server's code, such as `token_expired` or `invalid_request_error`, or one of `ClientErrorCode`. */
  readonly code: string
  readonly details: HallpassErrorDetails | null
  /** When the server asks to try again; null = it says nothing. */
  readonly retryAfterSeconds: number | null

  constructor(
    code: string,
    message: string,
    more: {
      readonly status?: number
      readonly details?: HallpassErrorDetails | null
      readonly retryAfterSeconds?: number | null
    } = {},
  ) {
    super(message)
    this.code = code
    this.status = more.status ?? null
    this.details = more.details ?? null
    this.retryAfterSeconds = more.retryAfterSeconds ?? null
  }
}
