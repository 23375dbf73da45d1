import { TokenRequestError } from './request-error.ts'

const PLAIN = /^[!-~](?:[ -~]*[!-~])?$/
/** Control characters, line and paragraph separators, marks that turn the direction of text, lone surrogates. */
const REFUSED = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u

/**
 * A short text that people will read in lists and logs: 1 to `max` characters (code points), no control or bidi
 * characters, no line breaks of any kind, no lone surrogates, no white space at either end.
 *
 * @throws TokenRequestError `invalid_request`; the message does not repeat the text
 */
export function parseLabel(value: unknown, field: string, limits: { readonly max: number }): string {
  if (typeof value !== 'string') throw refusal(field, 'must be a text')
  if (value === '' || isLonger(value, limits.max))
    throw refusal(field, `must be 1 to ${limits.max} characters long`)
  if (PLAIN.test(value)) return value
  if (REFUSED.test(value)) throw refusal(field, 'must not hold control characters, line breaks or bidi marks')
  if (value.trim() !== value) throw refusal(field, 'must not begin or end with white space')
  return value
}

function isLonger(text: string, max: number): boolean {
  // A character is one or two units, so only lengths in between need to be counted.
  if (text.length <= max) return false
  return text.length > 2 * max || [...text].length > max
}

function refusal(field: string, why: string): TokenRequestError {
  return new TokenRequestError('invalid_request', `${field} ${why}`, field)
}
