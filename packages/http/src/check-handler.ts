import { ConfigurationError } from '@hallpass/core'
import type { Handler } from './handler.ts'

/** Refuses what cannot be mounted, at once. @throws ConfigurationError */
export function checkHandler(handler: Handler): void {
  if (typeof handler !== 'function') throw new ConfigurationError('the handler is missing, or is no function')
}
