import type { TokenRecord, TokenService } from '@hallpass/core'
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
import { toFilePattern, toFileScope } from './file-scope.ts'
import { readJwtRequest } from './jwt-request.ts'
import type { I3dSettings } from './options.ts'
import { I3D_ISSUER, I3D_PROFILE } from './profile.ts'
import { UNREFERRED } from './refusal.ts'

/** `POST /service/{serviceId}/jwt` and `GET /service/{serviceId}/jwt/{token}`. */
export function createJwtRoutes(
  service: TokenService,
  { project, vhosts }: I3dSettings,
  identify: IdentifyCaller,
): readonly Route[] {
  /** @throws RouteError `not_found`: nobody's and somebody else's get one answer */
  const findService = (subjects: readonly string[] | '*', id: string | undefined) => {
    const vhost = id === undefined || !subjects.includes(id) ? undefined : vhosts.get(id)
    if (id === undefined || vhost === undefined) throw new RouteError('not_found', 'there is no such service')
    return { id, vhost }
  }

  const issue = async ({ request, params }: RoutedRequest): Promise<HttpResponse> => {
    await waitForBody(request, DIALECT_BODY_BYTES)
    const caller = await identify('issue', request)
    const { id, vhost } = findService(caller.subjects, params.serviceId)
    const asked = await readJwtRequest(request)
    const file = toFileScope(asked.file, vhost)
    const { token, record } = await service.issue({
      profile: I3D_PROFILE,
      project,
      subject: id,
      application: id,
      createdBy: caller.id,
      claims: { file },
      paths: [toFilePattern(file)],
      expiresAt: asked.exp === undefined ? null : toDate(asked.exp),
      allowNoExpiry: true,
      ...(asked.ip !== undefined && { ip: [asked.ip] }),
      ...(asked.nbf !== undefined && { notBefore: toDate(asked.nbf) }),
    })
    return jsonResponse(200, toAnswer(token, record, file))
  }

  const verify = async ({ request, params }: RoutedRequest): Promise<HttpResponse> => {
    const caller = await identify('verify', request)
    const { id } = findService(caller.subjects, params.serviceId)
    const { token: text = '' } = params
    const { valid, token, claims } = await service.verify(text, { profiles: [I3D_PROFILE], project })
    // Another project has a secret of its own: what it signed is signed by a stranger.
    const isOurs = token?.project === project
    const answer = { ...(isOurs && { claims }), token: text, valid: valid && token.subject === id }
    return jsonResponse(201, answer, UNREFERRED)
  }

  return [
    { method: 'POST', path: '/service/:serviceId/jwt', respond: issue },
    { method: 'GET', path: '/service/:serviceId/jwt/:token', respond: verify },
  ]
}

function toDate(seconds: number): Date {
  return new Date(seconds * 1000)
}

/** What is absent from the token is absent from the answer. */
function toAnswer(token: string, record: TokenRecord, file: string): object {
  const { expiresAt, notBefore, createdAt, subject, tokenSha256 } = record
  const [ip] = record.ip
  return {
    ...(expiresAt !== null && { exp: toSeconds(expiresAt) }),
    file,
    iat: toSeconds(createdAt),
    ...(ip !== undefined && { ip }),
    iss: I3D_ISSUER,
    ...(notBefore !== null && { nbf: toSeconds(notBefore) }),
    sub: subject,
    token,
    tokenSHA256Hash: tokenSha256,
  }
}

function toSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000)
}
