import { isUtf8 } from 'node:buffer'

/**
 * The bytes of a percent-encoded text, as a string with one character for each byte (0 to 255), or null: a `%`
 * without two hex digits, an encoded control character, slash, backslash or percent sign, or bytes that are not
 * strict UTF-8 (overlong forms and surrogates included). Decodes once; raw characters count as their UTF-8 bytes.
 */
export function decodePercent(text: string): string | null {
  const bytes = Buffer.from(text, 'utf8')
  let length = 0
  for (let at = 0; at < bytes.length; at++) {
    let byte = bytes[at] ?? 0
    if (byte === 0x25) {
      const high = toHexDigit(bytes[at + 1])
      const low = toHexDigit(bytes[at + 2])
      if (high === -1 || low === -1) return null
      byte = high * 16 + low
      if (isRefusedByte(byte)) return null
      at += 2
    }
    bytes[length++] = byte
  }
  const decoded = bytes.subarray(0, length)
  return isUtf8(decoded) ? decoded.toString('latin1') : null
}

/** The one percent-encoded spelling of a string of bytes: RFC 3986 `pchar` stays, but for `*` and `%`. */
export function encodePercent(bytes: string): string {
  return bytes.replace(/[^A-Za-z0-9\-._~!$&'()+,;=:@]/g, (byte) => {
    const hex = byte.charCodeAt(0).toString(16).toUpperCase()
    return hex.length === 1 ? `%0${hex}` : `%${hex}`
  })
}

/** Bytes that must not come out of a decoding: they mean something else to the next one who reads the path. */
function isRefusedByte(byte: number): boolean {
  return byte < 0x20 || byte === 0x7f || byte === 0x2f || byte === 0x5c || byte === 0x25
}

function toHexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}
