import type { ServerResponse } from 'node:http'
import type { HttpResponse } from './handler.ts'

/**
 * Sends a response. Headers that middleware has set before are kept; ours win. HEAD gets the headers of the body
 * and no body. Does nothing when an answer has begun or the client is gone.
 */
export function writeResponse(response: HttpResponse, to: ServerResponse, method: string): void {
  if (to.headersSent || to.writableEnded || to.destroyed) return
  const { status, headers, body } = response
  if (status === 204 || status === 304) {
    to.writeHead(status, headers)
    to.end()
    return
  }
  const length = body === null ? 0 : typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength
  to.writeHead(status, { ...headers, 'content-length': length })
  if (method === 'HEAD' || body === null) to.end()
  else to.end(body)
}
