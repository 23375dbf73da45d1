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
  const a = toWord(text, 0, 8)
  const b1 = toWord(text, 9, 13)
  const b2 = toWord(text, 14, 18)
  const c1 = toWord(text, 19, 23)
  const c2 = toWord(text, 24, 28)
  const d = toWord(text, 28, 36)
  if (a < 0 || b1 < 0 || b2 < 0 || c1 < 0 || c2 < 0 || d < 0) return null
  return { a: a | 0, b: (b1 << 16) | b2, c: (c1 << 16) | c2, d: d | 0 }
}

/** The number that up to eight lower-case hex digits are; -1 when one of them is none. */
function toWord(text: string, start: number, end: number): number {
  let word = 0
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at)
    if (code >= 0x30 && code <= 0x39) word = word * 16 + code - 0x30
    else if (code >= 0x61 && code <= 0x66) word = word * 16 + code - 0x57
    else return -1
  }
  return word
}
