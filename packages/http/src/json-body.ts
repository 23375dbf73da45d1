import { types } from 'node:util'
import { isNativeError } from 'node:util/types'
import { parseUniqueJson } from '@hallpass/core'
import type { HttpRequest, ParsedBody, RequestHeaders } from './handler.ts'
import { RouteError } from './request-errors.ts'

/** The largest body that a management route reads. */
export const MANAGEMENT_BODY_BYTES: number = 64 * 1024

const JSON_TYPE = /^application\/json[ \t]*(?:;[ \t]*charset=(?:utf-8|"utf-8")[ \t]*)?$/i

/**
 * The JSON value in a request's body; one that the framework has parsed already is taken as it is.
 * @throws RouteError `unsupported_media_type`, `body_too_large`, `body_aborted`, `body_unreadable`, or
 * `invalid_request` for what is not JSON, or is JSON with a duplicate member
 */
export async function readJsonBody(request: HttpRequest): Promise<unknown> {
  requireJsonType(request.headers)
  const body = await readBody(request, MANAGEMENT_BODY_BYTES)
  const bytes = types.isUint8Array(body) ? body : body.parsed
  if (!types.isUint8Array(bytes)) return bytes
  const value = parseUniqueJson(bytes)
  if (value === undefined) {
    throw new RouteError('invalid_request', 'the body is not JSON in UTF-8 with each member given once')
  }
  return value
}

/** @throws RouteError `unsupported_media_type` unless the one content type is JSON in UTF-8 */
export function requireJsonType(headers: RequestHeaders): void {
  const types = headers.get('content-type')
  if (types?.length === 1 && types[0] !== undefined && JSON_TYPE.test(types[0])) return
  throw new RouteError('unsupported_media_type', 'the body must be sent as application/json')
}

/** Whether the request says that it has a body. */
export function hasBody(headers: RequestHeaders): boolean {
  if (headers.has('transfer-encoding')) return true
  const lengths = headers.get('content-length')
  return lengths?.some((length) => length !== '0') ?? false
}

/**
 * Waits until all of a body has come, or cannot come: reading it again gives the same. Asked before it is found out who
 * calls, because a client may take minutes to send a body and be removed meanwhile.
 */
export async function waitForBody(request: HttpRequest, limitBytes: number): Promise<void> {
  try {
    await request.body(limitBytes)
  } catch {
    // Whoever may call is told when the body is read.
  }
}

/** A request's body. @throws RouteError `body_too_large`, `body_aborted`, `body_unreadable` */
export async function readBody(request: HttpRequest, limitBytes: number): Promise<Uint8Array | ParsedBody> {
  try {
    return await request.body(limitBytes)
  } catch (error) {
    const code = isNativeError(error) && 'code' in error ? error.code : null
    if (code === 'body_too_large') {
      throw new RouteError('body_too_large', `the body is larger than ${limitBytes} bytes`)
    }
    if (code === 'body_aborted') throw new RouteError('body_aborted', 'the body ended too early')
    if (code === 'body_unreadable') throw new RouteError('body_unreadable', 'the body cannot be read')
    throw error
  }
}
