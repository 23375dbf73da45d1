import {
  AccessDeniedError,
  type AccessRequest,
  type Allowed,
  type TokenService,
  toDenial,
} from '@hallpass/core'
import { readBearer } from './authorization-header.ts'
import type { HttpRequest, RequestHeaders } from './handler.ts'

/**
 * The token in a request's Authorization header, found good for that request. Costs nothing unless `rules` says so.
 * For routes of one's own; an application's routes have `requireToken`.
 * @param rules which tokens are accepted; the facts of the request are added to them
 * @throws AccessDeniedError `token_missing`, `request_ambiguous` for two headers, or what the service denies it for
 * @see RFC 6750 section 2.1
 */
export async function authorizeBearer(
  service: TokenService,
  request: HttpRequest,
  rules: Omit<AccessRequest, 'address' | 'target' | 'method'>,
): Promise<Allowed> {
  const { headers, peer, method, originalTarget } = request
  const decision = await service.authorize(requireBearer(headers), {
    ...rules,
    address: service.clientAddress(peer, (name) => headers.get(name) ?? []),
    target: originalTarget,
    method,
  })
  if (decision.allowed) return decision
  throw new AccessDeniedError(decision)
}

/**
 * The token in the one Authorization header, before anything is known of it.
 * @throws AccessDeniedError `token_missing`, `request_ambiguous` for two headers
 */
export function requireBearer(headers: RequestHeaders): string {
  const authorization = headers.get('authorization') ?? []
  if (authorization.length > 1) throw new AccessDeniedError(toDenial('request_ambiguous'))
  const text = readBearer(authorization)
  if (text === null) throw new AccessDeniedError(toDenial('token_missing'))
  return text
}
