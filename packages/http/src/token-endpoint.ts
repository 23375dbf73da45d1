import { types } from 'node:util'
import { TokenRequestError } from '@hallpass/core'
import { type BasicCredentials, readBasic } from './authorization-header.ts'
import { TooManyAttemptsError } from './authorize.ts'
import type { VerifyCredentials } from './credential-verifier.ts'
import { STORE_RETRY_AFTER_SECONDS } from './denials.ts'
import type { Handler, HttpRequest, HttpResponse } from './handler.ts'
import { readBody } from './json-body.ts'
import { jsonResponse } from './json-response.ts'
import type { ReportError } from './report-error.ts'
import { REQUEST_ERROR_STATUS, RouteError } from './request-errors.ts'
import { parseQuery } from './request-target.ts'
import { createRouteHandler, type RoutedRequest } from './route-handler.ts'

export interface TokenEndpointOptions {
  readonly verify: VerifyCredentials
  /** The scope that a client gets; null = it may not have what it asks for. */
  toScope(clientId: string, asked: readonly string[] | null): readonly string[] | null
  issue(clientId: string, scope: readonly string[]): Promise<{ token: string; expiresInSeconds: number }>
  readonly report: ReportError
}

/** RFC 6749 section 5.2, and two for what it leaves to HTTP. */
type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  | 'too_many_attempts'
  | 'temporarily_unavailable'
  | 'server_error'

class OAuthError extends Error {
  override readonly name = 'OAuthError'
  readonly status: number
  readonly code: OAuthErrorCode
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, code: OAuthErrorCode, message: string, headers: Record<string, string> = {}) {
    super(message)
    this.status = status
    this.code = code
    this.headers = headers
  }
}

const BODY_BYTES = 8 * 1024
const FORM_TYPE = /^application\/x-www-form-urlencoded[ \t]*(?:;[ \t]*charset=(?:utf-8|"utf-8")[ \t]*)?$/i
const NOT_KEPT = { pragma: 'no-cache' }

/** Answers `POST /` at its mount: client credentials in, an access token out. @see RFC 6749 sections 4.4 and 5 */
export function createTokenEndpoint(options: TokenEndpointOptions): Handler {
  const respond = async ({ request }: RoutedRequest): Promise<HttpResponse> => {
    const form = await readForm(request)
    const name = await authenticate(options.verify, readClients(request, form))
    if (form.grant_type === undefined) throw new OAuthError(400, 'invalid_request', 'grant_type is missing')
    if (form.grant_type !== 'client_credentials') {
      throw new OAuthError(400, 'unsupported_grant_type', 'grant_type must be client_credentials')
    }
    const scope = options.toScope(name, form.scope === undefined ? null : form.scope.split(' '))
    if (scope === null) throw new OAuthError(400, 'invalid_scope', 'the client may not have this scope')
    const { token, expiresInSeconds } = await options.issue(name, scope)
    return jsonResponse(
      200,
      { access_token: token, token_type: 'Bearer', expires_in: expiresInSeconds, scope: scope.join(' ') },
      NOT_KEPT,
    )
  }
  return createRouteHandler({
    routes: [{ method: 'POST', path: '/', respond }],
    toRefusal(error) {
      const { status, code, message, headers } = toOAuthError(error, options.report)
      return jsonResponse(status, { error: code, error_description: message }, { ...NOT_KEPT, ...headers })
    },
  })
}

/** The parameters of the form, each once; empty ones count as left out (RFC 6749 section 3.2). */
async function readForm(request: HttpRequest): Promise<Readonly<Record<string, string>>> {
  const contentTypes = request.headers.get('content-type')
  if (contentTypes?.length !== 1 || !FORM_TYPE.test(contentTypes[0] ?? '')) {
    throw new OAuthError(400, 'invalid_request', 'the body must be sent as application/x-www-form-urlencoded')
  }
  const body = await readBody(request, BODY_BYTES)
  const bytes = types.isUint8Array(body) ? body : body.parsed
  const fields = types.isUint8Array(bytes) ? parseQuery(Buffer.from(bytes).toString('utf8')) : bytes
  if (typeof fields !== 'object' || fields === null)
    throw new OAuthError(400, 'invalid_request', 'there is no form')
  const form: Record<string, string> = Object.create(null)
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value !== 'string') throw new OAuthError(400, 'invalid_request', 'a parameter is given twice')
    if (value !== '') form[name] = value
  }
  return form
}

/** @returns the id of the first that has the right secret */
async function authenticate(
  verify: VerifyCredentials,
  clients: readonly BasicCredentials[],
): Promise<string> {
  for (const { name, password } of clients) if (await verify(name, password)) return name
  throw invalidClient()
}

/**
 * Id and secret from the header or from the form, never from both (RFC 6749 section 2.3). A header is read as it
 * should be, form-encoded, and where that differs also as many clients send it.
 */
function readClients(
  request: HttpRequest,
  form: Readonly<Record<string, string>>,
): readonly BasicCredentials[] {
  const { client_id: id, client_secret: secret } = form
  const authorization = request.headers.get('authorization')
  if (authorization === undefined) {
    if (id === undefined || secret === undefined) throw invalidClient()
    return [{ name: id, password: secret }]
  }
  if (secret !== undefined) {
    throw new OAuthError(400, 'invalid_request', 'the client authenticates in two ways at once')
  }
  const sent = readBasic(authorization)
  if (sent === null) throw invalidClient()
  const meant = { name: formDecode(sent.name), password: formDecode(sent.password) }
  if (id !== undefined && id !== meant.name) {
    throw new OAuthError(400, 'invalid_request', 'client_id is not the client that authenticates')
  }
  return meant.name === sent.name && meant.password === sent.password ? [meant] : [meant, sent]
}

function formDecode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

function invalidClient(): OAuthError {
  return new OAuthError(401, 'invalid_client', 'the client is not known, or its secret is wrong', {
    'www-authenticate': 'Basic realm="token endpoint", charset="UTF-8"',
  })
}

function toOAuthError(error: unknown, report: ReportError): OAuthError {
  if (error instanceof OAuthError) return error
  if (error instanceof TooManyAttemptsError) {
    return new OAuthError(429, 'too_many_attempts', error.message, {
      'retry-after': String(error.retryAfterSeconds),
    })
  }
  if (error instanceof TokenRequestError && error.code === 'store_unavailable') {
    return new OAuthError(503, 'temporarily_unavailable', error.message, {
      'retry-after': String(STORE_RETRY_AFTER_SECONDS),
    })
  }
  if (error instanceof RouteError) {
    return new OAuthError(REQUEST_ERROR_STATUS[error.code], 'invalid_request', error.message, {
      ...error.headers,
    })
  }
  report(error, 'token endpoint')
  return new OAuthError(500, 'server_error', 'something went wrong here')
}
