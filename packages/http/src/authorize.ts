import type { Action, Principal } from '@hallpass/core'
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

/** The call that an authorizer sees. Headers and address are worked out only when they are read. */
export function createManagementCall<N>(
  action: Action,
  request: HttpRequest,
  native: N,
  clientAddress: () => string | null,
): ManagementCall<N> {
  let headers: Headers | undefined
  let address: string | null | undefined
  return {
    action,
    method: request.method,
    target: request.originalTarget,
    native,
    header: (name) => request.headers.get(name) ?? NONE,
    get headers() {
      headers ??= new Headers(
        [...request.headers].flatMap(([name, values]) => values.map((value) => [name, value])),
      )
      return headers
    },
    get address() {
      if (address === undefined) address = clientAddress()
      return address
    },
  }
}

/**
 * Whether an authorizer's answer is a principal in full. JavaScript callers hand over `projects: 'acme'`, whose
 * `includes('ac')` is true.
 */
export function isPrincipal(value: unknown): value is Principal {
  if (typeof value !== 'object' || value === null) return false
  const { id, projects, subjects, can } = value as Partial<Record<keyof Principal, unknown>>
  return (
    typeof id === 'string' &&
    (projects === '*' || isTextList(projects)) &&
    (subjects === '*' || isTextList(subjects)) &&
    isTextList(can)
  )
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string')
}
