import { StartError } from './start-error.ts'

/**
 * The secret that the signing keys are encrypted under: 32 random bytes in base64url.
 * @param source where the text comes from, named in the error
 * @throws StartError never with the text itself
 */
export function parseMasterSecret(text: string, source: string): string {
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length === 32 && bytes.toString('base64url') === text) return text
  throw new StartError(`${source} must hold 32 random bytes in base64url (43 characters).`)
}
