import type { Activity } from './activity.ts'
import { isPromise } from './awaitable.ts'
import { checkLimits, checkTimes } from './check-limits.ts'
import { isCost, MAX_COST } from './cost.ts'
import type { AccessRequest, Allowed, Decision, SpendReceipt } from './decision.ts'
import { type Denial, toDenial } from './denial.ts'
import type { SafeHooks } from './hooks.ts'
import type { KeyRing } from './key-ring.ts'
import type { TokenProfile } from './profile.ts'
import { ReadToken, type ReadTokenText } from './read-token.ts'
import { ConfigurationError, TokenRequestError } from './request-error.ts'
import type { RevocationFeed } from './revocation-feed.ts'
import { type Spent, spendCredits } from './spend.ts'
import type { StoreCall } from './store-call.ts'
import { type Awaitable, isMetered, type StoredToken, type TokenRecord, toTokenRecordAt } from './token.ts'
import type { TokenStore } from './token-store.ts'

/** What a decision needs of the service. */
export interface AuthorizeContext {
  readonly store: TokenStore
  readonly call: StoreCall
  readonly ring: KeyRing
  readonly read: ReadTokenText
  /** Null in `strict` mode. */
  readonly feed: RevocationFeed | null
  readonly activity: Activity
  readonly hooks: SafeHooks
  /** The kinds that are accepted where a request names none. */
  readonly native: readonly [TokenProfile]
  readonly clockToleranceSeconds: number
  /** Share of the limit at which `onLowCredits` is called. */
  readonly lowCredits: number
  readonly now: () => Date
  /** Milliseconds since 1970. */
  readonly clock: () => number
}

// What has to be waited for is done by functions of its own: one that makes a closure anywhere gets an object for its
// variables each time it is called, also where it answers at once. And whether a decision has to be waited for is not
// asked of a function that all ask: it would see too many kinds of objects to be fast.

/** The whole decision, in this order: text, signature, profile, limits, revocation, credits. */
export function authorize(
  context: AuthorizeContext,
  text: string,
  request: AccessRequest,
): Awaitable<Decision> {
  assertCost(request.cost)
  const decision = decide(context, text, request)
  if (context.hooks.onDeny === null) return decision
  return 'then' in decision
    ? reportDenialLater(context.hooks, decision, request)
    : reportDenial(context.hooks, decision, request)
}

function decide(context: AuthorizeContext, text: string, request: AccessRequest): Awaitable<Decision> {
  try {
    const read = readWithRing(context, text, toProfiles(context.native, request.profiles))
    if ('then' in read) return judgeLater(context, read, request)
    const decision = judge(context, read, request)
    return 'then' in decision ? decision.catch(toStoreDenial) : decision
  } catch (error) {
    return toStoreDenial(error)
  }
}

function judgeLater(
  context: AuthorizeContext,
  read: Promise<ReadToken | Denial>,
  request: AccessRequest,
): Promise<Decision> {
  return read.then((found) => judge(context, found, request)).catch(toStoreDenial)
}

/** A cost the application got wrong must not let a request through: it is the application's error. */
function assertCost(cost: number | undefined): void {
  if (cost === undefined || isCost(cost)) return
  throw new ConfigurationError(`cost must be a whole number from 0 to ${MAX_COST}`)
}

async function reportDenialLater(
  hooks: SafeHooks,
  decision: Promise<Decision>,
  request: AccessRequest,
): Promise<Decision> {
  return reportDenial(hooks, await decision, request)
}

function reportDenial(hooks: SafeHooks, decision: Decision, request: AccessRequest): Decision {
  if (!decision.allowed) hooks.onDeny?.(decision, withoutQuery(request))
  return decision
}

/** The query of the target may hold the token. */
function withoutQuery(request: AccessRequest): AccessRequest {
  const [path = null] = request.target?.split('?', 1) ?? []
  return path === request.target ? request : { ...request, target: path }
}

/** A store that is down refuses; any other error is a fault of ours and is not hidden. */
function toStoreDenial(error: unknown): Denial {
  if (error instanceof TokenRequestError && error.code === 'store_unavailable')
    return toDenial('store_unavailable')
  throw error
}

export function toProfiles(
  native: readonly [TokenProfile],
  named: readonly (TokenProfile | 'native')[] | undefined,
): readonly TokenProfile[] {
  if (named === undefined || (named.length === 1 && named[0] === 'native')) return native
  return hasNoNative(named) ? named : named.map((profile) => (profile === 'native' ? native[0] : profile))
}

function hasNoNative(named: readonly (TokenProfile | 'native')[]): named is readonly TokenProfile[] {
  return !named.includes('native')
}

/** Steps 1 to 3; a key that is not loaded is looked for in the store once. */
export function readWithRing(
  { ring, read }: Pick<AuthorizeContext, 'ring' | 'read'>,
  text: string,
  profiles: readonly TokenProfile[],
): Awaitable<ReadToken | Denial> {
  const found = read(text, profiles)
  return 'keyId' in found ? readAfterReload({ ring, read }, text, profiles, found.keyId) : found
}

async function readAfterReload(
  { ring, read }: Pick<AuthorizeContext, 'ring' | 'read'>,
  text: string,
  profiles: readonly TokenProfile[],
  keyId: string,
): Promise<ReadToken | Denial> {
  if ((await ring.findAfterReload(keyId)) === undefined) return toDenial('key_unknown')
  const again = read(text, profiles)
  return 'keyId' in again ? toDenial('key_unknown') : again
}

function judge(
  context: AuthorizeContext,
  read: ReadToken | Denial,
  request: AccessRequest,
): Awaitable<Decision> {
  if (!(read instanceof ReadToken)) return read
  const now = context.clock()
  const denial = checkTimes(read, now, context.clockToleranceSeconds) ?? checkLimits(read, request)
  if (denial !== null) return denial
  const { feed } = context
  if (feed === null) return askStore(context, read, request, now)
  const refused = feed.check(read, now)
  if (refused !== null) return refused
  return read.metered ? askStore(context, read, request, now) : allow(context, read, null, null, now)
}

function askStore(
  context: AuthorizeContext,
  read: ReadToken,
  request: AccessRequest,
  now: number,
): Awaitable<Decision> {
  const { store, call } = context
  const { project, id } = read.token
  const stored = call(() => store.find(project, id, read.lookup))
  return isPromise(stored)
    ? stored.then((found) => settle(context, read, found, request, now))
    : settle(context, read, stored, request, now)
}

/** Steps 5 and 6, on what the store holds. */
function settle(
  context: AuthorizeContext,
  read: ReadToken,
  stored: StoredToken | null,
  request: AccessRequest,
  now: number,
): Awaitable<Decision> {
  const denial = checkStored(read, stored, now)
  if (stored === null || denial !== null) return denial ?? toDenial('token_unknown')
  const cost = request.cost ?? 0
  if (cost === 0 || !isMetered(stored)) return allow(context, read, toTokenRecordAt(stored, now), null, now)
  return charge(context, read, stored, cost, now)
}

function charge(
  context: AuthorizeContext,
  read: ReadToken,
  stored: StoredToken,
  cost: number,
  now: number,
): Awaitable<Decision> {
  const finish = (spent: Spent | Denial): Decision =>
    'allowed' in spent ? spent : allow(context, read, toTokenRecordAt(spent.stored, now), spent.receipt, now)
  const spent = spendCredits(context, stored, cost, new Date(now))
  return isPromise(spent) ? spent.then(finish) : finish(spent)
}

/** Step 5: revocation, and whether this very text is the one that was issued. */
export function checkStored(read: ReadToken, stored: StoredToken | null, now: number): Denial | null {
  if (stored === null || stored.profile !== read.profile.name || stored.tokenSha256 !== read.sha256) {
    return toDenial('token_unknown')
  }
  if (stored.revokedAt !== null) return toDenial('token_revoked')
  // Only an expiry that was moved earlier is judged here: the signed one has been, with its tolerance.
  const expiresAt = stored.expiresAt?.getTime()
  const movedEarlier = expiresAt !== stored.signedExpiresAt?.getTime()
  if (movedEarlier && expiresAt !== undefined && expiresAt <= now) return toDenial('token_expired')
  return null
}

function allow(
  { activity }: AuthorizeContext,
  read: ReadToken,
  record: TokenRecord | null,
  spend: SpendReceipt | null,
  now: number,
): Allowed {
  activity.note(read, spend === null ? 0 : spend.cost, now)
  return { allowed: true, token: read.token, claims: read.claims, record, spend }
}
