import type { HttpRequest } from './handler.ts'

/**
 * The request as a handler further down sees it: `target` is what its mount leaves of the path and query. The body
 * is still read at most once.
 */
export function withTarget(request: HttpRequest, target: string): HttpRequest {
  const { method, originalTarget, peer, native } = request
  return {
    method,
    target,
    originalTarget,
    peer,
    native,
    get headers() {
      return request.headers
    },
    body: (limitBytes) => request.body(limitBytes),
  }
}
