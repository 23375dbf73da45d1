import type { TokenService } from '@hallpass/core'
import {
  authorizeBearer,
  type HttpResponse,
  jsonResponse,
  type Route,
  type RoutedRequest,
} from '@hallpass/http'
import { MAGICBELL_USER_PROFILE, readUser } from './profiles.ts'
import type { MeJson } from './wire.ts'

/** Shows a user token in use: says who its bearer is. */
export function createMeRoute(service: TokenService, project: string | null): Route {
  const respond = async ({ request }: RoutedRequest): Promise<HttpResponse> => {
    const { token, claims } = await authorizeBearer(service, request, {
      profiles: [MAGICBELL_USER_PROFILE],
      ...(project !== null && { project }),
    })
    const user = readUser(claims.user_email, claims.user_external_id)
    return jsonResponse(200, {
      id: token.subject,
      ...(user !== null && user.email !== null && { email: user.email }),
      ...(user !== null && user.externalId !== null && { external_id: user.externalId }),
    } satisfies MeJson)
  }
  return { method: 'GET', path: '/v2/me', respond }
}
