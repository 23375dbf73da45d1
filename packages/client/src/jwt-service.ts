import { toQuery, toSegment } from './api-url.ts'
import { toBothSpellings } from './both-spellings.ts'
import { type CreateOptions, toIdempotencyKey } from './idempotency-key.ts'
import type {
  AccessToken,
  CreateProjectTokenRequest,
  CreateUserTokenRequest,
  DiscardedToken,
  JwtResponse,
  TokenList,
} from './jwt-wire.ts'
import type { ApiCall, Transport } from './transport.ts'

/** Which page of a list. */
export interface PageParameters {
  /** 1 to 200. Default 200. */
  readonly limit?: number
  /** The cursor in the `next` link of the page before. */
  readonly startingAfter?: string
}

/** The MagicBell-compatible calls: project tokens and user tokens. Every method throws HallpassError. */
export class JwtService {
  readonly #baseUrl: string
  readonly #send: Transport

  constructor(baseUrl: string, send: Transport) {
    this.#baseUrl = baseUrl
    this.#send = send
  }

  /** Live project tokens, newest first, without their text. */
  async fetchProjectTokens(page: PageParameters = {}): Promise<JwtResponse<TokenList>> {
    return this.#call({ method: 'GET', url: `/jwt/project${toPageQuery(page)}`, repeatable: true })
  }

  /** A new project token. Its text is in this answer only. */
  async createProjectJwt(
    request: CreateProjectTokenRequest,
    options: CreateOptions = {},
  ): Promise<JwtResponse<AccessToken>> {
    return this.#create('/jwt/project', request, options)
  }

  /** Revokes a project token at once; again and again gives the first time. */
  async discardProjectJwt(tokenId: string): Promise<JwtResponse<DiscardedToken>> {
    const url = `/jwt/project/${toSegment(tokenId, 'tokenId')}`
    return this.#call({ method: 'DELETE', url, repeatable: true })
  }

  /** A new token for a user. Its text is in this answer only. */
  async createUserJwt(
    request: CreateUserTokenRequest,
    options: CreateOptions = {},
  ): Promise<JwtResponse<AccessToken>> {
    const { externalId, ...rest } = request
    const body = externalId === undefined ? rest : { ...rest, external_id: externalId }
    return this.#create('/jwt/user', body, options)
  }

  /** Revokes a user token at once; again and again gives the first time. */
  async discardUserJwt(tokenId: string): Promise<JwtResponse<DiscardedToken>> {
    const url = `/jwt/user/${toSegment(tokenId, 'tokenId')}`
    return this.#call({ method: 'DELETE', url, repeatable: true })
  }

  /**
   * A user's live tokens, newest first, without their text.
   * @param userId id, external id or email
   */
  async fetchUserTokens(userId: string, page: PageParameters = {}): Promise<JwtResponse<TokenList>> {
    const url = `/jwt/user/${toSegment(userId, 'userId')}${toPageQuery(page)}`
    return this.#call({ method: 'GET', url, repeatable: true })
  }

  #create<T>(url: string, body: unknown, options: CreateOptions): Promise<T> {
    const idempotencyKey = toIdempotencyKey(options)
    return this.#call({ method: 'POST', url, body, idempotencyKey, repeatable: true })
  }

  /** @param call its `url` is below the base */
  async #call<T>(call: ApiCall): Promise<T> {
    const answer = await this.#send({ ...call, url: `${this.#baseUrl}${call.url}` })
    return { data: toBothSpellings(answer) } as T
  }
}

function toPageQuery({ limit, startingAfter }: PageParameters): string {
  return toQuery({ limit, starting_after: startingAfter })
}
