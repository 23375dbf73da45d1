import type { HttpRequest, ParsedBody, RequestHeaders } from './handler.ts'

class RetargetedRequest implements HttpRequest {
  readonly method: string
  readonly target: string
  readonly originalTarget: string
  readonly peer: string | undefined
  readonly native: unknown
  readonly #request: HttpRequest

  constructor(request: HttpRequest, target: string) {
    this.method = request.method
    this.target = target
    this.originalTarget = request.originalTarget
    this.peer = request.peer
    this.native = request.native
    this.#request = request
  }

  get headers(): RequestHeaders {
    return this.#request.headers
  }

  body(limitBytes: number): Promise<Uint8Array | ParsedBody> {
    return this.#request.body(limitBytes)
  }
}

/**
 * The request as a handler further down sees it: `target` is what its mount leaves of the path and query. The body
 * is still read at most once.
 */
export function withTarget(request: HttpRequest, target: string): HttpRequest {
  return new RetargetedRequest(request, target)
}
