import { isUtf8 } from 'node:buffer'
import { decodeUtf8 } from './utf8.ts'

/**
 * The bytes of a base64url text, or null unless the text is the one canonical spelling of them: no padding, no
 * white space, no foreign characters, no spare bits. The empty text is the empty buffer.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7515#section-2
 * @see https://www.rfc-editor.org/rfc/rfc4648#section-3.5
 */
export function decodeCanonicalBase64url(text: string): Buffer | null {
  if (!mayBeCanonical(text)) return null
  const bytes = Buffer.from(text, 'base64url')
  return bytes.length === toByteCount(text) ? bytes : null
}

/** Where texts are decoded that are no longer than a token. */
const room = Buffer.alloc(6144)

/**
 * The same bytes read as UTF-8, undefined where {@link decodeCanonicalBase64url} has none, and null for bytes that are no
 * UTF-8. Takes half as long, since nothing is kept of the bytes.
 */
export function decodeCanonicalText(text: string): string | null | undefined {
  const count = toByteCount(text)
  if (count > room.length) {
    const bytes = decodeCanonicalBase64url(text)
    return bytes === null ? undefined : decodeUtf8(bytes)
  }
  if (!mayBeCanonical(text) || room.write(text, 'base64url') !== count) return undefined
  const decoded = room.toString('utf8', 0, count)
  // A character for each byte: ASCII, or a mark in the place of a byte that cannot be read.
  const isAsciiText = decoded.length === count && !decoded.includes('\uFFFD')
  return isAsciiText || isUtf8(room.subarray(0, count)) ? decoded : null
}

/**
 * What has to be looked at before: the decoder takes the other alphabet too, of wide characters the lower half, and passes
 * over all else. Of that then fewer bytes come out.
 */
function mayBeCanonical(text: string): boolean {
  return hasCanonicalEnd(text) && !text.includes('+') && !text.includes('/') && isAscii(text)
}

function toByteCount(text: string): number {
  return Math.floor((text.length * 3) / 4)
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length
}

const ALPHABET = /^[\w-]*$/

/** Whether {@link decodeCanonicalBase64url} has bytes for a text; faster for short ones. */
export function isCanonicalBase64url(text: string): boolean {
  return ALPHABET.test(text) && hasCanonicalEnd(text)
}

/** Last characters without spare bits that are set, by how many characters stand in the last group. */
const LAST_OF_TWO = 'AQgw'
const LAST_OF_THREE = 'AEIMQUYcgkosw048'

function hasCanonicalEnd(text: string): boolean {
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
