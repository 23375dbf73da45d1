import { ConfigurationError, type TokenService } from '@hallpass/core'
import {
  checkService,
  createReportError,
  createRouteHandler,
  type Handler,
  type HttpRequest,
  jsonResponse,
  type ReportError,
  type Route,
  RouteError,
} from '@hallpass/http'
import type { Data8Authenticate } from './data8/account.ts'
import { callMethod, type Data8Method } from './data8/business-route.ts'
import { isValidEmail } from './data8/email-validation.ts'
import { type GetJwtOptions, getJwt } from './data8/get-jwt.ts'
import { parseGetJwtRequest } from './data8/get-jwt-request.ts'
import { USER_ADMIN_OPENAPI } from './data8/openapi.ts'
import { assertSoapAction, toGetJwtMembers } from './data8/soap-request.ts'
import { soapResponse, xmlResponse } from './data8/soap-response.ts'
import { respond, writeRefusal } from './data8/status.ts'
import { parsePublicUrl, toServiceUrl, toWsdl } from './data8/wsdl.ts'
import { DIALECT_BODY_BYTES, readJson, toMembers } from './read-json.ts'
import { readText } from './read-text.ts'
import { parseXml } from './xml-reader.ts'

export type { Data8Account, Data8Authenticate, Data8Credentials } from './data8/account.ts'
export type { Data8Method } from './data8/business-route.ts'
export { DATA8_PROFILE } from './data8/profile.ts'

export interface Data8Options {
  /** Who a username and password stand for. */
  readonly authenticate: Data8Authenticate
  /** Where tokens and the accounts' pools are kept. Default `default`. */
  readonly project?: string
  /** Ask `authenticate` also about a username `apikey-…` with a blank password. Default false. */
  readonly apiKeys?: boolean
  /** Methods behind tokens, by `Service.Method`: `POST /Service/Method.json`. Besides `EmailValidation.IsValid`. */
  readonly methods?: Readonly<Record<string, Data8Method>>
  /** Where this is mounted as callers see it, for the WSDL. Default: `http://`, the Host header and the path. */
  readonly publicUrl?: string
  /** Told of faults inside. Default: a process warning with the error's name, no message. */
  readonly onError?: ReportError
}

const SOAP_PATH = '/useradmin.asmx'

/**
 * Data8's `UserAdmin.GetJWT` in JSON and SOAP 1.1, and methods that its tokens open.
 * @throws ConfigurationError
 */
export function data8(service: TokenService, options: Data8Options): Handler {
  checkService(service)
  const { authenticate, project = 'default', apiKeys = false } = options
  if (typeof authenticate !== 'function') throw new ConfigurationError('authenticate is missing')
  if (typeof project !== 'string' || project === '')
    throw new ConfigurationError('project is the name of a project')
  if (typeof apiKeys !== 'boolean') throw new ConfigurationError('apiKeys is true or false')
  const report = createReportError(options.onError)
  const getJwtOptions: GetJwtOptions = { authenticate, project, apiKeys, report }
  const publicUrl = options.publicUrl === undefined ? null : parsePublicUrl(options.publicUrl)
  const methods = Object.entries({ 'EmailValidation.IsValid': isValidEmail, ...options.methods })

  const routes: readonly Route[] = [
    {
      method: 'POST',
      path: '/useradmin/getjwt.json',
      respond: ({ request }) =>
        respond(
          async () => getJwt(service, getJwtOptions, parseGetJwtRequest(await readParameters(request))),
          jsonResponse,
          report,
        ),
    },
    {
      method: 'POST',
      path: SOAP_PATH,
      respond: ({ request }) =>
        respond(
          async () => getJwt(service, getJwtOptions, parseGetJwtRequest(await readSoapParameters(request))),
          soapResponse,
          report,
        ),
    },
    {
      method: 'GET',
      path: SOAP_PATH,
      respond({ request, query }) {
        if (!/^wsdl=?$/i.test(query)) throw new RouteError('not_found', 'the description is at ?WSDL')
        return xmlResponse(200, toWsdl(toServiceUrl(request, publicUrl)))
      },
    },
    {
      method: 'GET',
      path: '/swagger/useradmin/swagger.json',
      respond: () => jsonResponse(200, USER_ADMIN_OPENAPI),
    },
    ...methods.map(
      ([name, method]): Route => ({
        method: 'POST',
        path: toMethodPath(name, method),
        respond: ({ request }) =>
          respond(
            () => callMethod({ service, project, report }, name, method, request),
            jsonResponse,
            report,
          ),
      }),
    ),
  ]
  return createRouteHandler({
    routes,
    // The documents write them in both cases.
    toPath: (path) => path.toLowerCase(),
    toRefusal: (error, request) => writeRefusal(error, isSoap(request) ? soapResponse : jsonResponse, report),
  })
}

async function readParameters(request: HttpRequest): Promise<Readonly<Record<string, unknown>>> {
  const members = toMembers(await readJson(request))
  if (members === null) throw new RouteError('invalid_request', 'the body must be a JSON object')
  return members
}

async function readSoapParameters(request: HttpRequest): Promise<Readonly<Record<string, unknown>>> {
  assertSoapAction(request.headers.get('soapaction') ?? [])
  return toGetJwtMembers(parseXml(await readText(request, DIALECT_BODY_BYTES)))
}

function toMethodPath(name: string, method: unknown): string {
  if (/^[A-Za-z]\w{0,49}\.[A-Za-z]\w{0,49}$/.test(name) && typeof method === 'function') {
    return `/${name.toLowerCase().replace('.', '/')}.json`
  }
  throw new ConfigurationError('methods: each is a function by a name as in Service.Method')
}

function isSoap({ target }: HttpRequest): boolean {
  const [path = ''] = target.split('?', 1)
  return path.toLowerCase().replace(/\/$/, '') === SOAP_PATH
}
