import type { AuthorizeContext } from './authorize.ts'
import { isPromise } from './awaitable.ts'
import type { SpendReceipt } from './decision.ts'
import { type Denial, toDenial } from './denial.ts'
import { type Awaitable, type StoredToken, toTokenRecord } from './token.ts'
import type { Counter, SpendResult } from './token-store.ts'
import { createUuidV7 } from './uuid.ts'

/** A charge that was taken: the token as it is now, and the receipt. */
export interface Spent {
  readonly stored: StoredToken
  readonly receipt: SpendReceipt
}

type SpendContext = Pick<AuthorizeContext, 'store' | 'call' | 'hooks' | 'lowCredits' | 'now'>

/**
 * Step 6: takes the cost from the token's credits and its pool, from both or from neither.
 * @throws TokenRequestError `store_unavailable`; what was taken although the answer was lost or late is given back
 */
export function spendCredits(
  context: SpendContext,
  stored: StoredToken,
  cost: number,
  now: Date,
): Awaitable<Spent | Denial> {
  const { store, call } = context
  const receipt = createUuidV7(now)
  let late = false
  const result = call(() => {
    const answer = store.spend({
      receipt,
      counters: toCounters(stored),
      amount: cost,
      at: toSpendMoment(stored, now),
    })
    if (isPromise(answer)) {
      // Once more: the first time may not have reached the store.
      answer.then(
        ({ outcome }) => (late && outcome === 'spent' ? giveBack(context, receipt) : undefined),
        () => (late ? giveBack(context, receipt) : undefined),
      )
    }
    return answer
  })
  const finish = (answer: SpendResult): Spent | Denial => toSpent(context, stored, receipt, cost, answer, now)
  if (!isPromise(result)) return finish(result)
  return result.then(finish, (error: unknown) => {
    late = true
    // Nobody knows whether it was written, or will be: at once, for the answer may never come. What was not taken is cancelled.
    void giveBack(context, receipt)
    throw error
  })
}

function toCounters({ project, id, credits, pool }: StoredToken): readonly Counter[] {
  const counters: Counter[] = []
  if (credits !== null) counters.push({ project, id })
  if (pool !== null) counters.push({ project, pool })
  return counters
}

/**
 * When the store is to judge the expiry. The signed one has been judged, with its tolerance and its second begun: a
 * store that knows neither refuses only one that is moved earlier meanwhile.
 */
function toSpendMoment({ expiresAt }: StoredToken, now: Date): Date {
  return expiresAt === null || expiresAt > now ? now : new Date(expiresAt.getTime() - 1)
}

/** The request was refused with 503: a refused request costs nothing. */
async function giveBack({ store, hooks, now }: SpendContext, receipt: string): Promise<void> {
  try {
    await store.refund(receipt, now())
  } catch (error) {
    hooks.onError(error, 'refund')
  }
}

function toSpent(
  context: SpendContext,
  stored: StoredToken,
  receipt: string,
  cost: number,
  answer: SpendResult,
  now: Date,
): Spent | Denial {
  if (answer.outcome === 'refused') return toRefusal(stored, cost, answer)
  const left = [...answer.remaining]
  const remaining = stored.credits === null ? null : (left.shift() ?? 0)
  const poolRemaining = stored.pool === null ? null : (left.shift() ?? 0)
  const credits = stored.credits && { limit: stored.credits.limit, remaining: remaining ?? 0 }
  const after = { ...stored, credits }
  reportLowCredits(context, after, cost, now)
  return { stored: after, receipt: { receipt, cost, remaining, poolRemaining } }
}

function toRefusal(
  stored: StoredToken,
  cost: number,
  { reason, counter, remaining }: Extract<SpendResult, { outcome: 'refused' }>,
): Denial {
  if (reason === 'revoked') return toDenial('token_revoked')
  if (reason === 'expired') return toDenial('token_expired')
  // A pool that is not there is empty; a token that is not there is no token.
  if (reason === 'unknown' && stored.credits !== null && counter === 0) return toDenial('token_unknown')
  return toDenial('credits_exhausted', { remaining, cost })
}

/** Called once for each time the credits fall to the threshold. */
function reportLowCredits(
  { hooks, lowCredits }: SpendContext,
  stored: StoredToken,
  cost: number,
  now: Date,
): void {
  if (hooks.onLowCredits === null || stored.credits === null) return
  const { limit, remaining } = stored.credits
  const threshold = limit * lowCredits
  if (remaining <= threshold && remaining + cost > threshold) hooks.onLowCredits(toTokenRecord(stored, now))
}
