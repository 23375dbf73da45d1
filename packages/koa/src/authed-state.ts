import type { Auth } from '@hallpass/http/guard'

/**
 * What `requireToken` adds to `ctx.state`: the verified token under `Key`. Null only behind an optional guard, where
 * no token came.
 */
export type AuthedState<Key extends string = 'auth', Optional extends boolean = false> = {
  [Name in Key]: Optional extends true ? Auth | null : Auth
}
