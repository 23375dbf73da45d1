import {
  type JsonObject,
  type JsonValue,
  readLimitClaims,
  type TokenClaims,
  type TokenProfile,
  toLimitClaims,
} from '@hallpass/core'

/**
 * Tokens of CreateJwt, for a guard of one's own: `requireToken(service, { profiles: [SERVICESTACK_PROFILE] })`. What a
 * user may do is in the claims `roles` and `perms` (see `hasRole`). Limits are in the claims only where the caller's
 * grant sets them.
 */
export const SERVICESTACK_PROFILE: TokenProfile = {
  name: 'servicestack',
  typ: 'JWT',
  algorithm: 'HS256',
  issuer: null,
  audience: null,
  idClaim: 'jti',
  requireExpiry: true,
  toClaims: (token) => ({ sub: token.subject, ...token.claims, ...toLimitClaims(token) }),
  fromClaims(claims, project): TokenClaims | null {
    const { jti, sub, roles = [], perms = [] } = claims
    const limits = readLimitClaims(claims)
    if (typeof jti !== 'string' || typeof sub !== 'string' || !isTexts(roles) || !isTexts(perms)) return null
    return limits && { id: jti, project, subject: sub, application: 'default', ...limits }
  },
}

/** Whether the claims of a token name this role, to the letter. */
export function hasRole(claims: JsonObject, role: string): boolean {
  return readTexts(claims.roles).includes(role)
}

/** Whether the claims of a token name this permission, to the letter. */
export function hasPermission(claims: JsonObject, permission: string): boolean {
  return readTexts(claims.perms).includes(permission)
}

/** The texts of a claim; none where it is not a list of them. */
export function readTexts(claim: JsonValue | undefined): readonly string[] {
  return claim !== undefined && isTexts(claim) ? claim : []
}

function isTexts(value: JsonValue): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string')
}
