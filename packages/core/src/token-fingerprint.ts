import { createHash } from 'node:crypto'
import { toTokenKey } from './token-key.ts'

/**
 * 128 bits, as four signed words, that stand for where a token is kept. Small enough to hold a million of them, and
 * compared without making a text.
 */
export interface TokenFingerprint {
  readonly a: number
  readonly b: number
  readonly c: number
  readonly d: number
}

const MOST_PROJECTS = 1000
const projects = new Map<string, TokenFingerprint>()

/**
 * The bits of a UUID, mixed with the SHA-256 of its project; for any other id the SHA-256 of both. To find two places
 * of one fingerprint is to find a preimage of 128 bits of SHA-256: ids are the service's own, nobody chooses them.
 */
export function toTokenFingerprint(place: {
  readonly project: string
  readonly id: string
}): TokenFingerprint {
  const { project, id } = place
  const bits = parseUuid(id)
  if (bits === null) return toDigest(toTokenKey(place))
  const mask = toProjectDigest(project)
  return { a: bits.a ^ mask.a, b: bits.b ^ mask.b, c: bits.c ^ mask.c, d: bits.d ^ mask.d }
}

function toProjectDigest(project: string): TokenFingerprint {
  let digest = projects.get(project)
  if (digest === undefined) {
    if (projects.size >= MOST_PROJECTS) projects.clear()
    digest = toDigest(project)
    projects.set(project, digest)
  }
  return digest
}

function toDigest(text: string): TokenFingerprint {
  const bytes = createHash('sha256').update(text).digest()
  return {
    a: bytes.readInt32BE(0),
    b: bytes.readInt32BE(4),
    c: bytes.readInt32BE(8),
    d: bytes.readInt32BE(12),
  }
}

const HYPHEN = 0x2d

/** The 128 bits of a UUID in its canonical form, null for any other text: a million ids are read at a start. */
function parseUuid(text: string): TokenFingerprint | null {
  if (text.length !== 36) return null
  if (text.charCodeAt(8) !== HYPHEN || text.charCodeAt(13) !== HYPHEN) return null
  if (text.charCodeAt(18) !== HYPHEN || text.charCodeAt(23) !== HYPHEN) return null
  const [a1, a2] = [toHalf(text, 0), toHalf(text, 4)]
  const [b1, b2] = [toHalf(text, 9), toHalf(text, 14)]
  const [c1, c2] = [toHalf(text, 19), toHalf(text, 24)]
  const [d1, d2] = [toHalf(text, 28), toHalf(text, 32)]
  if ((a1 | a2 | b1 | b2 | c1 | c2 | d1 | d2) < 0) return null
  return { a: (a1 << 16) | a2, b: (b1 << 16) | b2, c: (c1 << 16) | c2, d: (d1 << 16) | d2 }
}

/** What the characters up to `f` are as lower-case hex digits; -1 = none. */
const DIGITS = Int8Array.from({ length: 0x67 }, (_, code) =>
  '0123456789abcdef'.indexOf(String.fromCharCode(code)),
)

/** The 16 bits that four lower-case hex digits are; negative when one of them is none. */
function toHalf(text: string, at: number): number {
  return (
    (toDigit(text, at) << 12) |
    (toDigit(text, at + 1) << 8) |
    (toDigit(text, at + 2) << 4) |
    toDigit(text, at + 3)
  )
}

function toDigit(text: string, at: number): number {
  return DIGITS[text.charCodeAt(at)] ?? -1
}
