import type { IncomingMessage, ServerResponse } from 'node:http'
import { type HttpResponse, writeResponse } from '@hallpass/http/guard'

/** The parts of Express's response and Fastify's reply that are the same in both. */
export interface HeaderTaker {
  header(name: string, value: string): unknown
}

interface FastifyReply extends HeaderTaker {
  readonly raw: ServerResponse
  code(status: number): unknown
  send(body?: string | Uint8Array): unknown
}

/** Express's `res` or Fastify's `reply`. */
export type NativeResponse = (ServerResponse & HeaderTaker) | FastifyReply

/** What Express's `req` and Fastify's `request` say of the route that was found. */
export interface RoutedRequest {
  /** Express. */
  readonly route?: { readonly path?: unknown }
  /** Fastify. */
  readonly routeOptions?: { readonly url?: unknown }
  readonly body?: unknown
  /** Both, with Nest's `rawBody: true`. */
  readonly rawBody?: unknown
}

/** The Node request inside of a request of Express or Fastify; null for anything else. */
export function toIncoming(request: unknown): IncomingMessage | null {
  if (isIncoming(request)) return request
  if (typeof request === 'object' && request !== null && 'raw' in request && isIncoming(request.raw))
    return request.raw
  return null
}

// By its shape: `app.inject()` of Fastify and HTTP/2 have classes of their own.
function isIncoming(value: unknown): value is IncomingMessage {
  return (
    typeof value === 'object' &&
    value !== null &&
    'rawHeaders' in value &&
    Array.isArray(value.rawHeaders) &&
    'url' in value &&
    typeof value.url === 'string' &&
    'socket' in value
  )
}

/** The raw target as it stood in the request line, whatever routers and rewriting have made of `url`. */
export function readOriginalTarget(incoming: IncomingMessage): string {
  if ('originalUrl' in incoming && typeof incoming.originalUrl === 'string') return incoming.originalUrl
  return incoming.url ?? ''
}

/** The pattern of the route that was found, `/api/tokens/*` or `/api/tokens/{*path}`. */
export function readRoutePath(request: RoutedRequest): string {
  const path = request.routeOptions?.url ?? request.route?.path
  return typeof path === 'string' ? path : ''
}

/** What a body parser of the framework has left: bytes where the app keeps them. */
export function readParsedBody(request: RoutedRequest): unknown {
  return request.rawBody ?? request.body
}

/** Sends a response through Express or Fastify. Headers that hooks and middleware have set are kept. */
export function sendResponse(response: HttpResponse, to: NativeResponse, method: string): void {
  if (!('raw' in to)) {
    writeResponse(response, to, method)
    return
  }
  if (to.raw.headersSent || to.raw.destroyed) return
  to.code(response.status)
  setHeaders(response.headers, to)
  if (response.body === null) to.send()
  else to.send(response.body)
}

/** Sets headers on the response of an HTTP context, for whoever answers. */
export function setHeaders(headers: Readonly<Record<string, string>>, to: HeaderTaker): void {
  for (const [name, value] of Object.entries(headers)) to.header(name, value)
}
