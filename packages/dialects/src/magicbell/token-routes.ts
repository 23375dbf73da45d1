import type { TokenProfile, TokenService } from '@hallpass/core'
import {
  authorizeBearer,
  type HttpRequest,
  type HttpResponse,
  jsonResponse,
  type Route,
  type RoutedRequest,
  RouteError,
  waitForBody,
} from '@hallpass/http'
import { DIALECT_BODY_BYTES } from '../read-json.ts'
import { toAccessToken, toDiscardedToken } from './answers.ts'
import { issueProjectToken, issueUserToken, type ProjectCaller } from './issue-token.ts'
import { MAGICBELL_PROJECT_PROFILE, MAGICBELL_USER_PROFILE } from './profiles.ts'
import { listProjectTokens, listUserTokens } from './token-list.ts'
import { readProjectTokenRequest, readUserTokenRequest } from './token-request.ts'

export interface TokenRouteOptions {
  /** The only one whose tokens are accepted; null = any. */
  readonly project: string | null
  /** Null = tokens whose call names no expiry never expire. */
  readonly defaultExpirySeconds: number | null
  /** Null = links are paths. */
  readonly baseUrl: string | null
}

const BASE = '/v2'

/** The six calls of the JwtService. Each needs a project token, and is about that token's project. */
export function createTokenRoutes(service: TokenService, options: TokenRouteOptions): readonly Route[] {
  const { defaultExpirySeconds, baseUrl } = options

  const identify = async (request: HttpRequest): Promise<ProjectCaller> => {
    const { token } = await authorizeBearer(service, request, {
      profiles: [MAGICBELL_PROJECT_PROFILE],
      ...(options.project !== null && { project: options.project }),
    })
    return { project: token.project, tokenId: token.id }
  }

  const createForProject = async ({ request }: RoutedRequest): Promise<HttpResponse> => {
    await waitForBody(request, DIALECT_BODY_BYTES)
    const caller = await identify(request)
    const asked = await readProjectTokenRequest(request, defaultExpirySeconds)
    return jsonResponse(201, toAccessToken(await issueProjectToken(service, caller, asked)))
  }

  const createForUser = async ({ request }: RoutedRequest): Promise<HttpResponse> => {
    await waitForBody(request, DIALECT_BODY_BYTES)
    const caller = await identify(request)
    const asked = await readUserTokenRequest(request, defaultExpirySeconds)
    return jsonResponse(201, toAccessToken(await issueUserToken(service, caller, asked)))
  }

  const listOfProject = async (call: RoutedRequest): Promise<HttpResponse> => {
    const { project } = await identify(call.request)
    return jsonResponse(200, await listProjectTokens(service, project, call, toListUrl(call, baseUrl)))
  }

  const listOfUser = async (call: RoutedRequest): Promise<HttpResponse> => {
    const { project } = await identify(call.request)
    return jsonResponse(200, await listUserTokens(service, project, call, toListUrl(call, baseUrl)))
  }

  const discard =
    (profile: TokenProfile) =>
    async ({ request, params }: RoutedRequest): Promise<HttpResponse> => {
      const { project } = await identify(request)
      const { id = '' } = params
      const found = await service.get(project, id)
      const record = found?.profile === profile.name ? await service.revoke(project, id) : null
      if (record === null || record.revokedAt === null) {
        throw new RouteError('not_found', 'there is no such token')
      }
      return jsonResponse(200, toDiscardedToken(record, record.revokedAt))
    }

  return [
    { method: 'GET', path: `${BASE}/jwt/project`, respond: listOfProject },
    { method: 'POST', path: `${BASE}/jwt/project`, respond: createForProject },
    { method: 'DELETE', path: `${BASE}/jwt/project/:id`, respond: discard(MAGICBELL_PROJECT_PROFILE) },
    { method: 'POST', path: `${BASE}/jwt/user`, respond: createForUser },
    { method: 'DELETE', path: `${BASE}/jwt/user/:id`, respond: discard(MAGICBELL_USER_PROFILE) },
    { method: 'GET', path: `${BASE}/jwt/user/:id`, respond: listOfUser },
  ]
}

/** Where a list is found again. The Host header is not asked: whoever sends it would say where links lead. */
function toListUrl({ request, path }: RoutedRequest, baseUrl: string | null): string {
  if (baseUrl !== null) return baseUrl + path.slice(BASE.length)
  const [url = ''] = request.originalTarget.split('?', 1)
  return url
}
