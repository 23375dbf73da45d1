import { TokenRequestError } from './request-error.ts'

/** @param field what is asked for beyond what the principal may grant */
export function grantExceeded(field: string): TokenRequestError {
  return new TokenRequestError('grant_exceeded', `${field} is more than you may grant`, field)
}
