import { createHash } from 'node:crypto'
import { memoize, memoizeLast } from './memoize.ts'
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

/** Many tokens in a row are of one project. */
const toProjectDigest = memoizeLast(memoize(toDigest, MOST_PROJECTS))

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
const UUID_LENGTH = 36
const DIGITS_OF_WORD = 8

/** What the characters up to `f` are as lower-case hex digits; -1 = none. */
const DIGITS = Int8Array.from({ length: 0x67 }, (_, code) =>
  '0123456789abcdef'.indexOf(String.fromCharCode(code)),
)

const words = new Int32Array(4)

/**
 * The 128 bits of a UUID in its canonical form, null for any other text. A million ids are read at a start, one for each
 * new token: written out for all digits it is compiled to ten times as much code, which takes longer to fetch than to run.
 */
function parseUuid(text: string): TokenFingerprint | null {
  if (text.length !== UUID_LENGTH) return null
  let word = 0
  let bits = 0
  let left = DIGITS_OF_WORD
  for (let at = 0; at < UUID_LENGTH; at++) {
    const code = text.charCodeAt(at)
    if (code === HYPHEN) {
      if (at !== 8 && at !== 13 && at !== 18 && at !== 23) return null
      continue
    }
    const digit = DIGITS[code] ?? -1
    if (digit < 0) return null
    bits = (bits << 4) | digit
    if (--left === 0) {
      words[word++] = bits
      bits = 0
      left = DIGITS_OF_WORD
    }
  }
  // A digit in the place of a hyphen leaves too few of them for four words, or too many.
  if (word !== words.length || left !== DIGITS_OF_WORD) return null
  return { a: words[0] ?? 0, b: words[1] ?? 0, c: words[2] ?? 0, d: words[3] ?? 0 }
}
