import type { TokenService } from '@hallpass/core'
import {
  authorizeBearer,
  type HttpResponse,
  jsonResponse,
  type Route,
  type RoutedRequest,
} from '@hallpass/http'
import { SPECTER_PROFILE } from './specter-profile.ts'

/** Shows a token in use: says who its bearer is, and costs nothing. */
export function createWhoamiRoute(service: TokenService, onlyProject: string | undefined): Route {
  const respond = async ({ request }: RoutedRequest): Promise<HttpResponse> => {
    const { claims } = await authorizeBearer(service, request, {
      profiles: [SPECTER_PROFILE],
      ...(onlyProject !== undefined && { project: onlyProject }),
    })
    const { username, jwt_token_id, jwt_token_description } = claims
    return jsonResponse(200, { username, jwt_token_id, jwt_token_description })
  }
  return { method: 'GET', path: '/api/v1alpha/whoami', respond }
}
