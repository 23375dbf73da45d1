import { readLimitClaims, toLimitClaims } from './limit-claims.ts'
import type { TokenClaims, TokenProfile } from './profile.ts'
import type { JsonObject } from './token.ts'

/**
 * Hallpass's own kind of token: a JWT access token (RFC 9068) signed with Ed25519.
 * @see RFC 9068 section 2.2 for the claims
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
        ...toLimitClaims(token),
      }
    },
    fromClaims: readNativeClaims,
  }
}

function readNativeClaims(claims: JsonObject, project: string): TokenClaims | null {
  const { jti, sub, client_id: application } = claims
  if (typeof jti !== 'string' || typeof sub !== 'string' || typeof application !== 'string') return null
  const limits = readLimitClaims(claims)
  if (claims.project !== project || limits === null) return null
  const { scope, ip, paths, httpMethods, metered } = limits
  return { id: jti, project, subject: sub, application, scope, ip, paths, httpMethods, metered }
}
