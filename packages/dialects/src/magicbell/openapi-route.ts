import { jsonResponse, type Route, toMount } from '@hallpass/http'
import { OPENAPI } from './openapi.ts'

const PATH = '/v2/openapi.json'

/** The OpenAPI document of these routes, for everybody; its server is the mount that was asked. */
export function createOpenApiRoute(baseUrl: string | null): Route {
  return {
    method: 'GET',
    path: PATH,
    respond({ request, path }) {
      const mount = toMount(request, path)
      const url = baseUrl ?? `${mount === '/' ? '' : mount}/v2`
      return jsonResponse(200, { ...OPENAPI, servers: [{ url }] }, { 'cache-control': 'public, max-age=300' })
    },
  }
}
