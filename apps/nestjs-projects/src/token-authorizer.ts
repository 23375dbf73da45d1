import type { Authorize } from '@hallpass/http'
import { CHALLENGE } from './account-guard.ts'
import type { Accounts } from './accounts.ts'
import type { Directory } from './directory.ts'
import { toPrincipal } from './principal.ts'

/** Opens the token routes to the accounts. */
export function createTokenAuthorizer(accounts: Accounts, directory: Directory): Authorize {
  const authorize: Authorize = async (call) => {
    const account = await accounts.identify(call.header('authorization'))
    return account === null ? null : toPrincipal(account, call.action, directory)
  }
  return Object.assign(authorize, {
    challenge: CHALLENGE,
    security: { basic: { type: 'http', scheme: 'basic' } },
  } as const)
}
