import type { StoredToken } from './token.ts'
import type { ChangeRefusal, TokenChange } from './token-store.ts'

/**
 * The token after a change, or why it cannot be changed. For the row that a store holds locked: what is judged may not
 * change before it is written. The Redis store says the same in Lua.
 */
export function applyChange(token: StoredToken, change: TokenChange): StoredToken | ChangeRefusal {
  if (token.revokedAt !== null) return 'inactive'
  if (token.expiresAt !== null && token.expiresAt <= change.at) return 'inactive'
  let { name, credits, expiresAt } = token
  if (change.name !== undefined) name = change.name
  if (change.addCredits !== undefined) {
    const limit = (credits?.limit ?? 0) + change.addCredits
    if (change.maxCreditLimit !== undefined && limit > change.maxCreditLimit) return 'credit_limit_exceeded'
    if (credits === null) return 'not_metered'
    if (limit > Number.MAX_SAFE_INTEGER) return 'credits_overflow'
    credits = { limit, remaining: credits.remaining + change.addCredits }
  }
  if (change.expiresAt !== undefined) {
    if (expiresAt !== null && change.expiresAt > expiresAt) return 'not_earlier'
    expiresAt = change.expiresAt
  }
  return { ...token, name, credits, expiresAt }
}
