import { TokenRequestError } from './request-error.ts'

/** A whole number of credits. @throws TokenRequestError `invalid_request` */
export function parseCreditAmount(value: unknown, field: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return value
  throw new TokenRequestError('invalid_request', `${field} must be a whole number from 1 to 2^53 - 1`, field)
}
