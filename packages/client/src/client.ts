import { parseApiUrl } from './api-url.ts'
import type { Fetch } from './fetch.ts'
import { HallpassError } from './hallpass-error.ts'
import { JwtService } from './jwt-service.ts'
import { TokensService } from './tokens-service.ts'
import { createTransport } from './transport.ts'

export interface ClientOptions {
  /** What calls are authenticated with. May be set later: `client.token = …`. */
  readonly token?: string
  /** Where the API is mounted: `https://host/magicbell/v2`, or `https://host/tokens`. */
  readonly baseUrl: string
  /** Where the native routes are mounted, for `client.tokens`. Default: `baseUrl`. */
  readonly tokensUrl?: string
  /** Default: the platform's own. */
  readonly fetch?: Fetch
  /** How long one attempt may take. Default 10,000. */
  readonly timeoutMs?: number
  /** How often a call that may safely be repeated is sent again. Default 2. */
  readonly retries?: number
}

const LONGEST_TIMEOUT_MS = 600_000
const MOST_RETRIES = 10

/**
 * Calls a Hallpass server: `client.jwt` its MagicBell-compatible API, `client.tokens` its native routes.
 * @throws HallpassError `invalid_argument` for options that cannot be right, at once
 */
export class Client {
  readonly jwt: JwtService
  readonly tokens: TokensService
  // Private, so that a client that is logged shows no token.
  #token: string | null = null

  constructor(options: ClientOptions) {
    const baseUrl = parseApiUrl(options.baseUrl, 'baseUrl')
    const tokensUrl = options.tokensUrl === undefined ? baseUrl : parseApiUrl(options.tokensUrl, 'tokensUrl')
    const send = createTransport({
      token: () => this.#readToken(),
      // Looked up at each call, and called as a function of nothing, as browsers want it.
      fetch: options.fetch ?? ((url, init) => fetch(url, init)),
      timeoutMs: parseWhole(options.timeoutMs ?? 10_000, 'timeoutMs', 1, LONGEST_TIMEOUT_MS),
      retries: parseWhole(options.retries ?? 2, 'retries', 0, MOST_RETRIES),
      wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    })
    if (options.token !== undefined) this.token = options.token
    this.jwt = new JwtService(baseUrl, send)
    this.tokens = new TokensService(tokensUrl, send)
  }

  /** Calls from now on are authenticated with this one. */
  set token(token: string) {
    // The grammar of RFC 6750, section 2.1: nothing that could end the header.
    if (typeof token !== 'string' || !/^[\w.~+/-]+=*$/.test(token)) {
      throw new HallpassError('invalid_argument', 'token must be the text of a token')
    }
    this.#token = token
  }

  #readToken(): string {
    if (this.#token !== null) return this.#token
    throw new HallpassError('invalid_argument', 'the client has no token yet')
  }
}

function parseWhole(value: unknown, option: string, least: number, most: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value
  throw new HallpassError('invalid_argument', `${option} must be a whole number from ${least} to ${most}`)
}
