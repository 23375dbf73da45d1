import { assertOptions, ConfigurationError, type KnownMembers, type Principal } from '@hallpass/core'
import { readBasic } from './authorization-header.ts'
import { type Authorize, isPrincipal, type ManagementCall } from './authorize.ts'
import { checkSecret, createCredentialVerifier, type Secret } from './credential-verifier.ts'

export interface BasicAuthOptions {
  /** By name. Names and passwords are compared as UTF-8, byte for byte. */
  readonly users: Readonly<Record<string, { readonly password: Secret; readonly principal: Principal }>>
  /** Default `hallpass`. */
  readonly realm?: string
  /** Milliseconds; what a remembered password's minute is counted by. Default `Date.now`. */
  readonly nowMs?: () => number
}

const NAMES: KnownMembers<BasicAuthOptions> = { users: true, realm: true, nowMs: true }

/**
 * HTTP Basic. A password that was right is remembered for 60 s; any other costs a scrypt, also for a name that
 * nobody has; at most two are checked at once, the next is answered 429.
 * @throws ConfigurationError
 * @see RFC 7617
 */
export function basicAuth(options: BasicAuthOptions): Authorize {
  assertOptions(options, NAMES, 'basicAuth has')
  const realm = parseRealm(options.realm ?? 'hallpass')
  if (typeof options.users !== 'object' || options.users === null) {
    throw new ConfigurationError('users is missing')
  }
  const users = new Map(Object.entries(options.users))
  for (const [name, user] of users) {
    // The name ends at the first colon of what is sent.
    if (name === '' || name.includes(':') || /[\x00-\x1f\x7f]/.test(name) || !isPrincipal(user?.principal)) {
      throw new ConfigurationError('users: each needs a name without a colon, a password and a principal')
    }
    checkSecret(user.password, `users.${name}.password`)
  }
  const principals = new Map([...users].map(([name, user]) => [name, structuredClone(user.principal)]))
  const verify = createCredentialVerifier(
    [...users].map(([name, user]) => [name, user.password] as const),
    options.nowMs,
  )
  const authorize = async (call: ManagementCall): Promise<Principal | null> => {
    const credentials = readBasic(call.header('authorization'))
    if (credentials === null) return null
    const isRight = await verify(credentials.name, credentials.password)
    return isRight ? (principals.get(credentials.name) ?? null) : null
  }
  return Object.assign(authorize, {
    challenge: `Basic realm="${realm}", charset="UTF-8"`,
    security: { basic: { type: 'http', scheme: 'basic' } },
  } as const)
}

/** A realm that needs no escaping. @throws ConfigurationError */
export function parseRealm(realm: string): string {
  if (/^[\x20\x21\x23-\x5b\x5d-\x7e]{1,128}$/.test(realm)) return realm
  throw new ConfigurationError(
    'realm: 1 to 128 visible ASCII characters or spaces, without quote and backslash',
  )
}
