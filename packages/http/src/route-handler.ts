import { addRoute, createRouter, findRoute } from 'rou3'
import type { Awaitable, Handler, HttpRequest, HttpResponse } from './handler.ts'
import { RouteError } from './request-errors.ts'
import { parseRequestTarget } from './request-target.ts'

/** What a route's function gets. */
export interface RoutedRequest {
  readonly request: HttpRequest
  /** The named parts of the path, raw. */
  readonly params: Readonly<Record<string, string>>
  /** Below the mount; raw. */
  readonly path: string
  /** Raw, without `?`. */
  readonly query: string
}

export interface Route {
  /** Upper-case. A GET route answers HEAD as well. */
  readonly method: string
  /** As the router reads it: `/token/:id`, `/files/**:rest`. With and without a slash at the end. */
  readonly path: string
  /** May throw: `toRefusal` makes the answer. */
  respond(call: RoutedRequest): Awaitable<HttpResponse>
}

export interface RouteHandlerOptions {
  readonly routes: readonly Route[]
  /**
   * The answer to whatever was thrown: by a route, or as a RouteError `not_found`, `method_not_allowed` (its headers
   * hold `allow`) or `invalid_request` (a hostile target). Must not throw.
   */
  toRefusal(error: unknown, request: HttpRequest): HttpResponse
  /** Changes the path below the mount before it is looked up. */
  toPath?(path: string): string
}

/** The routes of one path, by method. */
interface Resource {
  readonly byMethod: ReadonlyMap<string, Route>
  readonly allow: string
}

/**
 * Routes as one handler: answers everything below its mount, HEAD like GET, OPTIONS with `Allow`, and what is not
 * there or not allowed by `toRefusal`. Never throws.
 */
export function createRouteHandler(options: RouteHandlerOptions): Handler {
  const { toRefusal, toPath = (path) => path } = options
  const router = createRouter<Resource>()
  for (const [path, resource] of toResources(options.routes)) addRoute(router, '', path, resource)

  const answer = (request: HttpRequest): Awaitable<HttpResponse> => {
    const { path, query } = parseRequestTarget(request)
    const found = findRoute(router, '', toPath(path))
    if (found === undefined) throw new RouteError('not_found', 'there is nothing here')
    const { byMethod, allow } = found.data
    const route = byMethod.get(request.method)
    if (route !== undefined) return route.respond({ request, params: found.params ?? {}, path, query })
    if (request.method === 'OPTIONS') return { status: 204, headers: { allow }, body: null }
    throw new RouteError('method_not_allowed', 'this method is not allowed here', { headers: { allow } })
  }

  return async (request) => {
    try {
      return await answer(request)
    } catch (error) {
      return toRefusal(error, request)
    }
  }
}

function toResources(routes: readonly Route[]): ReadonlyMap<string, Resource> {
  const byPath = new Map<string, Map<string, Route>>()
  for (const route of routes) {
    const methods = byPath.get(route.path) ?? new Map<string, Route>()
    methods.set(route.method, route)
    if (route.method === 'GET' && !methods.has('HEAD')) methods.set('HEAD', route)
    byPath.set(route.path, methods)
  }
  return new Map(
    [...byPath].map(([path, byMethod]) => {
      const allow = [...new Set([...byMethod.keys(), 'OPTIONS'])].join(', ')
      return [path, { byMethod, allow }]
    }),
  )
}
