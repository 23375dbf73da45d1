/** A pattern for one path segment: literal pieces with any characters between them. */
export interface SegmentGlob {
  /** The pieces around the stars, one character for each byte; a single piece = no star. */
  readonly pieces: readonly string[]
  readonly prefix: string
  readonly suffix: string
  /** The pieces between two stars. */
  readonly middles: readonly Needle[]
  readonly minLength: number
}

/** A text to search for, with its table for the algorithm of Knuth, Morris and Pratt. */
interface Needle {
  readonly text: string
  readonly failures: Uint16Array
}

/** A segment of any characters or none. */
export const ANY_SEGMENT: SegmentGlob = {
  pieces: ['', ''],
  prefix: '',
  suffix: '',
  middles: [],
  minLength: 0,
}

/** The pattern with these pieces; stars side by side count as one. */
export function createSegmentGlob(given: readonly string[]): SegmentGlob {
  const last = given.length - 1
  const pieces = given.filter((piece, at) => piece !== '' || at === 0 || at === last)
  const prefix = pieces[0] ?? ''
  if (pieces.length < 2) return { pieces, prefix, suffix: '', middles: [], minLength: prefix.length }
  const suffix = pieces[pieces.length - 1] ?? ''
  if (pieces.length === 2 && prefix === '' && suffix === '') return ANY_SEGMENT
  const middles = pieces.slice(1, -1).map((text) => ({ text, failures: toFailures(text) }))
  const minLength = pieces.reduce((sum, piece) => sum + piece.length, 0)
  return { pieces, prefix, suffix, middles, minLength }
}

/** Whether the whole segment fits. Takes time linear in the lengths of both: no star is ever tried twice. */
export function matchesSegment(glob: SegmentGlob, segment: string): boolean {
  if (glob === ANY_SEGMENT) return true
  if (glob.pieces.length === 1) return segment === glob.prefix
  if (segment.length < glob.minLength) return false
  if (!segment.startsWith(glob.prefix) || !segment.endsWith(glob.suffix)) return false
  const end = segment.length - glob.suffix.length
  let at = glob.prefix.length
  for (const needle of glob.middles) {
    // The first place a piece fits leaves the most room for those behind it.
    at = findEnd(needle, segment, at, end)
    if (at === -1) return false
  }
  return true
}

/** A character that is no byte, so only a star can stand for it. */
const NO_BYTE = '\uffff'

/**
 * The segment that stands for all that fit the glob: another glob that takes it takes each of them. What stands for its
 * foreign characters is inside a star, and so takes anything in their place.
 */
export function toSample(glob: SegmentGlob): string {
  return glob.pieces.join(NO_BYTE)
}

/** The end of the first occurrence between `start` and `end`; -1 = none. */
function findEnd(needle: Needle, text: string, start: number, end: number): number {
  const { text: wanted, failures } = needle
  let matched = 0
  for (let at = start; at < end; at++) {
    const byte = text.charCodeAt(at)
    while (matched > 0 && wanted.charCodeAt(matched) !== byte) matched = failures[matched - 1] ?? 0
    if (wanted.charCodeAt(matched) === byte) matched++
    if (matched === wanted.length) return at + 1
  }
  return -1
}

/** For each end of the text: how long its longest proper prefix is that stands there too. */
function toFailures(text: string): Uint16Array {
  const failures = new Uint16Array(text.length)
  let matched = 0
  for (let at = 1; at < text.length; at++) {
    while (matched > 0 && text.charCodeAt(matched) !== text.charCodeAt(at))
      matched = failures[matched - 1] ?? 0
    if (text.charCodeAt(matched) === text.charCodeAt(at)) matched++
    failures[at] = matched
  }
  return failures
}
