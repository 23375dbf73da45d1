import { ConfigurationError, type TokenService } from '@hallpass/core'
import {
  checkService,
  createIdentifyCaller,
  createReportError,
  createRouteHandler,
  type Handler,
  type ReportError,
} from '@hallpass/http'
import { createCallerAuthorizer, type ServiceStackAuthenticate } from './servicestack/caller.ts'
import { createJwtRoutes } from './servicestack/create-jwt-routes.ts'
import { createHelloRoutes } from './servicestack/hello-routes.ts'
import { NO_OPERATION, toRefusalAnswer } from './servicestack/refusal-answer.ts'
import { readResponseFormat } from './servicestack/response-format.ts'

export type {
  ServiceStackAuthenticate,
  ServiceStackCredentials,
  ServiceStackPrincipal,
} from './servicestack/caller.ts'
export { CREATE_JWT_PERMISSION } from './servicestack/caller.ts'
export { hasPermission, hasRole, SERVICESTACK_PROFILE } from './servicestack/servicestack-profile.ts'

export interface ServiceStackOptions {
  /**
   * Who has this name and password, and which roles and permissions they may grant; null → 401, a
   * TooManyAttemptsError → 429, anything else that it throws → 503. `UserAuthId` must be among the principal's
   * subjects; left out, it is the only one, else the principal's id.
   */
  readonly authenticate: ServiceStackAuthenticate
  /** The only project that is served. Default: each caller's own (its only one, else `default`). */
  readonly project?: string
  /** Accept a `JwtExpiry` that is over already: the API's own clients make such tokens for tests. Default true. */
  readonly allowExpired?: boolean
  /** Life of a token without a `JwtExpiry`, in days. Default 14. */
  readonly lifeDays?: number
  /** Serves `/hello` to tokens with this role, which shows them in use. Default: there is no such route. */
  readonly hello?: { readonly role: string }
  /** Origins, besides the host's own, whose pages may call with the browser's own credentials. */
  readonly origins?: readonly string[]
  /** Told of faults inside. Default: a process warning with the error's name, no message. */
  readonly onError?: ReportError
}

const MAX_LIFE_DAYS = 36_500

/**
 * ServiceStack's CreateJwt: `/jwt`, `/json|xml|jsv|csv/reply/CreateJwt`, `/api/CreateJwt` and its batches, with every
 * verb, in JSON, XML, JSV and CSV.
 * @throws ConfigurationError for options that cannot be right, at once
 * @see docs/servicestack.md
 */
export function servicestack(service: TokenService, options: ServiceStackOptions): Handler {
  checkService(service)
  const { authenticate, project, allowExpired = true, lifeDays = 14, hello, origins } = options
  if (typeof authenticate !== 'function') throw new ConfigurationError('authenticate is missing')
  if (project !== undefined && (typeof project !== 'string' || project === '')) {
    throw new ConfigurationError('project is the name of a project')
  }
  if (typeof allowExpired !== 'boolean') throw new ConfigurationError('allowExpired is true or false')
  if (typeof lifeDays !== 'number' || !(lifeDays > 0 && lifeDays <= MAX_LIFE_DAYS)) {
    throw new ConfigurationError(`lifeDays is a number of days up to ${MAX_LIFE_DAYS}`)
  }
  if (hello !== undefined && (typeof hello.role !== 'string' || hello.role === '')) {
    throw new ConfigurationError('hello.role is the name of a role')
  }
  const report = createReportError(options.onError)
  const identify = createIdentifyCaller(service, {
    authorize: createCallerAuthorizer(service, authenticate),
    ...(origins !== undefined && { origins }),
    report,
  })
  const rules = { project, allowExpired, lifeSeconds: lifeDays * 86_400 }
  return createRouteHandler({
    routes: [
      ...createJwtRoutes(service, identify, rules, report),
      ...(hello === undefined ? [] : createHelloRoutes(service, { project, role: hello.role }, report)),
    ],
    // Paths are read in any case; brackets may be escaped, as some clients do.
    toPath: (path) => path.replaceAll(/%5b/gi, '[').replaceAll(/%5d/gi, ']').toLowerCase(),
    toRefusal: (error, request) => toRefusalAnswer(error, readResponseFormat(request), NO_OPERATION, report),
  })
}
