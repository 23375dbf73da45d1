// @ts-check
import { StartError } from './start-error.js'

/**
 * The secret that the signing keys are encrypted under: 32 random bytes in base64url.
 * @param {string} text
 * @param {string} source where it comes from, named in the error
 * @throws {StartError} never with the text itself
 */
export function parseMasterSecret(text, source) {
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length === 32 && bytes.toString('base64url') === text) return text
  throw new StartError(`${source} must hold 32 random bytes in base64url (43 characters).`)
}
