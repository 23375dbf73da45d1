import { ConfigurationError, type TokenService } from '@hallpass/core'

/**
 * Refuses what is no service at once, and not with the first request.
 * @throws ConfigurationError
 */
export function checkService(service: TokenService): void {
  const given: unknown = service
  if (typeof given === 'object' && given !== null) {
    if ('authorize' in given && typeof given.authorize === 'function') return
    if ('then' in given) {
      throw new ConfigurationError(
        'the service is a promise: it must be awaited, `await createTokenService(…)`',
      )
    }
  }
  throw new ConfigurationError('the service is missing, or is none')
}
