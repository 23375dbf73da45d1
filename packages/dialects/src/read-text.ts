import { types } from 'node:util'
import { type HttpRequest, RouteError, readBody } from '@hallpass/http'

/**
 * A body as text, whatever its Content-Type says; a text that the framework's parser made is taken as it is.
 * @throws RouteError `body_too_large`, `body_aborted`, `body_unreadable`, or `invalid_request` for what is not UTF-8
 */
export async function readText(request: HttpRequest, limitBytes: number): Promise<string> {
  const body = await readBody(request, limitBytes)
  const read = types.isUint8Array(body) ? body : body.parsed
  if (typeof read === 'string') return read
  if (!types.isUint8Array(read)) throw new RouteError('invalid_request', 'the body is not a text')
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(read)
  } catch {
    throw new RouteError('invalid_request', 'the body is not in UTF-8')
  }
}
