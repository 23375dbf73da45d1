import type { TokenProfile } from '@hallpass/core'
import { toFilePattern } from './file-scope.ts'

/** `iss` of every i3D token. */
export const I3D_ISSUER = 'i3d'

/**
 * i3D's CDN tokens: HS256; `sub` is the service, `file` the vhost and path, `ip` one address; no `exp` = no end.
 * For guards before an application's own files:
 * `requireToken(service, { profiles: [I3D_PROFILE], project: 'i3d', from: [{ query: 'token' }], requirePaths: true,
 * target: { strip: '/cdn', prepend: '/media.example' } })`.
 */
export const I3D_PROFILE: TokenProfile = {
  name: 'i3d',
  typ: 'JWT',
  algorithm: 'HS256',
  issuer: I3D_ISSUER,
  audience: null,
  idClaim: 'jti',
  requireExpiry: false,
  toClaims: ({ subject, claims, ip: [ip] }) => ({
    sub: subject,
    file: claims.file ?? '',
    ...(ip !== undefined && { ip }),
  }),
  fromClaims({ jti, sub, file, ip }, project) {
    if (typeof jti !== 'string' || typeof sub !== 'string' || typeof file !== 'string') return null
    if (!(ip === undefined || typeof ip === 'string')) return null
    return {
      id: jti,
      project,
      subject: sub,
      application: sub,
      scope: [],
      ip: ip === undefined ? [] : [ip],
      paths: [toFilePattern(file)],
      httpMethods: null,
      metered: false,
    }
  },
}
