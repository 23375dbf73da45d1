import { RouteError } from '@hallpass/http'
import type { Data8Method } from './business-route.ts'

const ATEXT = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
const LOCAL_PART = new RegExp(`^${ATEXT}(?:\\.${ATEXT})*$`)
const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/

/** Of the documented levels; only the first can be judged without asking the network. */
const LEVELS: ReadonlySet<unknown> = new Set(['Syntax', 'MX', 'Server', 'Address'])
const MOST_CHARACTERS = 1024

/**
 * `EmailValidation.IsValid`: whether an address is well-formed. Nothing is looked up, so a well-formed one is
 * `Inconclusive` at the levels above `Syntax`.
 */
export const isValidEmail: Data8Method = ({ email, level }) => {
  if (typeof email !== 'string' || email.length > MOST_CHARACTERS) {
    throw new RouteError('invalid_request', `email must be a text of at most ${MOST_CHARACTERS} characters`)
  }
  if (!LEVELS.has(level ?? 'Syntax')) {
    throw new RouteError('invalid_request', 'level must be Syntax, MX, Server or Address')
  }
  return () => {
    if (!isEmailAddress(email)) return { Result: 'Invalid' }
    return { Result: (level ?? 'Syntax') === 'Syntax' ? 'Valid' : 'Inconclusive' }
  }
}

/**
 * Whether a text is a mailbox `Dot-string "@" Domain` in ASCII: at most 64 and 255 characters, 254 in all, a domain of
 * two labels or more whose last is not a number. Quoted names and addresses in brackets are not taken.
 * @see RFC 5321 section 4.1.2
 */
export function isEmailAddress(text: string): boolean {
  const at = text.lastIndexOf('@')
  const name = text.slice(0, Math.max(at, 0))
  if (text.length > 254 || name.length > 64 || !LOCAL_PART.test(name)) return false
  const labels = text.slice(at + 1).split('.')
  return labels.length > 1 && labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(labels.at(-1) ?? '')
}
