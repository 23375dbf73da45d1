import type { IncomingMessage } from 'node:http'
import getRawBody from 'raw-body'
import { BodyError } from './body-error.ts'
import type { HttpRequest, ParsedBody, RequestHeaders } from './handler.ts'
import { readHeaderValues } from './raw-headers.ts'

export interface NodeRequestOptions {
  /** The raw request target below the mount. */
  readonly target: string
  /** The raw request target as it stood in the request line. */
  readonly originalTarget: string
  /** What the framework calls its request; handed to the application's own functions. */
  readonly native: unknown
  /** What the framework's body parser left (`req.body`); believed only when somebody has read the body. */
  readonly parsedBody?: unknown
}

class NodeRequest implements HttpRequest {
  readonly method: string
  readonly target: string
  readonly originalTarget: string
  readonly peer: string | undefined
  readonly native: unknown
  readonly #incoming: IncomingMessage
  readonly #parsedBody: unknown
  #headers: RequestHeaders | undefined
  #body: Promise<Uint8Array | ParsedBody> | undefined

  constructor(incoming: IncomingMessage, options: NodeRequestOptions) {
    this.method = incoming.method ?? ''
    this.target = options.target
    this.originalTarget = options.originalTarget
    this.peer = incoming.socket.remoteAddress
    this.native = options.native
    this.#incoming = incoming
    this.#parsedBody = options.parsedBody
  }

  get headers(): RequestHeaders {
    this.#headers ??= toHeaderMap(this.#incoming.rawHeaders)
    return this.#headers
  }

  body(limitBytes: number): Promise<Uint8Array | ParsedBody> {
    this.#body ??= readBody(this.#incoming, this.#parsedBody, limitBytes)
    return this.#body
  }
}

/**
 * A Node request as handlers see it. Headers are gathered when they are first asked for; the body is read when it
 * is first asked for, and the same promise is returned from then on.
 */
export function createNodeRequest(incoming: IncomingMessage, options: NodeRequestOptions): HttpRequest {
  return new NodeRequest(incoming, options)
}

function toHeaderMap(raw: readonly string[]): RequestHeaders {
  const map = new Map<string, string[]>()
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] ?? '').toLowerCase()
    const value = raw[i + 1] ?? ''
    const values = map.get(name)
    if (values === undefined) map.set(name, [value])
    else values.push(value)
  }
  return map
}

async function readBody(
  incoming: IncomingMessage,
  parsed: unknown,
  limitBytes: number,
): Promise<Uint8Array | ParsedBody> {
  // Express 4 sets `req.body = {}` although it read nothing, so the stream is asked first.
  if (incoming.readableDidRead || incoming.readableEnded) {
    if (parsed === undefined) throw new BodyError('body_unreadable')
    if (!(parsed instanceof Uint8Array)) return { parsed }
    if (parsed.byteLength > limitBytes) throw new BodyError('body_too_large')
    return parsed
  }
  if (incoming.destroyed) throw new BodyError('body_aborted')
  if (isCompressed(incoming)) {
    incoming.resume()
    throw new BodyError('body_unreadable')
  }
  return readBytes(incoming, limitBytes)
}

function readBytes(incoming: IncomingMessage, limitBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    // A stream that closes without an end or an error would otherwise never be answered. A good one closes too,
    // before the promise of its bytes is settled.
    const onClose = (): void => {
      if (!incoming.readableEnded) reject(new BodyError('body_aborted'))
    }
    incoming.once('close', onClose)
    const length = incoming.headers['content-length'] ?? null
    getRawBody(incoming, { limit: limitBytes, length }).then(
      (bytes) => {
        incoming.off('close', onClose)
        resolve(bytes)
      },
      (error: unknown) => {
        incoming.off('close', onClose)
        // What is left is thrown away, so that the next request of this connection can be read.
        incoming.on('error', ignore).resume()
        reject(toBodyError(error))
      },
    )
  })
}

function toBodyError(error: unknown): BodyError {
  const type = typeof error === 'object' && error !== null && 'type' in error ? error.type : undefined
  if (type === 'entity.too.large') return new BodyError('body_too_large')
  if (type === 'request.aborted' || type === 'request.size.invalid') return new BodyError('body_aborted')
  return new BodyError('body_unreadable')
}

function isCompressed(incoming: IncomingMessage): boolean {
  return readHeaderValues(incoming, 'content-encoding').some((value) => value.toLowerCase() !== 'identity')
}

function ignore(): void {}
