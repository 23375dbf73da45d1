import { createHash } from 'node:crypto'
import { toTokenKey } from './token-key.ts'
import { isUuid } from './uuid.ts'

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
  if (!isUuid(id)) return toDigest(toTokenKey(place))
  const mask = toProjectDigest(project)
  return {
    a: toWord(id, 0, 8) ^ mask.a,
    b: ((toWord(id, 9, 13) << 16) | toWord(id, 14, 18)) ^ mask.b,
    c: ((toWord(id, 19, 23) << 16) | toWord(id, 24, 28)) ^ mask.c,
    d: toWord(id, 28, 36) ^ mask.d,
  }
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

/** Up to eight lower-case hex digits. */
function toWord(text: string, start: number, end: number): number {
  let word = 0
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at)
    word = (word << 4) | (code < 0x3a ? code - 0x30 : code - 0x57)
  }
  return word
}
