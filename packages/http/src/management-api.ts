import { type TokenService, toDenial } from '@hallpass/core'
import type { SecuritySchemes } from './authorize.ts'
import { toDenialResponse } from './denials.ts'
import type { Handler, HttpRequest } from './handler.ts'
import type { IdentifyCaller } from './identify-caller.ts'
import { hasBody, MANAGEMENT_BODY_BYTES, waitForBody } from './json-body.ts'
import type { ManagementRoute } from './management-route.ts'
import { MANAGEMENT_ROUTES } from './management-routes.ts'
import { toMount } from './mount-path.ts'
import { createOpenApiText } from './openapi-text.ts'
import { toRefusal } from './refusal.ts'
import type { ReportError } from './report-error.ts'
import { createRouteHandler } from './route-handler.ts'

/** The table of routes behind `managementHandler`, with everything that is slow to load. */
export function createManagementApi({
  service,
  identify,
  security,
  report,
}: {
  readonly service: TokenService
  readonly identify: IdentifyCaller
  readonly security: SecuritySchemes
  readonly report: ReportError
}): Handler {
  const openApiAt = createOpenApiText(MANAGEMENT_ROUTES, security)
  return createRouteHandler({
    routes: MANAGEMENT_ROUTES.map((route) => ({
      method: route.method,
      path: route.path,
      async respond({ request, params, path, query }) {
        if ((request.headers.get('authorization')?.length ?? 0) > 1) {
          return toDenialResponse(toDenial('request_ambiguous'))
        }
        if (readsBody(route, request)) await waitForBody(request, MANAGEMENT_BODY_BYTES)
        const principal = route.action === null ? null : await identify(route.action, request)
        const openApi = (): string => openApiAt(toMount(request, path))
        return route.respond({ service, request, query, id: params.id ?? '', openApi }, principal)
      },
    })),
    toRefusal: (error) => toRefusal(error, report),
  })
}

function readsBody({ body, method }: ManagementRoute, { headers }: HttpRequest): boolean {
  return body !== null || (method === 'DELETE' && hasBody(headers))
}
