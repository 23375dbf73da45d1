import {
  type IssueInput,
  type JsonObject,
  type Principal,
  resolveProject,
  resolveSubject,
  TokenRequestError,
  type TokenService,
} from '@hallpass/core'
import { type BoundRequest, createBindRequest } from './bound-request.ts'
import { toGrantable } from './caller.ts'
import { CREATE_JWT_FIELDS } from './fields.ts'
import type { Sources } from './request-sources.ts'
import { SERVICESTACK_PROFILE } from './servicestack-profile.ts'

export interface CreateJwtRules {
  /** The only project; undefined = each caller's own. */
  readonly project: string | undefined
  readonly allowExpired: boolean
  readonly lifeSeconds: number
}

/** The texts of a session that its token shows, by claim; of several fields the first that is given. */
const TEXT_CLAIMS: Readonly<Record<string, readonly string[]>> = {
  email: ['Email'],
  given_name: ['FirstName'],
  family_name: ['LastName'],
  name: ['DisplayName'],
  preferred_username: ['UserName', 'UserAuthName'],
  picture: ['ProfileUrl'],
}

const CLAIMS: readonly string[] = [...Object.keys(TEXT_CLAIMS), 'roles', 'perms']

/** The service's fields as this API calls them. */
const FIELD_NAMES: ReadonlyMap<string, string> = new Map([
  ['subject', 'UserAuthId'],
  ['expiresAt', 'JwtExpiry'],
  ['expiresIn', 'JwtExpiry'],
])

/**
 * A token for each request, or none.
 * @throws BindingError; TokenRequestError in this API's words
 */
export async function createJwts(
  service: TokenService,
  principal: Principal,
  rules: CreateJwtRules,
  requests: readonly Sources[],
): Promise<readonly string[]> {
  const bind = createBindRequest(CREATE_JWT_FIELDS)
  const bound = requests.map((sources) => bind(sources))
  const project = resolveProject(principal, rules.project)
  const [first] = bound
  try {
    const inputs = bound.map((request) => toIssueInput(request, { service, principal, rules, project }))
    const issued = await service.issueMany(inputs)
    return issued.map(({ token }) => token)
  } catch (error) {
    throw error instanceof TokenRequestError ? toTheirWords(error, first) : error
  }
}

function toIssueInput(
  request: BoundRequest,
  context: {
    readonly service: TokenService
    readonly principal: Principal
    readonly rules: CreateJwtRules
    readonly project: string
  },
): IssueInput {
  const { service, principal, rules, project } = context
  const now = service.now()
  // Copied once and after the clock was read: what is left of a caller's token is less each time that it is asked for.
  // Which claims there are is ours to say: they show what was granted elsewhere.
  const grant = principal.grant && { ...principal.grant, claims: CLAIMS }
  return {
    profile: SERVICESTACK_PROFILE,
    project,
    subject: resolveSubject(principal, request.text('UserAuthId') ?? undefined),
    createdBy: principal.id,
    claims: toClaims(request, principal),
    allowExpired: rules.allowExpired,
    ...toLife(request, now, rules.lifeSeconds, grant?.maxLifeSeconds),
    ...(grant !== undefined && { grant }),
  }
}

/** Nothing but these claims: the secrets of a session have no way into a token. */
function toClaims(request: BoundRequest, principal: Principal): JsonObject {
  const claims: Record<string, string | readonly string[]> = {}
  for (const [claim, names] of Object.entries(TEXT_CLAIMS)) {
    const text = names.map((name) => request.text(name)).find((value) => value !== null)
    if (text != null) claims[claim] = text
  }
  const { roles, permissions } = toGrantable(principal)
  const rolesToGrant = (request.texts('Roles') ?? []).filter((role) => roles.has(role))
  const permissionsToGrant = (request.texts('Permissions') ?? []).filter((name) => permissions.has(name))
  if (rolesToGrant.length > 0) claims.roles = rolesToGrant
  if (permissionsToGrant.length > 0) claims.perms = permissionsToGrant
  return claims
}

function toLife(
  request: BoundRequest,
  now: Date,
  lifeSeconds: number,
  granted: number | undefined,
): Pick<IssueInput, 'expiresAt'> {
  const expiresAt = request.date('JwtExpiry')
  if (expiresAt !== null) return { expiresAt }
  if (granted !== undefined && !(granted > lifeSeconds)) {
    return { expiresAt: new Date(now.getTime() + granted * 1000) }
  }
  // Counted from the second that `iat` says.
  return { expiresAt: new Date(Math.floor(now.getTime() / 1000) * 1000 + lifeSeconds * 1000) }
}

/** @param request whose spelling of a name is said back; of a batch, nobody knows which */
function toTheirWords(error: TokenRequestError, request: BoundRequest | undefined): TokenRequestError {
  const { code, message, field } = error
  if (field === null || code === 'store_unavailable') return error
  if (field === 'claims') {
    return new TokenRequestError(code, 'the texts of the session are too long for a token')
  }
  const name = FIELD_NAMES.get(field)
  // Nothing that their callers send.
  if (name === undefined) return new TokenRequestError(code, message)
  const text = message.startsWith(`${field} `) ? name + message.slice(field.length) : `${name}: ${message}`
  return new TokenRequestError(code, text, request?.sentAs(name) ?? name)
}
