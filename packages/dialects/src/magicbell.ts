import { ConfigurationError, type TokenService } from '@hallpass/core'
import {
  checkService,
  createReportError,
  createRouteHandler,
  type Handler,
  type ReportError,
  type Route,
  readRefusal,
} from '@hallpass/http'
import { toErrorAnswer, toRouteErrorAnswer } from './magicbell/error-answer.ts'
import { createMeRoute } from './magicbell/me-route.ts'
import { createOpenApiRoute } from './magicbell/openapi-route.ts'
import { createTokenRoutes } from './magicbell/token-routes.ts'

export { createProjectToken, type ProjectTokenOptions } from './magicbell/create-project-token.ts'
export { MAGICBELL_PROJECT_PROFILE, MAGICBELL_USER_PROFILE } from './magicbell/profiles.ts'
export type * as MagicBellWire from './magicbell/wire.ts'

export interface MagicBellOptions {
  /** The only project whose tokens are accepted. Default: any, each token for its own. */
  readonly project?: string
  /**
   * Life in seconds of tokens whose call names no `expiry`. Default: they never expire, as the API documents it; a
   * service with `limits.maxLifeSeconds` then refuses such calls.
   */
  readonly defaultExpirySeconds?: number
  /** Where clients find the API, `https://tokens.example/magicbell/v2`: makes links absolute. Default: paths. */
  readonly baseUrl?: string
  /** Told of faults inside. Default: a process warning with the error's name, no message. */
  readonly onError?: ReportError
}

/**
 * MagicBell's JwtService, `/v2/jwt/…`, for project tokens, and `/v2/me` for the user tokens that it hands out. The
 * first project token comes from `createProjectToken`.
 * @throws ConfigurationError for options that cannot be right, at once
 * @see docs/magicbell.md
 */
export function magicbell(service: TokenService, options: MagicBellOptions = {}): Handler {
  checkService(service)
  const { project = null, defaultExpirySeconds = null, baseUrl = null } = options
  if (project !== null && (typeof project !== 'string' || project === '')) {
    throw new ConfigurationError('project is the name of a project')
  }
  if (
    defaultExpirySeconds !== null &&
    !(Number.isSafeInteger(defaultExpirySeconds) && defaultExpirySeconds > 0)
  ) {
    throw new ConfigurationError('defaultExpirySeconds must be a whole number, at least 1')
  }
  if (baseUrl !== null && !/^https?:\/\/[^?#\s]+[^?#\s/]$/.test(baseUrl)) {
    throw new ConfigurationError('baseUrl must be written as https://host/path, without a slash at its end')
  }
  const report = createReportError(options.onError)
  const routes: readonly Route[] = [
    ...createTokenRoutes(service, { project, defaultExpirySeconds, baseUrl }),
    createMeRoute(service, project),
    createOpenApiRoute(baseUrl),
  ]
  return createRouteHandler({
    routes: routes.map((route) => ({
      ...route,
      async respond(call) {
        try {
          return await route.respond(call)
        } catch (error) {
          return toRouteErrorAnswer(readRefusal(error, report, 'magicbell'))
        }
      },
    })),
    toRefusal: (error) => toErrorAnswer(readRefusal(error, report, 'magicbell')),
  })
}
