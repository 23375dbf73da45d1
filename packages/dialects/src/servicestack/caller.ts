import { ConfigurationError, type Principal, type TokenService } from '@hallpass/core'
import { type Authorize, type Awaitable, firstOf, readBasic, tokenAuthorizer } from '@hallpass/http'
import { hasPermission, readTexts, SERVICESTACK_PROFILE } from './servicestack-profile.ts'

/** What HTTP Basic carries, in UTF-8. */
export interface ServiceStackCredentials {
  readonly username: string
  readonly password: string
}

/** Who calls, and what a token of theirs may name. */
export interface ServiceStackPrincipal extends Principal {
  /** Roles that they may grant. Default none. */
  readonly roles?: readonly string[]
  /** Permissions that they may grant. Default none. */
  readonly permissions?: readonly string[]
}

/** Who has these credentials; null = nobody. */
export type ServiceStackAuthenticate = (
  credentials: ServiceStackCredentials,
) => Awaitable<ServiceStackPrincipal | null>

/** A token with this permission may call CreateJwt. It does not hand it on. */
export const CREATE_JWT_PERMISSION = 'CreateJwt'

/**
 * Finds the caller by HTTP Basic, or by a token of CreateJwt that has its permission: such a caller makes tokens for
 * its own subject that have at most its roles, its other permissions and its limits, and end no later than it does.
 */
export function createCallerAuthorizer(
  service: TokenService,
  authenticate: ServiceStackAuthenticate,
): Authorize {
  const byPassword: Authorize = async (call) => {
    const credentials = readBasic(call.header('authorization'))
    if (credentials === null) return null
    const principal = await authenticate({ username: credentials.name, password: credentials.password })
    if (principal && !(isTextsOrAbsent(principal.roles) && isTextsOrAbsent(principal.permissions))) {
      throw new ConfigurationError('roles and permissions of a principal are lists of texts')
    }
    return principal
  }
  const byToken = tokenAuthorizer(service, {
    profiles: [SERVICESTACK_PROFILE],
    toPrincipal: (principal, { claims }): ServiceStackPrincipal => ({
      ...principal,
      can: hasPermission(claims, CREATE_JWT_PERMISSION) ? ['issue'] : [],
      roles: readTexts(claims.roles),
      permissions: readTexts(claims.perms).filter((permission) => permission !== CREATE_JWT_PERMISSION),
    }),
  })
  return firstOf(
    Object.assign(byPassword, { challenge: 'Basic realm="servicestack", charset="UTF-8"' }),
    byToken,
  )
}

/** The roles and permissions that a caller may grant. */
export function toGrantable(principal: Principal): {
  readonly roles: ReadonlySet<string>
  readonly permissions: ReadonlySet<string>
} {
  const { roles = [], permissions = [] }: ServiceStackPrincipal = principal
  return { roles: new Set(roles), permissions: new Set(permissions) }
}

function isTextsOrAbsent(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.every((entry) => typeof entry === 'string'))
}
