import { assertOptions, ConfigurationError, type KnownMembers, type TokenService } from '@hallpass/core'
import type { Authorize, SecuritySchemes } from './authorize.ts'
import { checkService } from './check-service.ts'
import type { Handler, HttpRequest, HttpResponse } from './handler.ts'
import { createIdentifyCaller } from './identify-caller.ts'
import { toRefusal } from './refusal.ts'
import { createReportError, type ReportError } from './report-error.ts'

export interface ManagementOptions<N = unknown> {
  /** Says who is calling. Nobody may call without it. */
  readonly authorize: Authorize<N>
  /** How the OpenAPI document describes authentication. Default: what the authorizer says of itself. */
  readonly security?: SecuritySchemes
  /** Origins, besides the host's own, whose pages may call with the browser's own credentials. */
  readonly origins?: readonly string[]
  /** Told of faults inside. Default: a process warning with the error's name, no message. */
  readonly onError?: ReportError
}

const NAMES: KnownMembers<ManagementOptions> = {
  authorize: true,
  security: true,
  origins: true,
  onError: true,
}

const BEARER: SecuritySchemes = { bearer: { type: 'http', scheme: 'bearer' } }

/**
 * The native routes as one handler: issue, list, read, change, revoke, verify, usage, keys, OpenAPI. Closed by
 * default: all but the public keys and the document ask `authorize` first. Answers everything below its mount and
 * never throws.
 * @throws ConfigurationError for options that cannot be right, at once
 */
export function managementHandler<N = unknown>(
  service: TokenService,
  options: ManagementOptions<N>,
): Handler {
  checkService(service)
  // Also where there are no options at all.
  if (typeof options?.authorize !== 'function') throw new ConfigurationError('authorize is missing')
  assertOptions(options, NAMES, 'the management routes have')
  const { authorize } = options
  const report = createReportError(options.onError)
  const identify = createIdentifyCaller(service, { ...options, report })
  const security = options.security ?? authorize.security ?? BEARER
  // The schemas of the routes take longer to load than all else together, and an application that has only guards
  // never needs them. They are on their way before the first request is.
  const loading = import('./management-api.ts')
  // Told to those who ask.
  loading.catch(() => {})
  let handler: Handler | null = null

  async function load(request: HttpRequest): Promise<HttpResponse> {
    try {
      const { createManagementApi } = await loading
      handler ??= createManagementApi({ service, identify, security, report })
    } catch (error) {
      return toRefusal(error, report)
    }
    return handler(request)
  }

  return (request) => (handler === null ? load(request) : handler(request))
}
