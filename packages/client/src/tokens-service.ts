import { toQuery, toSegment } from './api-url.ts'
import { type CreateOptions, toIdempotencyKey } from './idempotency-key.ts'
import type { ApiCall, Transport } from './transport.ts'
import type {
  IssueBody,
  IssuedTokenJson,
  ItemParameters,
  ListParameters,
  TokenPageJson,
  TokenRecordJson,
  UpdateBody,
  UsageJson,
  UsageParameters,
  VerifiedJson,
  VerifyBody,
} from './wire.ts'

/** What a list is filtered by, and which page of it. */
export type TokenListQuery = Omit<ListParameters, 'limit'> & {
  /** 1 to 200. Default 50. */
  readonly limit?: number
}

/** The native routes. Every method throws HallpassError. */
export class TokensService {
  readonly #url: string
  readonly #send: Transport

  constructor(url: string, send: Transport) {
    this.#url = url
    this.#send = send
  }

  /** A new token. Its text is in this answer only. */
  async issue(token: IssueBody = {}, options: CreateOptions = {}): Promise<IssuedTokenJson> {
    const idempotencyKey = toIdempotencyKey(options)
    return this.#call({ method: 'POST', url: '', body: token, idempotencyKey, repeatable: true })
  }

  /** One page, newest first; hand its `next` to `after`. */
  async list(query: TokenListQuery = {}): Promise<TokenPageJson> {
    return this.#call({ method: 'GET', url: toQuery({ ...query }), repeatable: true })
  }

  async get(id: string, where: ItemParameters = {}): Promise<TokenRecordJson> {
    return this.#call({ method: 'GET', url: toItem(id, where), repeatable: true })
  }

  /** Changes the name, adds credits, or moves the expiry earlier. Sent once: credits would be added twice. */
  async update(id: string, change: UpdateBody, where: ItemParameters = {}): Promise<TokenRecordJson> {
    return this.#call({ method: 'PATCH', url: toItem(id, where), body: change, repeatable: false })
  }

  /** Revokes a token at once; again and again gives the first time. */
  async revoke(id: string, where: ItemParameters = {}): Promise<TokenRecordJson> {
    return this.#call({ method: 'DELETE', url: toItem(id, where), repeatable: true })
  }

  /** Looks at a token; spends nothing. A token that is refused is an answer, not an error. */
  async verify(request: VerifyBody): Promise<VerifiedJson> {
    return this.#call({ method: 'POST', url: '/verify', body: request, repeatable: true })
  }

  /** Calls and credits by application, subject or token. */
  async usage(query: UsageParameters = {}): Promise<UsageJson> {
    return this.#call({ method: 'GET', url: `/usage${toQuery({ ...query })}`, repeatable: true })
  }

  /** @param call its `url` is below the mount */
  async #call<T>(call: ApiCall): Promise<T> {
    return (await this.#send({ ...call, url: `${this.#url}${call.url}` })) as T
  }
}

function toItem(id: string, { project }: ItemParameters): string {
  return `/${toSegment(id, 'id')}${toQuery({ project })}`
}
