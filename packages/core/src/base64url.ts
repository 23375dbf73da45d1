/**
 * The bytes of a base64url text, or null unless the text is the one canonical spelling of them: no padding, no
 * white space, no foreign characters, no spare bits. The empty text is the empty buffer.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7515#section-2
 * @see https://www.rfc-editor.org/rfc/rfc4648#section-3.5
 */
export function decodeCanonicalBase64url(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64url')
  // The decoder passes over what it does not know, so only the way back shows that nothing was passed over.
  return bytes.toString('base64url') === text ? bytes : null
}

const ALPHABET = /^[\w-]*$/
/** Last characters without spare bits that are set, by how many characters stand in the last group. */
const LAST_OF_TWO = 'AQgw'
const LAST_OF_THREE = 'AEIMQUYcgkosw048'

/** Whether {@link decodeCanonicalBase64url} has bytes for a text; faster for short ones, which are not decoded. */
export function isCanonicalBase64url(text: string): boolean {
  if (!ALPHABET.test(text)) return false
  const last = text.charAt(text.length - 1)
  switch (text.length % 4) {
    case 0:
      return true
    case 2:
      return LAST_OF_TWO.includes(last)
    case 3:
      return LAST_OF_THREE.includes(last)
    default:
      return false
  }
}

/** The canonical base64url text of some bytes, without padding. */
export function encodeBase64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url')
}
