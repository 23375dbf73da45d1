import { decodePercent } from './percent-encoding.ts'

/** The longest request target that is looked at. */
export const MAX_TARGET_LENGTH = 8192

/** More is nothing that an application serves, and would make patterns with several `**` slow to refuse. */
const MAX_SEGMENTS = 128

/** A request's path, decoded once and found free of everything that two readers could read in two ways. */
export class RequestPath {
  /** Held for its shape, and judged by nobody: with the last object of one kind V8 throws away what it compiled for them. */
  protected static readonly held: RequestPath = new RequestPath('/')
  /** `/` and segments; one character for each decoded byte. */
  readonly bytes: string
  #segments: readonly string[] | null = null

  constructor(bytes: string) {
    this.bytes = bytes
  }

  /** The segments; a trailing slash gives an empty last one. */
  get segments(): readonly string[] {
    this.#segments ??= this.bytes.slice(1).split('/')
    return this.#segments
  }
}

/** Nothing to decode and no segment that begins with a dot: such a path is as it stands. */
const PLAIN_PATH = /^(?:\/[A-Za-z0-9_~-][A-Za-z0-9_~.-]*)+\/?$/
const REFUSED_IN_PATH = /[^!-~]|[\\#]/
const REFUSED_IN_QUERY = /[^!-~]|#/

/**
 * The path of a raw request target in origin-form, its query removed, or null when the target breaks a rule:
 * longer than 8192 characters, more than 128 segments, absolute-form or `*`; control characters, space, raw non-ASCII, backslash or `#`;
 * a bad `%`, an encoded control character, slash, backslash or percent sign, bytes that are not UTF-8; empty
 * segments; dot segments after the one decoding, also before a `;`. A trailing slash is allowed.
 */
export function parseRequestPath(target: string): RequestPath | null {
  if (target.length > MAX_TARGET_LENGTH || target.charCodeAt(0) !== 0x2f) return null
  const query = target.indexOf('?')
  if (query !== -1 && REFUSED_IN_QUERY.test(target.slice(query))) return null
  const path = query === -1 ? target : target.slice(0, query)
  if (path.length >= 2 * MAX_SEGMENTS && path.split('/', MAX_SEGMENTS + 2).length > MAX_SEGMENTS + 1)
    return null
  if (PLAIN_PATH.test(path)) return new RequestPath(path)
  if (REFUSED_IN_PATH.test(path)) return null
  const bytes = path.includes('%') ? decodePercent(path) : path
  if (bytes === null) return null
  const parsed = new RequestPath(bytes)
  const last = parsed.segments.length - 1
  for (const [at, segment] of parsed.segments.entries()) {
    if (segment === '' ? at !== last : isDotSegment(segment)) return null
  }
  return parsed
}

/** `.` and `..`, also before path parameters (`..;x`), which some servers cut off. */
export function isDotSegment(segment: string): boolean {
  if (segment.charCodeAt(0) !== 0x2e) return false
  const semicolon = segment.indexOf(';')
  const name = semicolon === -1 ? segment : segment.slice(0, semicolon)
  return name === '.' || name === '..'
}

/**
 * A request target with a path prefix taken off and another put on, its query kept; null when the prefix is not
 * there. The prefix is compared as it is written and ends at a segment boundary; a slash at the end of either is
 * not counted. `{ strip: '/i3d/cdn', prepend: '/vhost' }` makes `/vhost/a.mp4?x` of `/i3d/cdn/a.mp4?x`.
 * The result is no safer than the target was: hand it to {@link parseRequestPath}.
 */
export function rebaseTarget(
  target: string,
  base: { readonly strip?: string; readonly prepend?: string },
): string | null {
  if (target.charCodeAt(0) !== 0x2f) return null
  const strip = toPrefix(base.strip)
  if (!target.startsWith(strip)) return null
  const rest = target.slice(strip.length)
  if (rest !== '' && rest.charCodeAt(0) !== 0x2f && rest.charCodeAt(0) !== 0x3f) return null
  const rebased = toPrefix(base.prepend) + rest
  return rebased.charCodeAt(0) === 0x2f ? rebased : `/${rebased}`
}

/** With a slash before and none behind; nothing for the root. */
function toPrefix(text: string | undefined): string {
  if (text === undefined || text === '' || text === '/') return ''
  const end = text.endsWith('/') ? text.length - 1 : text.length
  return text.startsWith('/') ? text.slice(0, end) : `/${text.slice(0, end)}`
}
