import { ConfigurationError, type TokenService, toDenial } from '@hallpass/core'
import type { Authorize, SecuritySchemes } from './authorize.ts'
import { toDenialResponse } from './denials.ts'
import type { Handler } from './handler.ts'
import { createIdentifyCaller } from './identify-caller.ts'
import { MANAGEMENT_ROUTES } from './management-routes.ts'
import { createOpenApiText, toMount } from './openapi-text.ts'
import { toRefusal } from './refusal.ts'
import { createReportError, type ReportError } from './report-error.ts'
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
  const report = createReportError(options.onError)
  const openApiAt = createOpenApiText(MANAGEMENT_ROUTES, options.security ?? authorize.security ?? BEARER)
  const identify = createIdentifyCaller(service, { ...options, report })

  return createRouteHandler({
    routes: MANAGEMENT_ROUTES.map((route) => ({
      method: route.method,
      path: route.path,
      async respond({ request, params, path, query }) {
        if ((request.headers.get('authorization')?.length ?? 0) > 1) {
          return toDenialResponse(toDenial('request_ambiguous'))
        }
        const principal = route.action === null ? null : await identify(route.action, request)
        const openApi = (): string => openApiAt(toMount(request, path))
        return route.respond({ service, request, query, id: params.id ?? '', openApi }, principal)
      },
    })),
    toRefusal: (error) => toRefusal(error, report),
  })
}
