import type { Awaitable } from '@hallpass/core'

export type { Awaitable } from '@hallpass/core'

/** A body that the framework has parsed already. */
export interface ParsedBody {
  readonly parsed: unknown
}

/** A request as every host hands it over: nothing decoded, nothing normalised. */
export interface HttpRequest {
  /** As sent: upper-case for every method we know. */
  readonly method: string
  /** The raw request target below the mount: begins with `/`, or is only a query. */
  readonly target: string
  /** The raw request target as it stood in the request line. */
  readonly originalTarget: string
  /** Lower-case name → all its values, in order, one entry for each header line. */
  readonly headers: RequestHeaders
  /** The socket's remote address. Handlers ask `service.clientAddress`, which knows the trusted proxies. */
  readonly peer: string | undefined
  /**
   * The body, read at most once by anybody: bytes, or what the framework's parser made of it. Asked again, it gives the
   * same.
   * @throws BodyError `body_too_large`, `body_aborted`, `body_unreadable`
   */
  body(limitBytes: number): Promise<Uint8Array | ParsedBody>
  /** Express `Request`, Koa `Context`, Nest's request: for the application's own functions only. */
  readonly native: unknown
}

export type RequestHeaders = ReadonlyMap<string, readonly string[]>

export interface HttpResponse {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | null
}

/** One thing that answers requests, in any host. Answers everything below its mount and never throws. */
export type Handler = (request: HttpRequest) => Awaitable<HttpResponse>
