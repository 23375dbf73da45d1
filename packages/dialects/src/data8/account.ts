import { ConfigurationError, type Principal, resolveSubject } from '@hallpass/core'
import { type Awaitable, askPrincipal, type ReportError, RouteError } from '@hallpass/http'

export interface Data8Credentials {
  readonly username: string
  /** Empty for an API key. */
  readonly password: string
}

/**
 * An account: what it may issue (`can`, `grant`), and what is printed into its tokens. A grant's `scope` holds
 * `data8.Service` or `data8.Service.Method`.
 */
export interface Data8Account extends Principal {
  /** The claim `cn`. */
  readonly company: string
  /** The project's pool that holds its credits, made with `service.createPool`. Default: `id`. */
  readonly pool?: string
}

/** Null → authentication failed. A `TooManyAttemptsError` is said as such; whatever else it throws → 503. */
export type Data8Authenticate = (credentials: Data8Credentials) => Awaitable<Data8Account | null>

export interface FoundAccount {
  readonly account: Data8Account
  /** Whom its tokens stand for. */
  readonly subject: string
  readonly pool: string
}

export interface AccountOptions {
  readonly authenticate: Data8Authenticate
  /** Whether a username `apikey-…` with a blank password is asked about. */
  readonly apiKeys: boolean
  readonly report: ReportError
}

const API_KEY = 'apikey-'
const MOST_CHARACTERS = 256

/**
 * The account of these credentials, which may issue tokens.
 * @throws RouteError `authentication_required`, `action_denied`, `authorization_unavailable`
 */
export async function findAccount(
  { authenticate, apiKeys, report }: AccountOptions,
  credentials: Data8Credentials,
): Promise<FoundAccount> {
  const { username, password } = credentials
  const isKey = password === '' && username.startsWith(API_KEY)
  const isComplete = username !== '' && (password !== '' || (isKey && apiKeys))
  const isShort = username.length <= MOST_CHARACTERS && password.length <= MOST_CHARACTERS
  const account =
    isComplete && isShort
      ? await askPrincipal(async () => check(await authenticate(credentials)), report)
      : null
  if (account === null) throw new RouteError('authentication_required', 'authentication failed')
  if (!account.can.includes('issue'))
    throw new RouteError('action_denied', 'the account may not issue tokens')
  return {
    account,
    // An API key is a secret: the claims of a token must not hold it.
    subject: resolveSubject(account, isKey ? undefined : username),
    pool: account.pool ?? account.id,
  }
}

/** Callers without types forget what is printed into the token. */
function check(account: Data8Account | null): Data8Account | null {
  if (account === null || account === undefined || typeof account.company === 'string') return account
  throw new ConfigurationError('authenticate must return an account with its company, or null')
}
