import { decodeCanonicalBase64url, decodeCanonicalText, isCanonicalBase64url } from './base64url.ts'
import { memoizeLast } from './memoize.ts'
import type { JsonObject, JsonValue } from './token.ts'
import { parseUniqueJsonText, readUniqueJson } from './unique-json.ts'

/** The longest token that is looked at, and that is ever issued. */
export const MAX_TOKEN_BYTES = 8192

const PAYLOAD_DEPTH = 16
const HEADER_DEPTH = 4

/** The three segments of a compact token (RFC 7515), each canonical base64url and not empty. */
export interface CompactToken {
  readonly header: string
  readonly payload: string
  readonly signature: string
  /** The payload decoded; null = it is no UTF-8. */
  readonly payloadText: string | null
  /** `header.payload`: what the signature covers. */
  readonly signingInput: string
}

/** What a token's header may say. Which key and algorithm count is decided by our ring alone. */
export interface TokenHeader {
  readonly alg: string
  readonly kid: string
  /** In lower case, without `application/` before it (RFC 7515 section 4.1.9); null = absent. */
  readonly type: string | null
}

/**
 * Cuts a token into its segments, or gives null: longer than {@link MAX_TOKEN_BYTES}, not exactly three segments,
 * one of them empty or not in its one canonical spelling. So one token has one text.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7515#section-5.2
 */
export function splitCompactToken(text: string): CompactToken | null {
  if (text.length > MAX_TOKEN_BYTES) return null
  const first = text.indexOf('.')
  const second = text.indexOf('.', first + 1)
  if (first < 1 || second <= first + 1 || second === text.length - 1) return null
  if (text.indexOf('.', second + 1) !== -1) return null
  const header = text.slice(0, first)
  const payload = text.slice(first + 1, second)
  const signature = text.slice(second + 1)
  const payloadText = decodeCanonicalText(payload)
  if (payloadText === undefined || !isCanonicalHeader(header) || !isCanonicalBase64url(signature)) return null
  return { header, payload, signature, payloadText, signingInput: text.slice(0, second) }
}

/** There are few headers: to compare one with the last takes less time than to look at its characters. */
const isCanonicalHeader = memoizeLast(isCanonicalBase64url)

/** Members that would let a token bring its own key, hide its payload or change how it is read. */
const REFUSED_MEMBERS = ['jwk', 'jku', 'x5u', 'x5c', 'crit', 'b64', 'zip'] as const

/**
 * Reads a header segment, or gives null: not one JSON object without doubled keys, `alg` or `kid` missing or not
 * a string, `alg` none in any case, `typ` not a string, or a member that brings a key or changes the processing
 * (`jwk jku x5u x5c crit b64 zip`). Other members are passed over.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8725#section-3
 */
export function parseTokenHeader(segment: string): TokenHeader | null {
  const bytes = decodeCanonicalBase64url(segment)
  const header = bytes && toObject(readUniqueJson(bytes, HEADER_DEPTH))
  if (header === null) return null
  for (const name of REFUSED_MEMBERS) if (Object.hasOwn(header, name)) return null
  const { alg, kid, typ } = header
  if (typeof alg !== 'string' || typeof kid !== 'string') return null
  if (alg.toLowerCase() === 'none') return null
  if (typ === undefined) return { alg, kid, type: null }
  return typeof typ === 'string' ? { alg, kid, type: toMediaType(typ) } : null
}

/** A `typ` as it is compared: without case, and `application/` may be left out. @see RFC 7515 section 4.1.9 */
export function toMediaType(typ: string): string {
  return typ.toLowerCase().replace(/^application\//, '')
}

/**
 * Reads a decoded payload whose signature is good: one JSON object without doubled keys, at most 16 deep; null
 * otherwise.
 */
export function parseTokenPayload(text: string | null): JsonObject | null {
  return text === null ? null : toObject(parseUniqueJsonText(text, PAYLOAD_DEPTH))
}

function toObject(value: JsonValue | undefined): JsonObject | null {
  return value !== undefined && isObject(value) ? value : null
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
