import type { Counter, Pool, RefundOutcome, SpendResult, TokenStore } from '@hallpass/core'
import { checkStorable, isStorable } from '@hallpass/core'
import type { Connection } from './connection.ts'
import { ADD_POOL_CREDITS, CREATE_POOL, FIND_POOL, REFUND, SPEND } from './lua/credits.ts'
import { toTimeText } from './token-fields.ts'

type Credited = Pick<TokenStore, 'spend' | 'refund' | 'createPool' | 'findPool' | 'addPoolCredits'>
type Refusal = Extract<SpendResult, { outcome: 'refused' }>
type SpendAnswer =
  | readonly ['spent', remaining: readonly string[]]
  | readonly ['refused', counter: number, reason: Refusal['reason'], remaining: string]
type PoolAnswer = readonly [limit: string, remaining: string] | null

export function createCredits(connection: Connection): Credited {
  return {
    async spend({ receipt, counters, amount, at }) {
      const unknown = counters.findIndex((counter) => !isStorable(...Object.values(counter)))
      if (unknown >= 0) return { outcome: 'refused', counter: unknown, reason: 'unknown', remaining: 0 }
      checkStorable(receipt)
      const parameters = [receipt, String(amount), toTimeText(at), ...counters.flatMap(toPlace)]
      const answer = (await connection.run(SPEND, parameters)) as SpendAnswer
      if (answer[0] === 'spent') return { outcome: 'spent', remaining: answer[1].map(Number) }
      const [, counter, reason, remaining] = answer
      return { outcome: 'refused', counter, reason, remaining: Number(remaining) }
    },

    async refund(receipt, at) {
      if (!isStorable(receipt)) return 'unknown'
      return (await connection.run(REFUND, [receipt, toTimeText(at)])) as RefundOutcome
    },

    async createPool({ project, name, limit, remaining }) {
      checkStorable(project, name)
      return (await connection.run(CREATE_POOL, [project, name, String(limit), String(remaining)])) === 1
    },

    async findPool(project, name) {
      if (!isStorable(project, name)) return null
      const answer = (await connection.run(FIND_POOL, [project, name])) as PoolAnswer
      return answer === null ? null : toPool(project, name, answer)
    },

    async addPoolCredits(project, name, amount) {
      if (!isStorable(project, name)) return null
      const parameters = [project, name, String(amount)]
      const answer = (await connection.run(ADD_POOL_CREDITS, parameters)) as PoolAnswer | 'overflow'
      return answer === null || answer === 'overflow' ? answer : toPool(project, name, answer)
    },
  }
}

function toPlace(counter: Counter): string[] {
  return 'id' in counter ? ['token', counter.project, counter.id] : ['pool', counter.project, counter.pool]
}

function toPool(project: string, name: string, [limit, remaining]: NonNullable<PoolAnswer>): Pool {
  return { project, name, limit: Number(limit), remaining: Number(remaining) }
}
