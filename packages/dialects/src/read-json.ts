import { types } from 'node:util'
import { parseUniqueJson } from '@hallpass/core'
import { type HttpRequest, RouteError, readBody } from '@hallpass/http'

/** The largest body that a dialect reads. */
export const DIALECT_BODY_BYTES: number = 64 * 1024

/**
 * The JSON value in a body, whatever its Content-Type says; one that the framework has parsed is taken as it is.
 * @throws RouteError `body_too_large`, `body_aborted`, `body_unreadable`, or `invalid_request` for what is not JSON
 */
export async function readJson(request: HttpRequest): Promise<unknown> {
  const body = await readBody(request, DIALECT_BODY_BYTES)
  const bytes = types.isUint8Array(body) ? body : body.parsed
  // A text parser (`express.text()`) leaves a string.
  const text = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
  if (!types.isUint8Array(text)) return text
  const value = parseUniqueJson(text)
  if (value === undefined) throw new RouteError('invalid_request', 'the body is not JSON')
  return value
}

/** The members of a JSON object; null for any other value. */
export function toMembers(value: unknown): Readonly<Record<string, unknown>> | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  return Object.assign(Object.create(null), value)
}
