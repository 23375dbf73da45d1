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

/** The canonical base64url text of some bytes, without padding. */
export function encodeBase64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url')
}
