import type { JsonObject, JsonValue, TokenClaims, TokenProfile } from '@hallpass/core'

/** The scope of a token for all methods; those for some hold `data8.Service` or `data8.Service.Method`. */
export const ALL_METHODS = 'data8'
const ANY_AUDIENCE = '*'

/**
 * The scope that a method needs, and that grants it.
 * @param method `EmailValidation.IsValid`, or the service alone
 */
export function toMethodScope(method: string): string {
  return `${ALL_METHODS}.${method}`
}

/**
 * Data8's kind of token. `aud` lists the methods that it opens. A guard of the application's own routes names this
 * profile and the method: `{ profiles: [DATA8_PROFILE], scope: ['data8.EmailValidation.IsValid'] }`.
 */
export const DATA8_PROFILE: TokenProfile = {
  name: 'data8',
  typ: 'JWT',
  algorithm: 'HS256',
  // Both are the account's and the token's own, so they are written and read here.
  issuer: null,
  audience: null,
  idClaim: 'jti',
  requireExpiry: true,
  toClaims(token) {
    const [firstIp] = token.ip
    return {
      iss: token.subject,
      sub: token.subject,
      cn: token.claims.cn ?? '',
      aud: toAudience(token.scope),
      ...(token.credits !== null && { mc: String(token.credits.limit) }),
      ...(firstIp !== undefined && { ip: token.ip.length === 1 ? firstIp : token.ip }),
      // The documented claims have no place for what usage is reported by.
      ...(token.application !== 'default' && { app: token.application }),
    }
  },
  fromClaims: readClaims,
}

function toAudience(scope: readonly string[]): JsonValue {
  if (scope.includes(ALL_METHODS)) return ANY_AUDIENCE
  const prefix = toMethodScope('')
  return scope.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length))
}

function readClaims(claims: JsonObject, project: string): TokenClaims | null {
  const { jti, iss, sub, cn, aud = null, mc, ip = [], app = 'default' } = claims
  if (typeof jti !== 'string' || typeof sub !== 'string' || iss !== sub || typeof cn !== 'string') return null
  if (typeof app !== 'string' || !(mc === undefined || typeof mc === 'string')) return null
  const scope = aud === ANY_AUDIENCE ? [ALL_METHODS] : toTexts(aud)?.map(toMethodScope)
  const addresses = typeof ip === 'string' ? [ip] : toTexts(ip)
  if (scope === undefined || addresses === undefined) return null
  return {
    id: jti,
    project,
    subject: sub,
    application: app,
    scope,
    ip: addresses,
    paths: null,
    httpMethods: null,
    // Whatever `mc` says, every call draws from the account.
    metered: true,
  }
}

function toTexts(value: JsonValue): readonly string[] | undefined {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string') ? value : undefined
}
