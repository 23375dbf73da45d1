import { type HttpRequest, RouteError, requireJsonType } from '@hallpass/http'
import { readJson, toMembers } from '../read-json.ts'

/** What a caller asks for, of the right types; whether the values will do is for the service to say. */
export interface JwtRequest {
  readonly exp?: number
  readonly file?: string
  readonly ip?: string
  readonly nbf?: number
}

const FIELDS: ReadonlySet<string> = new Set(['exp', 'file', 'ip', 'nbf'])

/**
 * The body of a request for a token. A field that is not known is refused: a limit that is misspelt would limit
 * nothing.
 * @throws RouteError
 */
export async function readJwtRequest(request: HttpRequest): Promise<JwtRequest> {
  requireJsonType(request.headers)
  const members = toMembers(await readJson(request))
  if (members === null) throw new RouteError('invalid_request', 'the body must be a JSON object')
  if (Object.keys(members).some((name) => !FIELDS.has(name))) {
    throw new RouteError('invalid_request', 'the body may hold exp, file, ip and nbf')
  }
  const { exp, file, ip, nbf } = members
  return {
    ...(exp !== undefined && { exp: parseSeconds(exp, 'exp') }),
    ...(file !== undefined && { file: parseText(file, 'file') }),
    ...(ip !== undefined && { ip: parseText(ip, 'ip') }),
    ...(nbf !== undefined && { nbf: parseSeconds(nbf, 'nbf') }),
  }
}

function parseSeconds(value: unknown, field: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value
  throw new RouteError('invalid_request', `${field} must be a whole number of seconds since 1970`)
}

function parseText(value: unknown, field: string): string {
  if (typeof value === 'string') return value
  throw new RouteError('invalid_request', `${field} must be a string`)
}
