import { ConfigurationError, type Principal, type TokenService, toDenial } from '@hallpass/core'
import { askAuthorizer } from './ask-authorizer.ts'
import { type Authorize, createManagementCall, type SecuritySchemes } from './authorize.ts'
import { toDenialResponse } from './denials.ts'
import type { Handler, HttpRequest } from './handler.ts'
import type { ManagementRoute } from './management-route.ts'
import { MANAGEMENT_ROUTES } from './management-routes.ts'
import { createOpenApiText, toMount } from './openapi-text.ts'
import { isForeignOrigin, parseAllowedOrigins } from './origin.ts'
import { toRefusal } from './refusal.ts'
import { createReportError, type ReportError } from './report-error.ts'
import { RouteError } from './request-errors.ts'
import { createRouteHandler } from './route-handler.ts'

export interface ManagementOptions<N = unknown> {
  /** Says who is calling. Nobody may call without it. */
  readonly authorize: Authorize<N>
  /** How the OpenAPI document describes authentication. Default: what the authorizer says of itself. */
  readonly security?: SecuritySchemes
  /** Origins, besides the host's own, whose pages may call with the browser's own credentials. */
  readonly origins?: readonly string[]
  /** Told of faults inside. Default: a process warning with the error's name, no message. */
  readonly onError?: ReportError
}

const BEARER: SecuritySchemes = { bearer: { type: 'http', scheme: 'bearer' } }

/**
 * The native routes as one handler: issue, list, read, change, revoke, verify, usage, keys, OpenAPI. Closed by
 * default: all but the public keys and the document ask `authorize` first. Answers everything below its mount and
 * never throws.
 * @throws ConfigurationError for options that cannot be right, at once
 */
export function managementHandler<N = unknown>(
  service: TokenService,
  options: ManagementOptions<N>,
): Handler {
  const { authorize } = options
  if (typeof authorize !== 'function') throw new ConfigurationError('authorize is missing')
  const origins = parseAllowedOrigins(options.origins ?? [])
  const report = createReportError(options.onError)
  const openApiAt = createOpenApiText(MANAGEMENT_ROUTES, options.security ?? authorize.security ?? BEARER)
  const identify = async (route: ManagementRoute, request: HttpRequest): Promise<Principal | null> => {
    if (route.action === null) return null
    if (route.method !== 'GET' && isForeignOrigin(request.headers, origins)) {
      throw new RouteError('origin_denied', 'pages of other origins may not do this')
    }
    const toAddress = (): string | null =>
      service.clientAddress(request.peer, (name) => request.headers.get(name) ?? [])
    const call = createManagementCall(route.action, request, request.native as N, toAddress)
    const principal = await askAuthorizer(authorize, call, report)
    if (principal === null) {
      const headers = { 'www-authenticate': authorize.challenge ?? 'Bearer' }
      throw new RouteError('authentication_required', 'authentication is required', { headers })
    }
    if (principal.can.includes(route.action)) return principal
    throw new RouteError('action_denied', 'you may not do this')
  }

  return createRouteHandler({
    routes: MANAGEMENT_ROUTES.map((route) => ({
      method: route.method,
      path: route.path,
      async respond({ request, params, path, query }) {
        if ((request.headers.get('authorization')?.length ?? 0) > 1) {
          return toDenialResponse(toDenial('request_ambiguous'))
        }
        const principal = await identify(route, request)
        const openApi = (): string => openApiAt(toMount(request, path))
        return route.respond({ service, request, query, id: params.id ?? '', openApi }, principal)
      },
    })),
    toRefusal: (error) => toRefusal(error, report),
  })
}
