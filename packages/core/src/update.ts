import { parseCreditAmount } from './credit-amount.ts'
import { grantExceeded } from './grant-exceeded.ts'
import { parseMoment } from './issue-input.ts'
import { assertInput } from './known-members.ts'
import { parseLabel } from './label.ts'
import { assertGrant, parseGrantedCredits } from './limit-to-grant.ts'
import { parsePlace } from './place.ts'
import { TokenRequestError } from './request-error.ts'
import type { RevocationFeed } from './revocation-feed.ts'
import type { StoreCall } from './store-call.ts'
import { type TokenRecord, toTokenRecord } from './token.ts'
import type { UpdateInput } from './token-service.ts'
import type { TokenChange, TokenStore, UpdateResult } from './token-store.ts'

/** Changes what may be changed after the issue: the name, more credits, an earlier expiry. @throws TokenRequestError */
export async function updateToken(
  {
    store,
    call,
    feed,
    now,
  }: {
    readonly store: TokenStore
    readonly call: StoreCall
    readonly feed: RevocationFeed | null
    readonly now: () => Date
  },
  project: string,
  id: string,
  input: UpdateInput,
): Promise<TokenRecord> {
  const at = now()
  const change = parseChange(input, at)
  const place = parsePlace(project, id)
  if (place === null) throw toError('not_found')
  const result = await call(() => store.update(place.project, place.id, change))
  if (result.outcome !== 'updated') throw toError(result.outcome)
  const { token } = result
  if (input.expiresAt !== undefined && token.expiresAt !== null) {
    const { signedExpiresAt } = token
    feed?.add({ project, id, reason: 'expired', refusedFrom: token.expiresAt, signedExpiresAt })
  }
  return toTokenRecord(token, at)
}

function parseChange(input: UpdateInput, at: Date): TokenChange {
  assertInput(input, { name: true, credits: true, expiresAt: true, grant: true }, 'a change')
  const { name, credits, expiresAt, grant } = input
  if (credits != null) assertInput(credits, { add: true }, 'credits', 'credits.')
  if (grant !== undefined) assertGrant(grant)
  if (name === undefined && credits === undefined && expiresAt === undefined) {
    throw new TokenRequestError('invalid_request', 'nothing to change: give name, credits or expiresAt')
  }
  return {
    ...(name !== undefined && { name: name === null ? null : parseLabel(name, 'name', { max: 255 }) }),
    ...(credits !== undefined && {
      addCredits: parseCreditAmount(credits?.add, 'credits.add'),
      ...(grant?.credits !== undefined && { maxCreditLimit: parseGrantedCredits(grant.credits) }),
    }),
    ...(expiresAt !== undefined && { expiresAt: parseMoment(expiresAt, 'expiresAt') }),
    at,
  }
}

function toError(outcome: Exclude<UpdateResult['outcome'], 'updated'>): TokenRequestError {
  switch (outcome) {
    case 'not_found':
      return new TokenRequestError('not_found', 'there is no such token')
    case 'name_taken':
      return new TokenRequestError('name_taken', 'the subject has a token of this name', 'name')
    case 'inactive':
      return new TokenRequestError('token_inactive', 'a token that is revoked or expired cannot be changed')
    case 'not_metered':
      return new TokenRequestError('invalid_request', 'the token was issued without credits', 'credits')
    case 'credits_overflow':
      return new TokenRequestError('invalid_request', 'a token holds at most 2^53 - 1 credits', 'credits')
    case 'credit_limit_exceeded':
      return grantExceeded('credits')
    case 'not_earlier':
      return new TokenRequestError('invalid_request', 'the expiry can only be moved earlier', 'expiresAt')
  }
}
