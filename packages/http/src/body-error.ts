export type BodyErrorCode =
  /** More bytes than the limit that was given. */
  | 'body_too_large'
  /** The client went away before all of it had come. */
  | 'body_aborted'
  /** Read by somebody else who kept nothing of it, compressed, or broken in transit. */
  | 'body_unreadable'

const MESSAGES: Record<BodyErrorCode, string> = {
  body_too_large: 'the request body is too large',
  body_aborted: 'the request ended before its body was complete',
  body_unreadable: 'the request body cannot be read',
}

/** A request body that cannot be had. Carries nothing of what was read. */
export class BodyError extends Error {
  override readonly name = 'BodyError'
  readonly code: BodyErrorCode

  constructor(code: BodyErrorCode) {
    super(MESSAGES[code])
    this.code = code
  }
}
