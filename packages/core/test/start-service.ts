import { onTestFinished } from 'vitest'
import type { AccessRequest, Decision } from '../src/decision.ts'
import {
  createMemoryStore,
  createTokenService,
  type TokenService,
  type TokenServiceOptions,
  type TokenStore,
} from '../src/index.ts'
import { type Clock, createClock } from './clock.ts'

export const ISSUER = 'https://issuer.example'
export const SECRET: string = Buffer.alloc(32, 7).toString('base64url')
export const OTHER_SECRET: string = Buffer.alloc(32, 8).toString('base64url')

/** A request that asks for nothing and tells nothing. */
export const REQUEST: AccessRequest = { address: null, target: null, method: null }

export interface Started {
  readonly service: TokenService
  readonly store: TokenStore
  readonly clock: Clock
  /** What `onError` was told of: where, and the error. */
  readonly errors: { readonly where: string; readonly error: unknown }[]
}

/** A service on a memory store and a clock of the test's, closed when the test is over. */
export async function startService(
  options: Partial<TokenServiceOptions> & { readonly clock?: Clock } = {},
): Promise<Started> {
  const { clock = createClock(), store = createMemoryStore(), hooks, ...others } = options
  const errors: Started['errors'] = []
  const service = await createTokenService({
    issuer: ISSUER,
    store,
    keys: { masterSecret: SECRET },
    maintenance: false,
    now: clock.now,
    hooks: { onError: (error, where) => void errors.push({ where, error }), ...hooks },
    ...others,
  })
  onTestFinished(() => service.close())
  return { service, store, clock, errors }
}

/** The code of a refusal, or `allowed`. */
export function toOutcome(decision: Decision): string {
  return decision.allowed ? 'allowed' : decision.code
}

/** What `authorize` says of a token, in one word. */
export async function authorizeOutcome(
  service: TokenService,
  token: string,
  request: Partial<AccessRequest> = {},
): Promise<string> {
  return toOutcome(await service.authorize(token, { ...REQUEST, ...request }))
}

/** What `verify` says of a token, in the same words. */
export async function verifyOutcome(
  service: TokenService,
  token: string,
  request: Parameters<TokenService['verify']>[1] = {},
): Promise<string> {
  const result = await service.verify(token, request)
  return result.valid ? 'allowed' : result.error
}
