import type { JsonObject } from '@hallpass/core'
import type { SecuritySchemes } from './authorize.ts'
import type { ManagementRoute } from './management-route.ts'
import { toOpenApi } from './openapi.ts'

/** The OpenAPI document as text, by the path that the routes are mounted at. Made when it is first asked for. */
export function createOpenApiText(
  routes: readonly ManagementRoute[],
  security: SecuritySchemes,
): (mount: string) => string {
  let document: JsonObject | undefined
  return (mount) => {
    document ??= toOpenApi(routes, security)
    return JSON.stringify({ ...document, servers: [{ url: mount }] })
  }
}
