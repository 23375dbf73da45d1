import type { Principal } from '@hallpass/core'
import { type Authorize, type Awaitable, readBasic } from '@hallpass/http'

/** What HTTP Basic carries, in UTF-8. */
export interface SpecterCredentials {
  readonly username: string
  readonly password: string
}

/** Who has these credentials; null = nobody. */
export type SpecterAuthenticate = (credentials: SpecterCredentials) => Awaitable<Principal | null>

/** Asks `authenticate` about the credentials of a request; about one without them, nobody. */
export function createBasicCaller(authenticate: SpecterAuthenticate): Authorize {
  const authorize: Authorize = (call) => {
    const credentials = readBasic(call.header('authorization'))
    return credentials && authenticate({ username: credentials.name, password: credentials.password })
  }
  return Object.assign(authorize, { challenge: 'Basic realm="specter", charset="UTF-8"' })
}
