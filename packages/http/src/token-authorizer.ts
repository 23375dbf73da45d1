import {
  AccessDeniedError,
  type Allowed,
  assertOptions,
  type Grant,
  type KnownMembers,
  type Principal,
  type TokenProfile,
  type TokenRecord,
  type TokenService,
  toDenial,
} from '@hallpass/core'
import { readBearer } from './authorization-header.ts'
import type { Authorize, ManagementCall } from './authorize.ts'
import { checkService } from './check-service.ts'
import { isManagementScope, toActions } from './management-scope.ts'

export interface TokenAuthorizerOptions {
  /** Kinds of token that are accepted. Default `['native']`. */
  readonly profiles?: readonly (TokenProfile | 'native')[]
  /**
   * Changes what a token makes of its bearer, for kinds of token that say in other claims than `scope` what they open.
   * `principal` has the token's project, subject and limits, and what its `hallpass.*` scopes let it do.
   */
  readonly toPrincipal?: (principal: Principal, decision: Allowed) => Principal
}

const NAMES: KnownMembers<TokenAuthorizerOptions> = { profiles: true, toPrincipal: true }

/**
 * Lets a Hallpass token with a `hallpass.*` scope call the routes, for its own project and subject. Its address,
 * path and method limits hold here too. What it issues has no `hallpass.*` scope, does not outlive it and is
 * bounded by its limits; a token with credits or a pool issues nothing, since it would multiply them.
 * @throws ConfigurationError
 */
export function tokenAuthorizer(service: TokenService, options: TokenAuthorizerOptions = {}): Authorize {
  checkService(service)
  assertOptions(options, NAMES, 'tokenAuthorizer has')
  const profiles = options.profiles === undefined ? {} : { profiles: [...options.profiles] }
  const authorize = async (call: ManagementCall): Promise<Principal | null> => {
    const text = readBearer(call.header('authorization'))
    if (text === null) return null
    const { address, target, method } = call
    const decision = await service.authorize(text, { address, target, method, ...profiles })
    if (!decision.allowed) throw new AccessDeniedError(decision)
    const principal = await toPrincipal(service, decision)
    return principal && (options.toPrincipal?.(principal, decision) ?? principal)
  }
  return Object.assign(authorize, {
    challenge: 'Bearer',
    security: {
      token: { type: 'http', scheme: 'bearer', description: 'a Hallpass token with hallpass.* scopes' },
    },
  } as const)
}

async function toPrincipal(service: TokenService, decision: Allowed): Promise<Principal | null> {
  const { token } = decision
  // What `bounded` mode did not ask for: the record knows of a revocation, and of an expiry that was moved earlier.
  const record = decision.record ?? (await service.get(token.project, token.id))
  if (record === null) return null
  // What it issued meanwhile would outlive its revocation.
  if (record.revokedAt !== null) throw new AccessDeniedError(toDenial('token_revoked'))
  return {
    // Not the subject: an idempotency key belongs to who issued, and others act for the same subject.
    id: `token:${token.id}`,
    projects: [token.project],
    subjects: [token.subject],
    can: toActions(token.scope),
    grant: toGrant(service, decision, record),
  }
}

function toGrant(service: TokenService, { token }: Allowed, record: TokenRecord): Grant {
  const limits: Grant = {
    scope: token.scope.filter((scope) => !isManagementScope(scope)),
    ...(token.paths !== null && { paths: token.paths }),
    ...(token.httpMethods !== null && { httpMethods: token.httpMethods }),
    ...(token.ip.length > 0 && { ip: token.ip }),
    ...(token.metered && { credits: 0 }),
  }
  const { expiresAt } = record
  if (expiresAt === null) return limits
  return {
    ...limits,
    // Counted when it is read, so that nothing outlives the token by what was waited for meanwhile.
    get maxLifeSeconds() {
      return (expiresAt.getTime() - service.now().getTime()) / 1000
    },
  }
}
