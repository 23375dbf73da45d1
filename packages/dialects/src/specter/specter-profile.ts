import { readLimitClaims, type TokenClaims, type TokenProfile, toLimitClaims } from '@hallpass/core'

/**
 * Tokens of the Specter API, for a guard of one's own: `requireToken(service, { profiles: [SPECTER_PROFILE] })`.
 * `username` is the subject. Limits are in the claims only where the caller's grant sets them.
 */
export const SPECTER_PROFILE: TokenProfile = {
  name: 'specter',
  typ: 'JWT',
  algorithm: 'HS256',
  issuer: null,
  audience: null,
  idClaim: 'jwt_token_id',
  requireExpiry: true,
  toClaims: (token) => ({
    username: token.subject,
    jwt_token_description: token.name,
    ...toLimitClaims(token),
  }),
  fromClaims(claims, project): TokenClaims | null {
    const { jwt_token_id: id, username: subject, jwt_token_description: description } = claims
    const limits = readLimitClaims(claims)
    if (typeof id !== 'string' || typeof subject !== 'string' || typeof description !== 'string') return null
    return limits && { id, project, subject, application: 'default', ...limits }
  },
}
