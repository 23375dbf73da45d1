import type { TokenClaims, TokenProfile } from './profile.ts'
import type { JsonObject, JsonValue } from './token.ts'

/** Claims that Hallpass itself writes into native tokens; custom claims may not use these names. */
export const NATIVE_CLAIMS = ['client_id', 'project', 'scope', 'ip', 'paths', 'methods', 'metered'] as const

/**
 * Hallpass's own kind of token: a JWT access token (RFC 9068) signed with Ed25519.
 * @see RFC 9068 section 2.2 for the claims, RFC 8693 section 4.2 for `scope`
 */
export function createNativeProfile(options: {
  issuer: string
  audience: string
  requireExpiry: boolean
}): TokenProfile {
  return {
    name: 'native',
    typ: 'at+jwt',
    algorithm: 'EdDSA',
    issuer: options.issuer,
    audience: options.audience,
    idClaim: 'jti',
    requireExpiry: options.requireExpiry,
    toClaims(token) {
      return {
        ...token.claims,
        sub: token.subject,
        client_id: token.application,
        project: token.project,
        ...(token.scope.length > 0 && { scope: token.scope.join(' ') }),
        ...(token.ip.length > 0 && { ip: token.ip }),
        ...(token.paths !== null && { paths: token.paths }),
        ...(token.httpMethods !== null && { methods: token.httpMethods }),
        ...((token.credits !== null || token.pool !== null) && { metered: true }),
      }
    },
    fromClaims: readNativeClaims,
  }
}

function readNativeClaims(claims: JsonObject, project: string): TokenClaims | null {
  const {
    jti,
    sub,
    client_id: application,
    scope = '',
    ip = [],
    paths = null,
    methods = null,
    metered,
  } = claims
  if (typeof jti !== 'string' || typeof sub !== 'string' || typeof application !== 'string') return null
  if (claims.project !== project || typeof scope !== 'string') return null
  if (!isStringList(ip) || !(paths === null || isStringList(paths))) return null
  if (!(methods === null || isStringList(methods))) return null
  if (metered !== undefined && metered !== true) return null
  return {
    id: jti,
    project,
    subject: sub,
    application,
    scope: scope === '' ? [] : scope.split(' '),
    ip,
    paths,
    httpMethods: methods,
    metered: metered === true,
  }
}

function isStringList(value: JsonValue): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string')
}
