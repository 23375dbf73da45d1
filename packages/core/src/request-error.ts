/** Why a management request is refused. `http` holds the one table of their status codes. */
export const REQUEST_ERROR_CODES = [
  /** A value is malformed or out of bounds; `field` names it. */
  'invalid_request',
  /** The principal has no single project or subject, so the request must name one. */
  'project_required',
  'subject_required',
  /** The request asks for more than the principal may grant; `field` names what. */
  'grant_exceeded',
  /** Nobody's, or somebody else's: the answer is the same. */
  'not_found',
  /** A unique name is taken by another token of the same subject. */
  'name_taken',
  /** The token is revoked or expired, so it cannot be changed. */
  'token_inactive',
  /** The Idempotency-Key was used with another request. */
  'idempotency_mismatch',
  /** The token issued under this Idempotency-Key cannot be made again (its key is gone). */
  'idempotency_replay_failed',
  /** The store did not answer in time or failed. */
  'store_unavailable',
] as const

export type RequestErrorCode = (typeof REQUEST_ERROR_CODES)[number]

/** A management request that the service refuses. The message is for the caller and holds no secret. */
export class TokenRequestError extends Error {
  override readonly name = 'TokenRequestError'
  readonly code: RequestErrorCode
  /** The field at fault, in the service's spelling (`expiresIn`, `paths`); null = the whole request. */
  readonly field: string | null

  constructor(code: RequestErrorCode, message: string, field: string | null = null) {
    super(message)
    this.code = code
    this.field = field
  }
}

/** The service is set up wrongly: it refuses to start, or to do what it was not set up for. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
}
