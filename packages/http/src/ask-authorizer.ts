import { AccessDeniedError, ConfigurationError, type Principal, TokenRequestError } from '@hallpass/core'
import { type Authorize, isPrincipal, type ManagementCall, TooManyAttemptsError } from './authorize.ts'
import type { Awaitable } from './handler.ts'
import type { ReportError } from './report-error.ts'
import { RouteError } from './request-errors.ts'

/**
 * The principal of a call; null = nobody.
 * @throws what `askPrincipal` throws
 */
export function askAuthorizer<N>(
  authorize: Authorize<N>,
  call: ManagementCall<N>,
  report: ReportError,
): Promise<Principal | null> {
  return askPrincipal(() => authorize(call), report)
}

/**
 * What a function of the application says of who is calling; null = nobody. One that fails, or answers with something
 * that is no principal in full, lets nobody in.
 * @throws AccessDeniedError, TooManyAttemptsError, and TokenRequestError `store_unavailable`, as it throws them
 * @throws RouteError `authorization_unavailable`
 */
export async function askPrincipal<P extends Principal>(
  ask: () => Awaitable<P | null | undefined>,
  report: ReportError,
): Promise<P | null> {
  let principal: P | null | undefined
  try {
    principal = await ask()
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
