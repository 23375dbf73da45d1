/** Why a presented token is refused. One union for the guard, `verify` and every host. */
export const DENIAL_CODES = [
  'token_missing',
  'request_ambiguous',
  'token_malformed',
  'signature_invalid',
  'key_unknown',
  'token_type_denied',
  'issuer_denied',
  'audience_denied',
  'token_expired',
  'token_not_yet_valid',
  'token_revoked',
  'token_unknown',
  'ip_denied',
  'path_denied',
  'method_denied',
  'project_denied',
  'scope_denied',
  'credits_exhausted',
  'store_unavailable',
  'revocation_stale',
] as const

export type DenialCode = (typeof DENIAL_CODES)[number]

/** A refusal. Its message and details never hold the token, its claims' values or a secret. */
export interface Denial {
  readonly allowed: false
  readonly code: DenialCode
  readonly message: string
  /** `scope_denied`: the scope that was asked for. `credits_exhausted`: what ran out. */
  readonly details?: {
    readonly scope?: readonly string[]
    readonly remaining?: number
    readonly cost?: number
  }
}

const MESSAGES: Record<DenialCode, string> = {
  token_missing: 'an access token is required',
  request_ambiguous: 'the request carries more than one token, or one in a form that can be read in two ways',
  token_malformed: 'the access token is not a well-formed token',
  signature_invalid: 'the signature of the access token is not valid',
  key_unknown: 'the access token was signed with a key that is not known here',
  token_type_denied: 'this kind of access token is not accepted here',
  issuer_denied: 'the access token comes from another issuer',
  audience_denied: 'the access token is meant for another audience',
  token_expired: 'the access token has expired',
  token_not_yet_valid: 'the access token is not valid yet',
  token_revoked: 'the access token has been revoked',
  token_unknown: 'the access token is not known here',
  ip_denied: 'the access token may not be used from this address',
  path_denied: 'the access token does not open this path',
  method_denied: 'the access token may not be used with this method',
  project_denied: 'the access token belongs to another project',
  scope_denied: 'the access token lacks the scope that is needed here',
  credits_exhausted: 'the access token has not enough credits left',
  store_unavailable: 'the token store does not answer; try again later',
  revocation_stale: 'the list of revoked tokens is too old; try again later',
}

/** The refusal with this code; the message is the code's, unless a clearer one is given. */
export function toDenial(
  code: DenialCode,
  details?: Denial['details'],
  message: string = MESSAGES[code],
): Denial {
  return details === undefined
    ? { allowed: false, code, message }
    : { allowed: false, code, message, details }
}

/** A refusal as an error, for code that throws. Carries no cause: causes of this kind print payloads. */
export class AccessDeniedError extends Error {
  override readonly name: string = 'AccessDeniedError'
  readonly code: DenialCode
  readonly denial: Denial

  constructor(denial: Denial) {
    super(denial.message)
    this.code = denial.code
    this.denial = denial
  }
}
