import { TokenRequestError } from './request-error.ts'

const MAX_METHODS = 16

// Not imported: an import asks for everything that node:http has, and some of it loads a whole HTTP client.
const { METHODS } = process.getBuiltinModule('node:http')

/** What Node's parser knows, but for the two that open tunnels or echo credentials. */
const KNOWN: ReadonlySet<string> = new Set(
  METHODS.filter((method) => method !== 'CONNECT' && method !== 'TRACE'),
)

/**
 * 1 to 16 HTTP methods, upper-case as on the wire. Keeps the order, drops what is there already.
 *
 * @throws TokenRequestError `invalid_request` for unknown or lower-case names, CONNECT and TRACE
 */
export function parseHttpMethods(values: readonly string[], field = 'httpMethods'): readonly string[] {
  if (!Array.isArray(values) || values.length === 0 || values.length > MAX_METHODS)
    throw new TokenRequestError(
      'invalid_request',
      `${field} must be a list of 1 to ${MAX_METHODS} methods`,
      field,
    )
  for (const value of values) {
    if (typeof value !== 'string' || !KNOWN.has(value))
      throw new TokenRequestError('invalid_request', `${field} must hold upper-case HTTP methods`, field)
  }
  return [...new Set(values)]
}

/** Whether the method is among the listed, to the letter. HEAD goes with GET. */
export function allowsHttpMethod(methods: readonly string[], method: string): boolean {
  return methods.includes(method) || (method === 'HEAD' && methods.includes('GET'))
}
