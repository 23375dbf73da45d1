import type { IncomingMessage } from 'node:http'
import { ConfigurationError } from '@hallpass/core'
import { readHeaderValues } from './raw-headers.ts'

/** A place of a request that may carry the token: `Authorization: Bearer`, a query parameter or a cookie. */
export type TokenPlace = 'header' | { readonly query: string } | { readonly cookie: string }

/** What the places hold: one token's text, no token, or something that can be read in two ways. */
export type FoundToken =
  | { readonly outcome: 'found'; readonly token: string; readonly place: PlaceKind }
  /** `query` when a query was asked for: the page's address may then hold a token. */
  | { readonly outcome: 'ambiguous'; readonly place: PlaceKind }
  | { readonly outcome: 'missing' }

export type PlaceKind = 'header' | 'query' | 'cookie'

/** Looks into its places of one request; `target` is the raw original request target. */
export type TokenReader = (incoming: IncomingMessage, target: string) => FoundToken

const MISSING: FoundToken = { outcome: 'missing' }

/** Text as it was sent, `null` = not there, `undefined` = ambiguous. */
type Finding = string | null | undefined

/**
 * A reader of exactly these places. Two places that both hold a token are ambiguous, also when the texts agree.
 * @throws ConfigurationError
 * @see RFC 6750 section 2
 */
export function createTokenReader(from: readonly TokenPlace[]): TokenReader {
  const places = parsePlaces(from)
  const [only] = places
  if (places.length === 1 && only === 'header') return readHeaderOnly
  const kinds = places.map(toKind)
  const ambiguous: FoundToken = { outcome: 'ambiguous', place: kinds.includes('query') ? 'query' : 'header' }
  return (incoming, target) => {
    let found: FoundToken = MISSING
    for (const place of places) {
      const finding = readPlace(incoming, target, place)
      if (finding === null) continue
      if (finding === undefined || found !== MISSING) return ambiguous
      found = { outcome: 'found', token: finding, place: toKind(place) }
    }
    return found
  }
}

function toKind(place: TokenPlace): PlaceKind {
  if (place === 'header') return place
  return 'query' in place ? 'query' : 'cookie'
}

function readPlace(incoming: IncomingMessage, target: string, place: TokenPlace): Finding {
  if (place === 'header') return readAuthorization(incoming)
  return 'query' in place ? readQuery(target, place.query) : readCookie(incoming, place.cookie)
}

function parsePlaces(from: readonly TokenPlace[]): readonly TokenPlace[] {
  if (!Array.isArray(from) || from.length === 0)
    throw new ConfigurationError('`from` names one place or more')
  const seen = new Set<string>()
  return from.map((place: unknown): TokenPlace => {
    const parsed = parsePlace(place)
    const key = JSON.stringify(parsed)
    if (seen.has(key)) throw new ConfigurationError('`from` names the same place twice')
    seen.add(key)
    return parsed
  })
}

function parsePlace(place: unknown): TokenPlace {
  if (place === 'header') return place
  if (typeof place === 'object' && place !== null && Object.keys(place).length === 1) {
    if ('query' in place && typeof place.query === 'string' && /^[\w.~-]{1,64}$/.test(place.query)) {
      return { query: place.query }
    }
    if (
      'cookie' in place &&
      typeof place.cookie === 'string' &&
      /^[\w!#$%&'*+.^`|~-]{1,64}$/.test(place.cookie)
    ) {
      return { cookie: place.cookie }
    }
  }
  throw new ConfigurationError("a place of `from` is 'header', { query: name } or { cookie: name }")
}

function readHeaderOnly(incoming: IncomingMessage): FoundToken {
  const finding = readAuthorization(incoming)
  if (finding === null) return MISSING
  if (finding === undefined) return { outcome: 'ambiguous', place: 'header' }
  return { outcome: 'found', token: finding, place: 'header' }
}

/**
 * Node shows only the first of two Authorization headers, so the lines themselves are counted. What nearly all clients
 * write is compared first: to lower the case of a text makes another.
 */
function readAuthorization(incoming: IncomingMessage): Finding {
  const raw = incoming.rawHeaders
  let value: string | null = null
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i]
    if (name === undefined || name.length !== 13) continue
    if (name !== 'Authorization' && name.toLowerCase() !== 'authorization') continue
    if (value !== null) return undefined
    value = raw[i + 1] ?? ''
  }
  return value === null ? null : toFinding(value)
}

/**
 * Another scheme is no token; a Bearer value that is not one space and one text can be read in two ways. A guard says
 * which; for all else `readBearer` has one answer for both.
 */
function toFinding(value: string): Finding {
  if (!value.startsWith('Bearer') && value.slice(0, 6).toLowerCase() !== 'bearer') return null
  const separator = value.charCodeAt(6)
  if (Number.isNaN(separator) || separator === 0x09 || separator === 0x2c) return undefined
  if (separator !== 0x20) return null
  const token = value.slice(7)
  // Anything else that is no base64url is one text, and the service calls it malformed.
  return token === '' || token.includes(' ') || token.includes(',') || token.includes('\t')
    ? undefined
    : token
}

/** The raw query is read, so that no framework's idea of arrays and nesting comes between. */
function readQuery(target: string, name: string): Finding {
  const start = target.indexOf('?')
  if (start === -1) return null
  let found: string | null = null
  for (const pair of target.slice(start + 1).split('&')) {
    const equals = pair.indexOf('=')
    const key = decode(equals === -1 ? pair : pair.slice(0, equals))
    if (!key.startsWith(name)) continue
    if (key.length === name.length) {
      if (found !== null) return undefined
      found = equals === -1 ? '' : decode(pair.slice(equals + 1))
    } else if (key[name.length] === '[') {
      return undefined
    }
  }
  return found
}

/** Text that is not proper percent-encoding stays as it is, and is then no token. */
function decode(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Cookie values are taken as they stand: quotes and percent signs are not undone. @see RFC 6265 section 4.2.1 */
function readCookie(incoming: IncomingMessage, name: string): Finding {
  let found: string | null = null
  for (const line of readHeaderValues(incoming, 'cookie')) {
    for (const pair of line.split(';')) {
      const equals = pair.indexOf('=')
      if (equals === -1 || pair.slice(0, equals).trim() !== name) continue
      if (found !== null) return undefined
      found = pair.slice(equals + 1).trim()
    }
  }
  return found
}
