import type { Algorithm, TokenProfile } from '../src/index.ts'

/** A kind of token with vendor names, as a dialect would bring it. */
export function createDialectProfile(
  name: string,
  algorithm: Algorithm,
  overrides: Partial<TokenProfile> = {},
): TokenProfile {
  return {
    name,
    typ: null,
    algorithm,
    issuer: `${name}-issuer`,
    audience: null,
    idClaim: 'token_id',
    requireExpiry: true,
    toClaims: (token) => ({
      user: token.subject,
      app: token.application,
      perms: token.scope,
      ...(token.paths !== null && { file: token.paths[0] ?? '/' }),
      ...(token.ip.length > 0 && { addr: token.ip }),
      ...((token.credits !== null || token.pool !== null) && { mc: true }),
    }),
    fromClaims(claims, project) {
      const { token_id: id, user, app, perms, file, addr = [], mc } = claims
      if (typeof id !== 'string' || typeof user !== 'string' || typeof app !== 'string') return null
      return {
        id,
        project,
        subject: user,
        application: app,
        scope: toTexts(perms),
        ip: toTexts(addr),
        paths: typeof file === 'string' ? [file] : null,
        httpMethods: null,
        metered: mc === true,
      }
    },
    ...overrides,
  }
}

function toTexts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : []
}
