import { parseCreditAmount } from './credit-amount.ts'
import { parseLabel } from './label.ts'
import { TokenRequestError } from './request-error.ts'
import type { StoreCall } from './store-call.ts'
import type { TokenService } from './token-service.ts'
import type { TokenStore } from './token-store.ts'

/** Pools: credits that the tokens of an account share. */
export function createPools({
  store,
  call,
}: {
  readonly store: TokenStore
  readonly call: StoreCall
}): Pick<TokenService, 'createPool' | 'findPool' | 'addPoolCredits'> {
  const parsePool = (project: string, name: string): { readonly project: string; readonly name: string } => ({
    project: parseLabel(project, 'project', { max: 128 }),
    name: parseLabel(name, 'pool', { max: 256 }),
  })
  return {
    async createPool(project, name, credits) {
      const limit = credits === 0 ? 0 : parseCreditAmount(credits, 'credits')
      const pool = { ...parsePool(project, name), limit, remaining: limit }
      return call(() => store.createPool(pool))
    },
    async findPool(project, name) {
      const pool = parsePool(project, name)
      return call(() => store.findPool(pool.project, pool.name))
    },
    async addPoolCredits(project, name, amount) {
      const add = parseCreditAmount(amount, 'credits')
      const place = parsePool(project, name)
      const pool = await call(() => store.addPoolCredits(place.project, place.name, add))
      if (pool === null) throw new TokenRequestError('not_found', 'the project has no pool of this name')
      if (pool === 'overflow') {
        throw new TokenRequestError('invalid_request', 'a pool holds at most 2^53 - 1 credits', 'credits')
      }
      return pool
    },
  }
}
