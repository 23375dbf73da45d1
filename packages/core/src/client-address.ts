import { parseForwardedFor, toForwardedAddress } from './forwarded-header.ts'
import { containsIp, type Ip, type IpRange, parseIp, parseIpRange } from './ip-range.ts'
import { memoizeLast } from './memoize.ts'
import { ConfigurationError, TokenRequestError } from './request-error.ts'
import { isTextList } from './text-list.ts'

/** Whom to believe about the client's address. */
export interface ClientAddressOptions {
  /** Addresses and CIDR ranges of the proxies in front of the server. */
  readonly trustedProxies: readonly string[]
  /** The one header that those proxies write. No other is ever read. */
  readonly header: 'x-forwarded-for' | 'forwarded'
}

/** All values of one header, one for each header line, by lower-case name. */
type HeaderLines = (name: string) => readonly string[]

const MAX_HEADER_LENGTH = 16_384
const MAX_HOPS = 64

/**
 * A function that finds a client's address in canonical form, or null where none can be believed.
 *
 * It starts from the socket. Only while an address is one of the trusted proxies does it take the next entry of
 * the configured header, from the right. The first that is not trusted is the client; when all are, the left-most
 * is. An entry that is needed and cannot be read (a port in `X-Forwarded-For`, `unknown`, a hidden name) gives null.
 *
 * @param options default: believe the socket only; they are checked and copied
 * @throws ConfigurationError for an entry that is no address or range, or another header
 */
export function createClientAddress(
  options: ClientAddressOptions = { trustedProxies: [], header: 'x-forwarded-for' },
): (peer: string | undefined, header: HeaderLines) => string | null {
  if (!isTextList(options.trustedProxies)) {
    throw new ConfigurationError('clientAddress.trustedProxies must be a list of addresses and ranges')
  }
  const trusted = options.trustedProxies.map(parseProxy)
  const name = options.header
  if (name !== 'x-forwarded-for' && name !== 'forwarded')
    throw new ConfigurationError("clientAddress.header must be 'x-forwarded-for' or 'forwarded'")
  const entriesOf = name === 'forwarded' ? forwardedEntries : forwardedForEntries

  // Behind a proxy it is always the same.
  const readPeer = memoizeLast(parseIp)
  return (peer, header) => {
    let client = peer === undefined ? null : readPeer(peer)
    if (client === null || !isTrusted(trusted, client)) return client?.text ?? null
    let hops = 0
    for (const entry of entriesOf(header(name))) {
      client = entry === null || ++hops > MAX_HOPS ? null : parseIp(entry)
      if (client === null || !isTrusted(trusted, client)) break
    }
    return client?.text ?? null
  }
}

function parseProxy(text: string): IpRange {
  try {
    return parseIpRange(text, 'clientAddress.trustedProxies')
  } catch (error) {
    if (error instanceof TokenRequestError) throw new ConfigurationError(error.message)
    throw error
  }
}

function isTrusted(trusted: readonly IpRange[], ip: Ip): boolean {
  for (const range of trusted) if (containsIp(range, ip)) return true
  return false
}

/** The entries of `X-Forwarded-For`, from the right; null = cannot be read. */
function* forwardedForEntries(lines: readonly string[]): Generator<string | null> {
  for (const line of lines.toReversed()) {
    if (line.length > MAX_HEADER_LENGTH) yield null
    let end = line.length
    while (end >= 0) {
      const comma = end === 0 ? -1 : line.lastIndexOf(',', end - 1)
      yield trimBlanks(line.slice(comma + 1, end))
      end = comma
    }
  }
}

/** The `for` addresses of `Forwarded`, from the right; null = cannot be read. */
function* forwardedEntries(lines: readonly string[]): Generator<string | null> {
  for (const line of lines.toReversed()) {
    const nodes = line.length > MAX_HEADER_LENGTH ? null : parseForwardedFor(line)
    if (nodes === null) yield null
    else for (const node of nodes.toReversed()) yield node === null ? null : toForwardedAddress(node)
  }
}

/** Without the spaces and tabs that a list may have around its entries, and without those only. */
function trimBlanks(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}
