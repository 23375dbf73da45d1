import type { Action, Principal, TokenService } from '@hallpass/core'
import type * as z from 'zod'
import type { Awaitable, HttpRequest, HttpResponse } from './handler.ts'
import { hasBody, readJsonBody } from './json-body.ts'
import { jsonResponse } from './json-response.ts'
import { parseInput } from './parse-input.ts'
import type { HttpErrorCode } from './request-errors.ts'
import { parseQuery } from './request-target.ts'
import { nothing } from './schemas.ts'

/** One call of a route, once it is known which one and who asks. */
export interface RouteCall {
  readonly service: TokenService
  readonly request: HttpRequest
  /** Raw, without `?`. */
  readonly query: string
  /** The `:id` of the path; empty where the path has none. */
  readonly id: string
  /** The OpenAPI document of this mount, as text. */
  openApi(): string
}

/** What a route is, for the router and for the OpenAPI document. */
export interface ManagementRoute {
  /** `operationId`. */
  readonly name: string
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** As the router reads it: `/:id`. */
  readonly path: string
  /** Null = public. */
  readonly action: Action | null
  readonly summary: string
  readonly query: z.ZodType
  /** Null = the route takes none. */
  readonly body: z.ZodType | null
  readonly takesIdempotencyKey: boolean
  readonly status: number
  /** Name of the answer's schema in the OpenAPI document. */
  readonly answer: string
  /** Refusals beyond those of every route. */
  readonly errors: readonly HttpErrorCode[]
  /** @throws RouteError, TokenRequestError */
  respond(call: RouteCall, principal: Principal | null): Promise<HttpResponse>
}

interface RouteBase<Q> {
  readonly name: string
  readonly path: string
  readonly summary: string
  readonly query: z.ZodType<Q>
  readonly status: number
  readonly answer: string
  readonly errors: readonly HttpErrorCode[]
}

export interface RouteWithBody<Q, B> extends RouteBase<Q> {
  readonly method: 'POST' | 'PATCH'
  readonly action: Action
  readonly body: z.ZodType<B>
  readonly takesIdempotencyKey?: boolean
  /** @returns the answer, to be written as JSON */
  run(call: RouteCall, principal: Principal, query: Q, body: B): Awaitable<unknown>
}

/** A route that reads a JSON body. */
export function routeWithBody<Q, B>(spec: RouteWithBody<Q, B>): ManagementRoute {
  return {
    ...spec,
    takesIdempotencyKey: spec.takesIdempotencyKey ?? false,
    async respond(call, principal) {
      const query = readQuery(spec.query, call.query)
      const body = parseInput(spec.body, await readJsonBody(call.request), 'body')
      return jsonResponse(spec.status, await spec.run(call, requirePrincipal(principal), query, body))
    },
  }
}

export interface RouteWithoutBody<Q> extends RouteBase<Q> {
  readonly method: 'GET' | 'DELETE'
  readonly action: Action
  /** @returns the answer, to be written as JSON */
  run(call: RouteCall, principal: Principal, query: Q): Awaitable<unknown>
}

/** A route that needs no body. A DELETE may carry an empty JSON object. */
export function routeWithoutBody<Q>(spec: RouteWithoutBody<Q>): ManagementRoute {
  return {
    ...spec,
    body: null,
    takesIdempotencyKey: false,
    async respond(call, principal) {
      const query = readQuery(spec.query, call.query)
      if (spec.method === 'DELETE' && hasBody(call.request.headers)) {
        parseInput(nothing, await readJsonBody(call.request), 'body')
      }
      return jsonResponse(spec.status, await spec.run(call, requirePrincipal(principal), query))
    },
  }
}

export interface PublicRoute extends Omit<RouteBase<object>, 'status' | 'query' | 'errors'> {
  readonly errors?: readonly HttpErrorCode[]
  readonly maxAgeSeconds: number
  readonly contentType: string
  /** @returns the body */
  run(call: RouteCall): Awaitable<string>
}

/** A route for everybody, whose answer may be kept for a while. */
export function publicRoute({
  maxAgeSeconds,
  contentType,
  run,
  errors = [],
  ...spec
}: PublicRoute): ManagementRoute {
  const headers = {
    'content-type': contentType,
    'cache-control': `public, max-age=${maxAgeSeconds}`,
    'x-content-type-options': 'nosniff',
  }
  return {
    ...spec,
    method: 'GET',
    action: null,
    query: nothing,
    body: null,
    takesIdempotencyKey: false,
    status: 200,
    errors,
    async respond(call) {
      readQuery(nothing, call.query)
      return { status: 200, headers, body: await run(call) }
    },
  }
}

function readQuery<Q>(schema: z.ZodType<Q>, query: string): Q {
  return parseInput(schema, parseQuery(query), 'query')
}

/** The router authorizes every route that has an action before it calls it. */
function requirePrincipal(principal: Principal | null): Principal {
  if (principal === null) throw new Error('a route was called without a principal')
  return principal
}
