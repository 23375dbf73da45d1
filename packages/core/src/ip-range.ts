import { TokenRequestError } from './request-error.ts'

const MAX_RANGES = 32
const MAPPED = '::ffff:'

/** An address in one spelling. IPv4 inside IPv6 (`::ffff:0:0/96`) is IPv4. */
export interface Ip {
  readonly family: 4 | 6
  /** One 32-bit word for IPv4, four for IPv6, from the left. */
  readonly words: readonly number[]
  /** Canonical: dotted decimal, or RFC 5952. */
  readonly text: string
}

/** The addresses that share their first bits. */
export interface IpRange {
  readonly family: 4 | 6
  readonly words: readonly number[]
  readonly prefixLength: number
  /** Canonical: an address when there is one only, otherwise CIDR. */
  readonly text: string
}

/**
 * Reads an address, or gives null. Strict: no octal, hex, short or integer spelling of IPv4, no leading zeros
 * there, no zone, no brackets, no port, no white space.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4291#section-2.2
 */
export function parseIp(text: string): Ip | null {
  if (text.length > 45) return null
  if (!text.includes(':')) {
    const word = parseIpv4(text, 0)
    return word === -1 ? null : { family: 4, words: [word], text }
  }
  if (text.startsWith(MAPPED)) {
    // What a socket that listens on both families says of an IPv4 client.
    const word = parseIpv4(text, MAPPED.length)
    if (word !== -1) return { family: 4, words: [word], text: text.slice(MAPPED.length) }
  }
  const words = parseIpv6(text)
  if (words === null) return null
  const mapped = toMappedIpv4(words)
  return mapped === null
    ? { family: 6, words, text: toIpv6Text(words) }
    : { family: 4, words: [mapped], text: toIpv4Text(mapped) }
}

/**
 * Reads an address or a CIDR range such as `10.0.0.0/8`. Addresses are as strict as for {@link parseIp}; the bits
 * behind the prefix must be zero. `::ffff:10.0.0.0/104` is `10.0.0.0/8`.
 *
 * @throws TokenRequestError `invalid_request`
 */
export function parseIpRange(text: string, field = 'ip'): IpRange {
  if (typeof text !== 'string') throw refusal('must be a text', field)
  const slash = text.indexOf('/')
  const written = slash === -1 ? text : text.slice(0, slash)
  const ip = parseIp(written)
  if (ip === null) throw refusal('is not an IPv4 or IPv6 address or CIDR range', field)
  const bits = ip.family === 4 ? 32 : 128
  if (slash === -1) return { family: ip.family, words: ip.words, prefixLength: bits, text: ip.text }
  // What was written as IPv6 counts its prefix from there, although it is IPv4.
  const offset = ip.family === 4 && written.includes(':') ? 96 : 0
  const digits = text.slice(slash + 1)
  const prefixLength = Number(digits) - offset
  if (!/^(?:0|[1-9]\d{0,2})$/.test(digits) || prefixLength < 0 || prefixLength > bits)
    throw refusal('has a prefix length that is out of range', field)
  if (!isNetwork(ip.words, prefixLength)) throw refusal('has bits set behind its prefix', field)
  return {
    family: ip.family,
    words: ip.words,
    prefixLength,
    text: prefixLength === bits ? ip.text : `${ip.text}/${prefixLength}`,
  }
}

/**
 * Up to 32 addresses and ranges.
 *
 * @throws TokenRequestError `invalid_request`
 */
export function parseIpRanges(texts: readonly string[], field = 'ip'): readonly IpRange[] {
  assertIpList(texts, field)
  return texts.map((text) => parseIpRange(text, field))
}

/** @throws TokenRequestError `invalid_request` for what is no list, or too long; its members are not looked at */
export function assertIpList(texts: readonly string[], field: string): void {
  if (!Array.isArray(texts) || texts.length > MAX_RANGES)
    throw new TokenRequestError(
      'invalid_request',
      `${field} must be a list of up to ${MAX_RANGES} addresses`,
      field,
    )
}

/** Whether the address is in the range. A range of one family holds no address of the other. */
export function containsIp(range: IpRange, ip: Ip): boolean {
  return range.family === ip.family && sharesPrefix(range.words, ip.words, range.prefixLength)
}

/** Whether every address of `inner` is in `outer`. */
export function coversIpRange(outer: IpRange, inner: IpRange): boolean {
  return (
    outer.family === inner.family &&
    outer.prefixLength <= inner.prefixLength &&
    sharesPrefix(outer.words, inner.words, outer.prefixLength)
  )
}

function sharesPrefix(a: readonly number[], b: readonly number[], prefixLength: number): boolean {
  let left = prefixLength
  for (let at = 0; left > 0; at++, left -= 32) {
    const difference = (a[at] ?? 0) ^ (b[at] ?? 0)
    if (left >= 32 ? difference !== 0 : difference >>> (32 - left) !== 0) return false
  }
  return true
}

function isNetwork(words: readonly number[], prefixLength: number): boolean {
  return words.every((word, at) => {
    const kept = prefixLength - at * 32
    if (kept >= 32) return true
    return kept <= 0 ? word === 0 : word << kept === 0
  })
}

/** The word of a dotted address that begins at `start` and ends with the text; -1 = it is none. */
function parseIpv4(text: string, start: number): number {
  let word = 0
  let octet = 0
  let digits = 0
  let dots = 0
  for (let at = start; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 0x30
    if (digit >= 0 && digit <= 9) {
      if (digits > 0 && octet === 0) return -1
      octet = octet * 10 + digit
      digits++
      if (octet > 255) return -1
    } else if (digit === -2 && digits > 0 && dots < 3) {
      word = word * 256 + octet
      octet = 0
      digits = 0
      dots++
    } else {
      return -1
    }
  }
  return dots === 3 && digits > 0 ? word * 256 + octet : -1
}

/** Four words; null = not an address. */
function parseIpv6(text: string): readonly number[] | null {
  const groups: number[] = []
  let gap = -1
  let at = 0
  if (text.startsWith('::')) {
    gap = 0
    at = 2
  }
  while (at < text.length) {
    if (groups.length >= 8) return null
    const colon = text.indexOf(':', at)
    const end = colon === -1 ? text.length : colon
    if (colon === -1 && text.includes('.')) {
      const word = parseIpv4(text, at)
      if (word === -1) return null
      groups.push(Math.floor(word / 65_536), word % 65_536)
      break
    }
    const group = text.slice(at, end)
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return null
    groups.push(Number.parseInt(group, 16))
    if (colon === -1) break
    at = colon + 1
    if (text.charCodeAt(at) === 0x3a) {
      if (gap !== -1) return null
      gap = groups.length
      at++
    } else if (at === text.length) {
      return null
    }
  }
  if (gap === -1 ? groups.length !== 8 : groups.length > 7) return null
  if (gap !== -1) groups.splice(gap, 0, ...Array.from({ length: 8 - groups.length }, () => 0))
  const word = (first: number): number => (groups[first] ?? 0) * 65_536 + (groups[first + 1] ?? 0)
  return [word(0), word(2), word(4), word(6)]
}

function toMappedIpv4(words: readonly number[]): number | null {
  const [a, b, c, d] = words
  return a === 0 && b === 0 && c === 0xffff && d !== undefined ? d : null
}

function toIpv4Text(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`
}

/** RFC 5952: lower case, no leading zeros, the first longest run of two or more zero groups shortened. */
function toIpv6Text(words: readonly number[]): string {
  const groups = words.flatMap((word) => [word >>> 16, word & 0xffff])
  let start = -1
  let longest = 1
  for (let at = 0, run = 0; at < 8; at++) {
    run = groups[at] === 0 ? run + 1 : 0
    if (run > longest) {
      longest = run
      start = at - run + 1
    }
  }
  const text = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':')
  return start === -1
    ? text(groups)
    : `${text(groups.slice(0, start))}::${text(groups.slice(start + longest))}`
}

function refusal(why: string, field: string): TokenRequestError {
  return new TokenRequestError('invalid_request', `an address in ${field} ${why}`, field)
}
