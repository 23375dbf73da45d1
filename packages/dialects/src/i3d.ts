import type { JsonObject, TokenService } from '@hallpass/core'
import {
  checkService,
  createIdentifyCaller,
  createReportError,
  createRouteHandler,
  type Handler,
  jsonResponse,
  oauthClients,
  type Route,
  toMount,
  withTarget,
} from '@hallpass/http'
import { createCdnRoute } from './i3d/cdn-route.ts'
import { createJwtRoutes } from './i3d/jwt-routes.ts'
import { type I3dOptions, parseI3dOptions } from './i3d/options.ts'
import { toI3dRefusal } from './i3d/refusal.ts'
import { createServiceDocument } from './i3d/service-document.ts'
import { createTokenDocument } from './i3d/token-document.ts'

export type { I3dOptions } from './i3d/options.ts'
export { I3D_PROFILE } from './i3d/profile.ts'

/**
 * i3D.net's CDN token API: OAuth2 client credentials, tokens for the files of a service, their verification, and an
 * edge that serves files to those who have one. Answers below its mount, with and without `/api`.
 * @throws ConfigurationError for options that cannot be right, at once
 */
export function i3d(service: TokenService, options: I3dOptions): Handler {
  checkService(service)
  const settings = parseI3dOptions(options)
  const { project, clients, cdn, publicUrl } = settings
  const report = createReportError(options.onError)
  const { authorize, tokenEndpoint } = oauthClients(service, {
    clients,
    // Kept apart, so that no caller of another API has a token that is good here.
    project: `${project}.clients`,
    onError: report,
    ...(options.tokenLifeSeconds !== undefined && { tokenLifeSeconds: options.tokenLifeSeconds }),
  })
  const identify = createIdentifyCaller(service, { authorize, report })
  return createRouteHandler({
    routes: [
      {
        method: 'POST',
        path: '/connect/token',
        respond: ({ request }) => tokenEndpoint(withTarget(request, '/')),
      },
      ...createJwtRoutes(service, settings, identify),
      createDocumentRoute('/openapi/service.json', createServiceDocument, publicUrl),
      createDocumentRoute('/openapi/token.json', createTokenDocument, publicUrl),
      ...(cdn === null ? [] : [createCdnRoute(service, project, cdn, toPath)]),
    ],
    toPath,
    toRefusal: (error) => toI3dRefusal(error, report),
  })
}

/** i3D's base URL ends in a slash and its paths begin with one. */
function toPath(path: string): string {
  return path.replace(/^\/+(?:api(?:\/+|$))?/, '/')
}

function createDocumentRoute(
  path: string,
  createDocument: (base: string) => JsonObject,
  publicUrl: string | null,
): Route {
  return {
    method: 'GET',
    path,
    respond({ request, path: at }) {
      const base = (publicUrl ?? toMount(request, at)).replace(/\/$/, '')
      return jsonResponse(200, createDocument(base), { 'cache-control': 'public, max-age=300' })
    },
  }
}
