import { AccessDeniedError, ConfigurationError, type Principal, TokenRequestError } from '@hallpass/core'
import { type Authorize, isPrincipal, type ManagementCall, TooManyAttemptsError } from './authorize.ts'
import type { ReportError } from './report-error.ts'
import { RouteError } from './request-errors.ts'

/**
 * The principal of a call; null = nobody. An authorizer that fails, or answers with something else, lets nobody in.
 * @throws AccessDeniedError, TooManyAttemptsError as the authorizer throws them
 * @throws RouteError `authorization_unavailable`
 */
export async function askAuthorizer<N>(
  authorize: Authorize<N>,
  call: ManagementCall<N>,
  report: ReportError,
): Promise<Principal | null> {
  let principal: Principal | null | undefined
  try {
    principal = await authorize(call)
  } catch (error) {
    if (isAnswer(error)) throw error
    throw unavailable(error, report)
  }
  if (principal === null || principal === undefined) return null
  if (isPrincipal(principal)) return principal
  throw unavailable(new ConfigurationError('authorize must return a principal or null'), report)
}

/** What an authorizer may throw to say more than no. */
function isAnswer(error: unknown): boolean {
  if (error instanceof AccessDeniedError || error instanceof TooManyAttemptsError) return true
  return error instanceof TokenRequestError && error.code === 'store_unavailable'
}

function unavailable(error: unknown, report: ReportError): RouteError {
  report(error, 'authorize')
  return new RouteError('authorization_unavailable', 'it cannot be found out who you are; try again later')
}
