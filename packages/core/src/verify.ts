import { type AuthorizeContext, checkStored, readWithRing, toProfiles } from './authorize.ts'
import { checkLimits, checkTimes, type LimitedToken } from './check-limits.ts'
import type { Unchecked, VerifyRequest, VerifyResult } from './decision.ts'
import { type Denial, toDenial } from './denial.ts'
import { assertInput, type KnownMembers } from './known-members.ts'
import type { ReadToken } from './read-token.ts'
import { type StoredToken, toTokenRecord } from './token.ts'

const REQUEST_MEMBERS: KnownMembers<VerifyRequest> = {
  ip: true,
  target: true,
  method: true,
  scope: true,
  project: true,
  profiles: true,
}

/** Looks at a token as the guard would, for the facts that are given. Spends nothing and counts nothing. */
export async function verify(
  context: AuthorizeContext,
  text: string,
  request: VerifyRequest,
): Promise<VerifyResult> {
  assertInput(request, REQUEST_MEMBERS, 'a verification')
  const read = await readWithRing(context, text, toProfiles(context.native, request.profiles))
  if ('allowed' in read) return toInvalid(read)
  const now = context.now()
  const { facts, unchecked } = withoutUnasked(read, request)
  const denial =
    checkTimes(read, now.getTime(), context.clockToleranceSeconds) ??
    checkLimits(facts, {
      address: request.ip ?? null,
      target: request.target ?? null,
      method: request.method ?? null,
      ...(request.scope !== undefined && { scope: request.scope }),
      ...(request.project !== undefined && { project: request.project }),
    })
  if (denial !== null) return toInvalid(denial, read)
  const stored = await context.call(() => context.store.find(read.token.project, read.token.id, read.lookup))
  const refused = checkStored(read, stored, now.getTime())
  if (refused !== null || stored === null) return toInvalid(refused ?? toDenial('token_unknown'), read)
  if (stored.credits?.remaining === 0 || (await hasEmptyPool(context, stored))) {
    return toInvalid(toDenial('credits_exhausted'), read)
  }
  return {
    valid: true,
    token: read.token,
    claims: read.claims,
    record: toTokenRecord(stored, now),
    unchecked,
  }
}

/** A pool that is not there is empty. */
async function hasEmptyPool(
  { store, call }: AuthorizeContext,
  { project, pool }: StoredToken,
): Promise<boolean> {
  if (pool === null) return false
  const found = await call(() => store.findPool(project, pool))
  return found === null || found.remaining === 0
}

function toInvalid({ code, message }: Denial, read?: ReadToken): VerifyResult {
  const invalid = { valid: false, error: code, message } as const
  return read === undefined ? invalid : { ...invalid, token: read.token, claims: read.claims }
}

/** Takes away the limits that no fact was given for, and says which. */
function withoutUnasked(
  read: ReadToken,
  request: VerifyRequest,
): { facts: LimitedToken; unchecked: readonly Unchecked[] } {
  const unchecked: Unchecked[] = []
  let { limits } = read
  if (request.ip === undefined && limits.ip.length > 0) {
    unchecked.push('ip')
    limits = { ...limits, ip: [] }
  }
  if (request.target === undefined && limits.paths !== null) {
    unchecked.push('target')
    limits = { ...limits, paths: null }
  }
  if (request.method === undefined && limits.httpMethods !== null) {
    unchecked.push('method')
    limits = { ...limits, httpMethods: null }
  }
  return { facts: { limits, token: read.token }, unchecked }
}
