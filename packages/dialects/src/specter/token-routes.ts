import {
  type Principal,
  resolveProject,
  resolveSubject,
  type TokenRecord,
  type TokenService,
} from '@hallpass/core'
import {
  type HttpResponse,
  type IdentifyCaller,
  jsonResponse,
  type Route,
  type RoutedRequest,
  RouteError,
  waitForBody,
} from '@hallpass/http'
import { DIALECT_BODY_BYTES } from '../read-json.ts'
import { NO_SUCH_TOKEN, NO_TOKENS, TOKEN_DELETED, TOKEN_GENERATED, TOKENS_EXIST } from './messages.ts'
import { SPECTER_PROFILE } from './specter-profile.ts'
import { readTokenOrder } from './token-order.ts'

/** Whose tokens a call is about. */
interface Owner {
  readonly project: string
  readonly subject: string
}

const TOKENS = '/api/v1alpha/token'
const TOKEN = '/api/v1alpha/token/:id'
const MOST_A_PAGE = 200

/**
 * Create, list, show and delete the caller's own tokens.
 * @param onlyProject the only one that is served; undefined = the caller's own
 */
export function createTokenRoutes(
  service: TokenService,
  identify: IdentifyCaller,
  onlyProject: string | undefined,
): readonly Route[] {
  const toOwner = (principal: Principal): Owner => ({
    project: resolveProject(principal, onlyProject),
    subject: resolveSubject(principal, undefined),
  })

  const create = async ({ request }: RoutedRequest): Promise<HttpResponse> => {
    await waitForBody(request, DIALECT_BODY_BYTES)
    const principal = await identify('issue', request)
    const owner = toOwner(principal)
    const { description, lifeSeconds } = await readTokenOrder(request)
    const { token, record } = await service.issue({
      ...owner,
      name: description,
      uniqueName: true,
      expiresIn: lifeSeconds,
      profile: SPECTER_PROFILE,
      createdBy: principal.id,
      ...(principal.grant !== undefined && { grant: principal.grant }),
    })
    return jsonResponse(201, {
      message: TOKEN_GENERATED,
      jwt_token_id: record.id,
      jwt_token: token,
      jwt_token_description: record.name,
      jwt_token_life: toLifeSeconds(record),
    })
  }

  const list = async ({ request }: RoutedRequest): Promise<HttpResponse> => {
    const records = await findTokens(service, toOwner(await identify('list', request)))
    if (records.length === 0) throw new RouteError('not_found', NO_TOKENS)
    const entries = records.map((record) => [
      record.id,
      {
        jwt_token_description: record.name,
        jwt_token_life: toLifeSeconds(record),
        jwt_token_remaining_life: record.remainingSeconds,
      },
    ])
    return jsonResponse(200, { message: TOKENS_EXIST, jwt_tokens: Object.fromEntries(entries) })
  }

  const show = async ({ request, params }: RoutedRequest): Promise<HttpResponse> => {
    const record = await findToken(service, toOwner(await identify('read', request)), params.id)
    return jsonResponse(200, {
      message: TOKENS_EXIST,
      jwt_token_description: record.name,
      jwt_token_life: toLifeSeconds(record),
      jwt_token_life_remaining: record.remainingSeconds,
      expiry_status: record.status === 'expired' ? 'Expired' : 'Valid',
    })
  }

  const remove = async ({ request, params }: RoutedRequest): Promise<HttpResponse> => {
    const { project, id } = await findToken(service, toOwner(await identify('revoke', request)), params.id)
    await service.revoke(project, id)
    return jsonResponse(200, { message: TOKEN_DELETED })
  }

  return [
    { method: 'POST', path: TOKENS, respond: create },
    { method: 'GET', path: TOKENS, respond: list },
    { method: 'GET', path: TOKEN, respond: show },
    { method: 'DELETE', path: TOKEN, respond: remove },
  ]
}

/** All that is shown of an owner's tokens, newest first. The API knows no pages. */
async function findTokens(service: TokenService, owner: Owner): Promise<readonly TokenRecord[]> {
  const found: TokenRecord[] = []
  let after: string | null = null
  do {
    const page = await service.list({ ...owner, limit: MOST_A_PAGE, ...(after !== null && { after }) })
    found.push(...page.tokens.filter(isShown))
    after = page.next
  } while (after !== null)
  return found
}

/** @throws RouteError `not_found`, also for somebody else's */
async function findToken(service: TokenService, owner: Owner, id = ''): Promise<TokenRecord> {
  const record = await service.get(owner.project, id)
  if (record !== null && record.subject === owner.subject && isShown(record)) return record
  throw new RouteError('not_found', NO_SUCH_TOKEN)
}

/** A deleted token is gone, and tokens of other kinds are none of this API's. */
function isShown({ profile, status }: TokenRecord): boolean {
  return profile === SPECTER_PROFILE.name && status !== 'revoked'
}

/** Null = it never expires, which no token of this profile does. */
function toLifeSeconds({ createdAt, expiresAt }: TokenRecord): number | null {
  return expiresAt && (expiresAt.getTime() - createdAt.getTime()) / 1000
}
