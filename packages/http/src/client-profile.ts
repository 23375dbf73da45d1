import type { TokenClaims, TokenProfile } from '@hallpass/core'

/**
 * Tokens that `oauthClients` hands out. Signed with keys of their own, so that they open management routes and
 * nothing else; short, symmetric, and to their holders opaque.
 */
export const CLIENT_PROFILE: TokenProfile = {
  name: 'oauth-client',
  typ: 'at+jwt',
  algorithm: 'HS256',
  issuer: null,
  audience: null,
  idClaim: 'jti',
  requireExpiry: true,
  toClaims: ({ subject, application, scope }) => ({
    sub: subject,
    client_id: application,
    scope: scope.join(' '),
  }),
  fromClaims({ jti, sub, client_id: application, scope }, project): TokenClaims | null {
    if (typeof jti !== 'string' || typeof sub !== 'string') return null
    if (typeof application !== 'string' || typeof scope !== 'string') return null
    return {
      id: jti,
      project,
      subject: sub,
      application,
      scope: scope === '' ? [] : scope.split(' '),
      ip: [],
      paths: null,
      httpMethods: null,
      metered: false,
    }
  },
}
