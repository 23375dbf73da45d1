import type { IncomingMessage } from 'node:http'
import {
  type Allowed,
  ConfigurationError,
  type Decision,
  type Denial,
  isCost,
  rebaseTarget,
  type TokenService,
  toDenial,
} from '@hallpass/core'
import { checkService } from './check-service.ts'
import { toDenialResponse } from './denials.ts'
import { type GuardOptions, type GuardRules, parseGuardOptions } from './guard-options.ts'
import type { HttpResponse } from './handler.ts'
import { readHeaderValues } from './raw-headers.ts'
import type { FoundToken, PlaceKind } from './token-source.ts'

export { DENIAL_ANSWERS, type DenialAnswer, GuardDenialError, toDenialResponse } from './denials.ts'
export type { GuardOptions, TargetBase } from './guard-options.ts'
export type { HttpResponse } from './handler.ts'
export type { TokenPlace } from './token-source.ts'
export { writeResponse } from './write-response.ts'

/** The token that let a request in: what hosts put on the request. */
export type Auth = Pick<Allowed, 'token' | 'claims' | 'record' | 'spend'>

export type GuardResult =
  | {
      readonly pass: true
      /** Null = no token, where the guard is optional. */
      readonly auth: Auth | null
      /** To be set on the response before the application answers; it may overwrite them. Null = none. */
      readonly headers: Readonly<Record<string, string>> | null
    }
  | { readonly pass: false; readonly denial: Denial; readonly response: HttpResponse }

/**
 * Decides on one request. Answers without a promise where the store does.
 * @param target the raw request target as it stood in the request line; null = the host has none
 * @throws what the application's own `cost` or `address` throws; ConfigurationError for a cost out of bounds
 */
export type Guard<N> = (
  incoming: IncomingMessage,
  target: string | null,
  native: N,
) => GuardResult | Promise<GuardResult>

/** No header is needed where the token came in `Authorization`: shared caches keep away from it (RFC 9111, 3.5). */
const HEADERS: Readonly<Record<PlaceKind, Readonly<Record<string, string>> | null>> = {
  header: null,
  // The address of the page is the secret, and a cache would go on answering after a revocation.
  query: { 'referrer-policy': 'no-referrer', 'cache-control': 'private, no-cache' },
  cookie: { 'cache-control': 'private, no-cache' },
}

const PASS_WITHOUT_TOKEN: GuardResult = { pass: true, auth: null, headers: null }

/**
 * A guard for any host on `node:http`. It reads the token, gathers the facts of the request and lets the service
 * decide; it has no rule of its own.
 * @throws ConfigurationError for options that cannot be right, at once
 * @see RFC 6750
 */
export function createGuard<N>(service: TokenService, options: GuardOptions<N> = {}): Guard<N> {
  checkService(service)
  const rules = parseGuardOptions(options)
  return (incoming, target, native) => {
    const found = rules.readToken(incoming, target ?? '')
    if (found.outcome === 'missing') {
      return rules.optional ? PASS_WITHOUT_TOKEN : toResult(toDenial('token_missing'), found, rules.realm)
    }
    if (found.outcome === 'ambiguous') return toResult(toDenial('request_ambiguous'), found, rules.realm)
    const decision = service.authorize(found.token, {
      scope: rules.fixed.scope,
      project: rules.fixed.project,
      profiles: rules.fixed.profiles,
      requirePaths: rules.fixed.requirePaths,
      address: rules.address === null ? readAddress(service, incoming) : (rules.address(native) ?? null),
      target: rules.target === null || target === null ? target : rebase(target, rules.target),
      method: incoming.method ?? null,
      cost: readCost(rules, incoming, native),
    })
    return 'then' in decision
      ? toResultLater(decision, found, rules.realm)
      : toResult(decision, found, rules.realm)
  }
}

async function toResultLater(
  decision: Promise<Decision>,
  found: FoundToken,
  realm: string | undefined,
): Promise<GuardResult> {
  return toResult(await decision, found, realm)
}

function toResult(decision: Decision, found: FoundToken, realm: string | undefined): GuardResult {
  const headers = found.outcome === 'missing' ? null : HEADERS[found.place]
  if (decision.allowed) {
    const { token, claims, record, spend } = decision
    return { pass: true, auth: { token, claims, record, spend }, headers }
  }
  const response = toDenialResponse(decision, realm === undefined ? {} : { realm })
  return {
    pass: false,
    denial: decision,
    // The refusal's own `no-store` is the stricter one.
    response: { ...response, headers: { ...headers, ...response.headers } },
  }
}

function readAddress(service: TokenService, incoming: IncomingMessage): string | null {
  return service.clientAddress(incoming.socket.remoteAddress, (name) => readHeaderValues(incoming, name))
}

/** The empty target breaks the path rules: outside its base a request has no path that could be compared. */
function rebase(target: string, base: { strip?: string; prepend?: string }): string {
  return rebaseTarget(target, base) ?? ''
}

function readCost<N>(rules: GuardRules<N>, incoming: IncomingMessage, native: N): number {
  const { cost } = rules
  if (typeof cost === 'number') return incoming.method === 'HEAD' || incoming.method === 'OPTIONS' ? 0 : cost
  const value: unknown = cost(native)
  if (isCost(value)) return value
  throw new ConfigurationError('the `cost` function of a guard returned no whole number from 0 to 1000000')
}
