import { MAX_TOKEN_BYTES } from './compact-token.ts'
import { decodePercent, encodePercent } from './percent-encoding.ts'
import { TokenRequestError } from './request-error.ts'
import { isDotSegment, type RequestPath } from './request-path.ts'
import { ANY_SEGMENT, createSegmentGlob, matchesSegment, type SegmentGlob, toSample } from './segment-glob.ts'

const MAX_PATTERNS = 32
const MAX_BYTES = 1024
const MAX_SEGMENTS = 64

/** Which paths a token opens. Made by {@link parsePathPattern} only. */
export interface PathPattern {
  /** The one spelling of this pattern: percent-encoded, and itself a pattern that means the same. */
  readonly text: string
  readonly rule: LiteralRule | GlobRule
}

/** Without stars: one path, or with `below` (it ends in a slash) also everything below it. */
interface LiteralRule {
  readonly kind: 'literal'
  readonly bytes: string
  readonly below: boolean
}

/** One segment, or null for any number of segments (`**`). */
type Step = SegmentGlob | null

interface GlobRule {
  readonly kind: 'glob'
  readonly head: readonly Step[]
  /** At least so many segments of any kind follow the head; null = none do. */
  readonly tail: number | null
}

/** Nothing to decode or encode, no star, no segment that begins with a dot. */
const PLAIN_PATTERN = /^(?:\/[A-Za-z0-9_~-][A-Za-z0-9_~.-]*)*\/?$/

/**
 * A path pattern: `/` and segments. One that ends in `/` means that path and everything below it, but not the path
 * without the slash; any other means exactly one path. `*` stands for any characters, or none, inside a segment;
 * a whole segment `**` for any number of segments, or none. All else is literal, `? [ ] ( ) { } !` too;
 * `%2A` is a literal star.
 *
 * @param text UTF-8 or percent-encoded; at most 1024 bytes when decoded, and 64 segments
 * @throws TokenRequestError `invalid_request`; the message does not repeat the pattern
 */
export function parsePathPattern(text: string, field = 'paths'): PathPattern {
  if (typeof text !== 'string' || !text.startsWith('/')) throw refusal('must begin with a slash', field)
  if (text.length > 3 * MAX_BYTES) throw refusal(`is longer than ${MAX_BYTES} bytes`, field)
  const parts = text.slice(1).split('/')
  let below = parts[parts.length - 1] === ''
  if (below) parts.pop()
  if (parts.length > MAX_SEGMENTS) throw refusal(`has more than ${MAX_SEGMENTS} segments`, field)
  if (PLAIN_PATTERN.test(text)) {
    if (text.length > MAX_BYTES) throw refusal(`is longer than ${MAX_BYTES} bytes`, field)
    return { text, rule: { kind: 'literal', bytes: text, below } }
  }
  if (/[\0- \x7f-\x9f\\]|\p{Cs}/u.test(text))
    throw refusal('holds a control character, a space that is not encoded, or a backslash', field)
  let length = parts.length + (below ? 1 : 0)
  const steps: Step[] = []
  for (const part of parts) {
    const pieces = part === '**' ? null : parsePieces(part, field)
    length += pieces === null ? 2 : pieces.reduce((sum, piece) => sum + piece.length + 1, -1)
    const step = pieces === null ? null : createSegmentGlob(pieces)
    if (step !== null || steps[steps.length - 1] !== null) steps.push(step)
  }
  if (length > MAX_BYTES) throw refusal(`is longer than ${MAX_BYTES} bytes`, field)
  // "Any number of segments, then anything below" is "anything below", and so is "any number" alone.
  if (steps[steps.length - 1] === null && (below || steps.length === 1)) {
    steps.pop()
    below = true
  }
  return { text: toText(steps, below), rule: toRule(steps, below) }
}

/**
 * 1 to 32 path patterns, together no longer than a token may be: to compare two lists of more would take too long.
 *
 * @throws TokenRequestError `invalid_request`, also for an empty list: it would open nothing, or everything
 */
export function parsePathPatterns(texts: readonly string[], field = 'paths'): readonly PathPattern[] {
  assertPathList(texts, field)
  const patterns = texts.map((text) => parsePathPattern(text, field))
  const length = patterns.reduce((sum, { text }) => sum + text.length, 0)
  if (length > MAX_TOKEN_BYTES) {
    const most = `at most ${MAX_TOKEN_BYTES} characters in all`
    throw new TokenRequestError('invalid_request', `${field} must have ${most}`, field)
  }
  return patterns
}

/** @throws TokenRequestError `invalid_request` for what is no list of this length; its members are not looked at */
export function assertPathList(texts: readonly string[], field: string): void {
  if (!Array.isArray(texts) || texts.length === 0 || texts.length > MAX_PATTERNS)
    throw new TokenRequestError(
      'invalid_request',
      `${field} must be a list of 1 to ${MAX_PATTERNS} patterns`,
      field,
    )
}

/** Whether the pattern opens the path. Compares decoded bytes, with regard to case, anchored at both ends. */
export function matchesPath(pattern: PathPattern, path: RequestPath): boolean {
  const { rule } = pattern
  if (rule.kind === 'literal') {
    return rule.below ? path.bytes.startsWith(rule.bytes) : path.bytes === rule.bytes
  }
  const { segments } = path
  return follows(rule, segments.length, {
    accepts: (glob, at) => matchesSegment(glob, segments[at] ?? ''),
    rest: (at) => segments.length - at,
  })
}

/**
 * Whether every path that `inner` opens is opened by `outer`. A yes is always right; a no may be wrong for
 * patterns with several `**` in them.
 */
export function coversPath(outer: PathPattern, inner: PathPattern): boolean {
  // Once for each step, which is compared again and again.
  const samples = toSteps(inner.rule).map((step) => step && toSample(step))
  return follows(toGlobRule(outer.rule), samples.length, {
    accepts: (glob, at) => {
      const sample = samples[at]
      return sample !== null && sample !== undefined && matchesSegment(glob, sample)
    },
    rest: (at) => samples.slice(at).filter((sample) => sample !== null).length,
  })
}

/** A path, or the steps of a pattern, seen as a row of items. */
interface Row {
  accepts(glob: SegmentGlob, at: number): boolean
  /** How many segments the items from here on are, at least. */
  rest(at: number): number
}

/** Walks a rule along a row. Of several places for what stands between two `**`, the first is always the best. */
function follows(rule: GlobRule, count: number, row: Row): boolean {
  const { head, tail } = rule
  const lastOpen = head.lastIndexOf(null)
  let step = 0
  let at = 0
  let retryStep = -1
  let retryAt = 0
  for (;;) {
    const glob = head[step]
    if (glob === undefined) {
      if (tail !== null) return row.rest(at) >= tail
      if (at === count) return true
    } else if (glob === null) {
      step++
      if (step <= lastOpen || tail !== null) {
        retryStep = step
        retryAt = at
      } else {
        // What stands behind the last `**` can only be at the end.
        retryStep = -1
        const end = count - (head.length - step)
        if (end < at) return false
        at = end
      }
      continue
    } else if (at >= count) {
      return false
    } else if (row.accepts(glob, at)) {
      step++
      at++
      continue
    }
    if (retryStep === -1) return false
    step = retryStep
    at = ++retryAt
  }
}

function parsePieces(part: string, field: string): readonly string[] {
  if (part === '') throw refusal('has an empty segment', field)
  const pieces = part.split('*').map((piece) => {
    const bytes = /[^!-~]|%/.test(piece) ? decodePercent(piece) : piece
    // C1 controls, as UTF-8.
    if (bytes === null || /\xc2[\x80-\x9f]/.test(bytes))
      throw refusal('has a bad or refused percent-encoding', field)
    return bytes
  })
  if (pieces.length === 1 && isDotSegment(pieces[0] ?? '')) throw refusal('has a dot segment', field)
  return pieces
}

function toText(steps: readonly Step[], below: boolean): string {
  const segments = steps.map((step) => (step === null ? '**' : step.pieces.map(encodePercent).join('*')))
  if (below) segments.push('')
  return `/${segments.join('/')}`
}

function toRule(steps: readonly Step[], below: boolean): LiteralRule | GlobRule {
  if (steps.every((step) => step !== null && step.pieces.length === 1)) {
    const segments = steps.map((step) => step?.prefix ?? '')
    if (below) segments.push('')
    return { kind: 'literal', bytes: `/${segments.join('/')}`, below }
  }
  // "That path and everything below it" is one segment of any kind, the empty one included, and any more.
  return normalize(below ? [...steps, ANY_SEGMENT, null] : steps)
}

/** Moves every `*` of a run of `*` and `**` before its `**`, which means the same, and cuts off such an end. */
function normalize(steps: readonly Step[]): GlobRule {
  const head: Step[] = []
  let open = false
  for (const step of steps) {
    if (step === null) {
      open = true
      continue
    }
    if (open && step !== ANY_SEGMENT) {
      head.push(null)
      open = false
    }
    head.push(step)
  }
  if (!open) return { kind: 'glob', head, tail: null }
  let tail = 0
  while (head[head.length - 1] === ANY_SEGMENT) {
    head.pop()
    tail++
  }
  return { kind: 'glob', head, tail }
}

function toGlobRule(rule: LiteralRule | GlobRule): GlobRule {
  if (rule.kind === 'glob') return rule
  const segments = rule.bytes.slice(1).split('/')
  if (rule.below) segments.pop()
  return {
    kind: 'glob',
    head: segments.map((text) => createSegmentGlob([text])),
    tail: rule.below ? 1 : null,
  }
}

function toSteps(rule: LiteralRule | GlobRule): readonly Step[] {
  const { head, tail } = toGlobRule(rule)
  if (tail === null) return head
  return [...head, ...Array.from({ length: tail }, () => ANY_SEGMENT), null]
}

function refusal(why: string, field: string): TokenRequestError {
  return new TokenRequestError('invalid_request', `a path pattern ${why}`, field)
}
