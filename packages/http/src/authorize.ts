import { type Action, isGrant, isTextList, type Principal } from '@hallpass/core'
import type { Awaitable, HttpRequest } from './handler.ts'

/** A management call, before anything of it is done. */
export interface ManagementCall<N = unknown> {
  readonly action: Action
  /** Made when it is first read. */
  readonly headers: Headers
  /** All values of a header, by its lower-case name, one for each header line. */
  header(name: string): readonly string[]
  readonly method: string
  /** The raw request target, mount included. */
  readonly target: string
  /** The client's address, as `service.clientAddress` found it. */
  readonly address: string | null
  /** Express `Request`, Koa `Context`, Nest's request. */
  readonly native: N
}

/** An OpenAPI 3.1 security scheme. */
export type SecurityScheme =
  | { readonly type: 'http'; readonly scheme: 'basic' | 'bearer'; readonly description?: string }
  | { readonly type: 'apiKey'; readonly in: 'header' | 'query' | 'cookie'; readonly name: string }
  | {
      readonly type: 'oauth2'
      readonly flows: {
        readonly clientCredentials: {
          readonly tokenUrl: string
          readonly scopes: Readonly<Record<string, string>>
        }
      }
    }

export type SecuritySchemes = Readonly<Record<string, SecurityScheme>>

/**
 * Says who is calling. Any function of the call will do; the ready-made ones also say how to authenticate.
 * Null → 401. An `AccessDeniedError` → its denial. Anything else that it throws → 503.
 */
export interface Authorize<N = unknown> {
  (call: ManagementCall<N>): Awaitable<Principal | null>
  /** `WWW-Authenticate` of a 401. Default `Bearer`. */
  readonly challenge?: string
  /** How the OpenAPI document describes it. Default: a Bearer token. */
  readonly security?: SecuritySchemes
}

/** Credentials are being guessed, or too many arrive at once: 429 with `Retry-After`. */
export class TooManyAttemptsError extends Error {
  override readonly name = 'TooManyAttemptsError'
  readonly retryAfterSeconds: number

  constructor(retryAfterSeconds: number) {
    super('too many credentials are being checked at once; try again later')
    this.retryAfterSeconds = retryAfterSeconds
  }
}

const NONE: readonly string[] = []

/** A class, since a literal with getters would be a hidden class of its own for each request. */
class LazyCall<N> implements ManagementCall<N> {
  readonly action: Action
  readonly method: string
  readonly target: string
  readonly native: N
  /** A function of its own: authorizers take calls apart. */
  readonly header: (name: string) => readonly string[]
  readonly #request: HttpRequest
  readonly #clientAddress: () => string | null
  #headers: Headers | undefined
  #address: string | null | undefined

  constructor(action: Action, request: HttpRequest, native: N, clientAddress: () => string | null) {
    this.action = action
    this.method = request.method
    this.target = request.originalTarget
    this.native = native
    this.header = (name) => request.headers.get(name) ?? NONE
    this.#request = request
    this.#clientAddress = clientAddress
  }

  get headers(): Headers {
    this.#headers ??= new Headers(
      [...this.#request.headers].flatMap(([name, values]) => values.map((value) => [name, value])),
    )
    return this.#headers
  }

  get address(): string | null {
    if (this.#address === undefined) this.#address = this.#clientAddress()
    return this.#address
  }
}

/** The call that an authorizer sees. Headers and address are worked out only when they are read. */
export function createManagementCall<N>(
  action: Action,
  request: HttpRequest,
  native: N,
  clientAddress: () => string | null,
): ManagementCall<N> {
  return new LazyCall(action, request, native, clientAddress)
}

/**
 * Whether an authorizer's answer is a principal in full. JavaScript callers hand over `projects: 'acme'`, whose
 * `includes('ac')` is true, or misspell a limit of its grant.
 */
export function isPrincipal(value: unknown): value is Principal {
  if (typeof value !== 'object' || value === null) return false
  const { id, projects, subjects, can, grant } = value as Partial<Record<keyof Principal, unknown>>
  return (
    typeof id === 'string' &&
    (projects === '*' || isTextList(projects)) &&
    (subjects === '*' || isTextList(subjects)) &&
    isTextList(can) &&
    (grant === undefined || isGrant(grant))
  )
}
