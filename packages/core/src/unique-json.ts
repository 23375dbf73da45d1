import type { JsonValue } from './token.ts'

const QUOTE = 0x22
const COLON = 0x3a
const BACKSLASH = 0x5c

/**
 * The JSON value of some bytes, or undefined when they leave room for two readings: invalid UTF-8, a byte order
 * mark, a key twice in one object at any level (`"a"` and `"\u0061"` are the same key), a number that no double
 * holds (`1e400`), or nesting deeper than `maxDepth`. Takes linear time and never throws.
 *
 * @param bytes JSON text in UTF-8
 * @param maxDepth a scalar has depth 0, `{}` and `[]` have depth 1; default 32
 * @see https://www.rfc-editor.org/rfc/rfc8259#section-4
 */
export function parseUniqueJson(bytes: Uint8Array, maxDepth = 32): JsonValue | undefined {
  const members = countMembers(bytes, maxDepth)
  if (members === -1) return undefined
  let value: JsonValue
  try {
    value = JSON.parse(decodeUtf8(bytes))
  } catch {
    return undefined
  }
  // JSON.parse keeps the last of two equal keys. Every member of valid JSON has one colon outside of strings, so
  // a member that was swallowed shows as a colon too many.
  return countKeys(value) === members ? value : undefined
}

/** Colons outside of strings; -1 = nested too deep. Means something only for text that JSON.parse accepts. */
function countMembers(bytes: Uint8Array, maxDepth: number): number {
  let members = 0
  let depth = 0
  let inString = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (inString) {
      if (byte === BACKSLASH) at++
      else if (byte === QUOTE) inString = false
    } else if (byte === QUOTE) {
      inString = true
    } else if (byte === COLON) {
      members++
    } else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > maxDepth) return -1
    } else if (byte === 0x7d || byte === 0x5d) {
      depth--
    }
  }
  return members
}

// ignoreBOM keeps a byte order mark in the text, where JSON.parse refuses it.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decodeUtf8(bytes: Uint8Array): string {
  return utf8.decode(bytes)
}

/** Keys in all objects of the value; NaN when it holds a number that is not finite. */
function countKeys(value: JsonValue): number {
  if (typeof value === 'number') return Number.isFinite(value) ? 0 : Number.NaN
  if (typeof value !== 'object' || value === null) return 0
  let keys = 0
  if (isArray(value)) {
    for (const item of value) keys += countKeys(item)
    return keys
  }
  const items = Object.values(value)
  keys = items.length
  for (const item of items) keys += countKeys(item)
  return keys
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}
