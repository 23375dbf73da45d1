import { AccessDeniedError, type Action, type Principal, type TokenService, toDenial } from '@hallpass/core'
import { askAuthorizer } from './ask-authorizer.ts'
import { type Authorize, createManagementCall } from './authorize.ts'
import type { HttpRequest } from './handler.ts'
import { isForeignOrigin, parseAllowedOrigins } from './origin.ts'
import type { ReportError } from './report-error.ts'
import { RouteError } from './request-errors.ts'

export interface IdentifyCallerOptions<N = unknown> {
  /** Says who is calling. */
  readonly authorize: Authorize<N>
  /** Origins, besides the host's own, whose pages may call with the browser's own credentials. */
  readonly origins?: readonly string[]
  /** Told of an authorizer that fails. */
  readonly report: ReportError
}

/**
 * The principal behind a request, who may take this action.
 * @throws RouteError `origin_denied`, `authentication_required` (its headers hold the challenge), `action_denied`,
 * `authorization_unavailable`
 * @throws AccessDeniedError `request_ambiguous` for more than one Authorization header; TooManyAttemptsError, and
 * others as the authorizer throws them
 */
export type IdentifyCaller = (action: Action, request: HttpRequest) => Promise<Principal>

/**
 * What every route that is not public asks first. A request that changes something and was sent by a browser for a
 * page of another origin gets no further.
 * @throws ConfigurationError for what is not an origin
 */
export function createIdentifyCaller<N = unknown>(
  service: TokenService,
  { authorize, report, ...options }: IdentifyCallerOptions<N>,
): IdentifyCaller {
  const origins = parseAllowedOrigins(options.origins ?? [])
  return async (action, request) => {
    const { headers, method, peer, native } = request
    if ((headers.get('authorization')?.length ?? 0) > 1) {
      throw new AccessDeniedError(toDenial('request_ambiguous'))
    }
    if (method !== 'GET' && method !== 'HEAD' && isForeignOrigin(headers, origins)) {
      throw new RouteError('origin_denied', 'pages of other origins may not do this')
    }
    const toAddress = (): string | null => service.clientAddress(peer, (name) => headers.get(name) ?? [])
    const call = createManagementCall(action, request, native as N, toAddress)
    const principal = await askAuthorizer(authorize, call, report)
    if (principal === null) {
      throw new RouteError('authentication_required', 'authentication is required', {
        headers: { 'www-authenticate': authorize.challenge ?? 'Bearer' },
      })
    }
    if (principal.can.includes(action)) return principal
    throw new RouteError('action_denied', `you may not do this: it needs the action \`${action}\``)
  }
}
