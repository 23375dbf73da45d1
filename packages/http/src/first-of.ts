import { AccessDeniedError, type Principal } from '@hallpass/core'
import type { Authorize, ManagementCall } from './authorize.ts'

/**
 * Asks authorizers in turn: the first principal counts. One that throws ends it, except for a token that is of
 * another authorizer's kind.
 */
export function firstOf<N>(...authorizers: readonly Authorize<N>[]): Authorize<N> {
  const asked = [...authorizers]
  const authorize = async (call: ManagementCall<N>): Promise<Principal | null> => {
    let refusal: AccessDeniedError | null = null
    for (const each of asked) {
      try {
        const principal = await each(call)
        if (principal !== null) return principal
      } catch (error) {
        if (!(error instanceof AccessDeniedError) || error.code !== 'token_type_denied') throw error
        refusal ??= error
      }
    }
    if (refusal !== null) throw refusal
    return null
  }
  const challenges = new Set(asked.map((each) => each.challenge ?? 'Bearer'))
  return Object.assign(authorize, {
    challenge: [...challenges].join(', '),
    security: Object.assign({}, ...asked.map((each) => each.security)),
  })
}
