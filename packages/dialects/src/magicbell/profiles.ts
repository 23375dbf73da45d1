import type { JsonValue, TokenClaims, TokenProfile } from '@hallpass/core'
import { APPLICATION, type MagicBellUser, toUserPlace } from './user.ts'

const WIRE = {
  typ: 'JWT',
  algorithm: 'HS256',
  issuer: null,
  audience: null,
  idClaim: 'jti',
  requireExpiry: false,
} as const

/** Subject of every project token; no user's, since those are UUIDs. */
export const PROJECT_SUBJECT = 'magicbell-project'

/** Tokens that manage a project's tokens: they open `/jwt/*` and nothing else. */
export const MAGICBELL_PROJECT_PROFILE: TokenProfile = {
  ...WIRE,
  name: 'magicbell-project',
  toClaims: () => ({}),
  fromClaims: ({ jti }, project) =>
    toTokenClaims(jti, project, { subject: PROJECT_SUBJECT, application: APPLICATION }),
}

/**
 * Tokens of users, for a guard of one's own: `requireToken(service, { profiles: [MAGICBELL_USER_PROFILE] })`. The
 * subject is the user's id; `user_email` and `user_external_id` are in the claims.
 */
export const MAGICBELL_USER_PROFILE: TokenProfile = {
  ...WIRE,
  name: 'magicbell-user',
  toClaims: ({ claims }) => claims,
  fromClaims({ jti, user_email, user_external_id }, project) {
    const user = readUser(user_email, user_external_id)
    return user && toTokenClaims(jti, project, toUserPlace(project, user))
  },
}

/** The user that a user token's claims name; null when they name none. */
export function readUser(email: unknown = null, externalId: unknown = null): MagicBellUser | null {
  if (!isTextOrNull(email) || !isTextOrNull(externalId)) return null
  return email === null && externalId === null ? null : { email, externalId }
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string'
}

function toTokenClaims(
  id: JsonValue | undefined,
  project: string,
  place: Pick<TokenClaims, 'subject' | 'application'>,
): TokenClaims | null {
  if (typeof id !== 'string') return null
  return { id, project, ...place, scope: [], ip: [], paths: null, httpMethods: null, metered: false }
}
