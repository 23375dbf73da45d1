import { ConfigurationError } from '@hallpass/core'
import { readBearer } from './authorization-header.ts'
import type { RequestHeaders } from './handler.ts'

const ORIGIN = /^https?:\/\/([^/?#@\\\s]+)$/i
const OWN_SITES: ReadonlySet<string> = new Set(['same-origin', 'same-site', 'none'])

/**
 * Whether a browser sent this request for a page of somebody else's, with credentials that it adds by itself.
 * A Bearer header is never added so. `allowed` holds origins that count as one's own, in lower case.
 * @see Fetch Metadata, section 2.3; RFC 6454 section 7
 */
export function isForeignOrigin(headers: RequestHeaders, allowed: ReadonlySet<string>): boolean {
  const origins = headers.get('origin')
  const sites = headers.get('sec-fetch-site')
  if (origins === undefined && sites === undefined) return false
  if (readBearer(headers.get('authorization') ?? []) !== null) return false
  if (origins?.length === 1 && origins[0] !== undefined && allowed.has(origins[0].toLowerCase())) return false
  if (sites?.some((site) => !OWN_SITES.has(site))) return true
  return origins !== undefined && !isOwnOrigin(origins, headers.get('host') ?? [])
}

function isOwnOrigin(origins: readonly string[], hosts: readonly string[]): boolean {
  if (origins.length !== 1 || hosts.length !== 1) return false
  const host = ORIGIN.exec(origins[0] ?? '')?.[1]
  return host !== undefined && host.toLowerCase() === hosts[0]?.toLowerCase()
}

/** @throws ConfigurationError for what is not an origin, such as `https://admin.example.com` */
export function parseAllowedOrigins(origins: readonly string[]): ReadonlySet<string> {
  for (const origin of origins) {
    if (!ORIGIN.test(origin)) {
      throw new ConfigurationError('origins: each must be written as https://host, without a path')
    }
  }
  return new Set(origins.map((origin) => origin.toLowerCase()))
}
