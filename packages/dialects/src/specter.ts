import { ConfigurationError, type TokenService } from '@hallpass/core'
import {
  checkService,
  createIdentifyCaller,
  createReportError,
  createRouteHandler,
  type Handler,
  type ReportError,
  readRefusal,
} from '@hallpass/http'
import { createBasicCaller, type SpecterAuthenticate } from './specter/basic-caller.ts'
import { toErrorAnswer } from './specter/error-answer.ts'
import { createTokenRoutes } from './specter/token-routes.ts'
import { createWhoamiRoute } from './specter/whoami-route.ts'

export type { SpecterAuthenticate, SpecterCredentials } from './specter/basic-caller.ts'
export { SPECTER_PROFILE } from './specter/specter-profile.ts'

export interface SpecterOptions {
  /**
   * Who has this name and password; null → 401, a TooManyAttemptsError → 429, anything else that it throws → 503.
   * A user's tokens are those of the principal's only subject, else of its id.
   */
  readonly authenticate: SpecterAuthenticate
  /** The only project that is served. Default: each caller's own (its only one, else `default`). */
  readonly project?: string
  /** Origins, besides the host's own, whose pages may call with the browser's own credentials. */
  readonly origins?: readonly string[]
  /** Told of faults inside. Default: a process warning with the error's name, no message. */
  readonly onError?: ReportError
}

/**
 * Specter's token endpoint, `/api/v1alpha/token`, and `/api/v1alpha/whoami` where its tokens are used. Expired tokens
 * stay listed and hold their description for as long as the service retains them: give it `retentionSeconds: null`.
 * @throws ConfigurationError for options that cannot be right, at once
 * @see docs/specter.md
 */
export function specter(service: TokenService, options: SpecterOptions): Handler {
  checkService(service)
  const { authenticate, project, origins } = options
  if (typeof authenticate !== 'function') throw new ConfigurationError('authenticate is missing')
  if (project !== undefined && (typeof project !== 'string' || project === '')) {
    throw new ConfigurationError('project is the name of a project')
  }
  const report = createReportError(options.onError)
  const identify = createIdentifyCaller(service, {
    authorize: createBasicCaller(authenticate),
    ...(origins !== undefined && { origins }),
    report,
  })
  return createRouteHandler({
    routes: [...createTokenRoutes(service, identify, project), createWhoamiRoute(service, project)],
    toRefusal: (error) => toErrorAnswer(readRefusal(error, report, 'specter')),
  })
}
