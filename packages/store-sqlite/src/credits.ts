import type { Counter, Pool, RefundOutcome, SpendResult, TokenStore } from '@hallpass/core'
import { checkStorable, isStorable } from '@hallpass/core'
import type { Connection } from './connection.ts'

interface TokenState {
  readonly credit_remaining: number | null
  readonly expires_at: number | null
  readonly revoked_at: number | null
}

interface PoolRow {
  readonly credit_limit: number
  readonly credit_remaining: number
}

type Refusal = Extract<SpendResult, { outcome: 'refused' }>
const CANCELLED: Refusal = { outcome: 'refused', counter: 0, reason: 'cancelled', remaining: 0 }

type Credited = Pick<TokenStore, 'spend' | 'refund' | 'createPool' | 'findPool' | 'addPoolCredits'>

export function createCredits(connection: Connection): Credited {
  // One guarded statement decides: nobody can revoke, expire or empty a token between a look and a write.
  const spendToken = connection.prepare(
    `UPDATE hallpass_tokens SET credit_remaining = credit_remaining - ?
     WHERE project = ? AND id = ? AND credit_remaining >= ?
       AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)
     RETURNING credit_remaining`,
  )
  const spendPool = connection.prepare(
    `UPDATE hallpass_pools SET credit_remaining = credit_remaining - ?
     WHERE project = ? AND name = ? AND credit_remaining >= ?
     RETURNING credit_remaining`,
  )
  const findToken = connection.prepare(
    'SELECT credit_remaining, expires_at, revoked_at FROM hallpass_tokens WHERE project = ? AND id = ?',
  )
  const findPoolRow = connection.prepare(
    'SELECT credit_limit, credit_remaining FROM hallpass_pools WHERE project = ? AND name = ?',
  )
  const findReceipt = connection.prepare('SELECT remaining FROM hallpass_receipts WHERE receipt = ?')
  const addReceipt = connection.prepare(
    'INSERT INTO hallpass_receipts (receipt, at, amount, counters, remaining) VALUES (?, ?, ?, ?, ?)',
  )
  const markRefunded = connection.prepare(
    `UPDATE hallpass_receipts SET refunded_at = ? WHERE receipt = ? AND refunded_at IS NULL
     RETURNING amount, counters`,
  )
  const cancelReceipt = connection.prepare(
    `INSERT INTO hallpass_receipts (receipt, at, amount, counters, remaining, refunded_at)
     VALUES (?, ?, 0, '[]', '[]', ?) ON CONFLICT DO NOTHING`,
  )
  const giveToToken = connection.prepare(
    `UPDATE hallpass_tokens SET credit_remaining = MIN(credit_limit, credit_remaining + ?)
     WHERE project = ? AND id = ?`,
  )
  const giveToPool = connection.prepare(
    `UPDATE hallpass_pools SET credit_remaining = MIN(credit_limit, credit_remaining + ?)
     WHERE project = ? AND name = ?`,
  )
  const addPool = connection.prepare(
    `INSERT INTO hallpass_pools (project, name, credit_limit, credit_remaining) VALUES (?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
  )
  const growPool = connection.prepare(
    `UPDATE hallpass_pools SET credit_limit = credit_limit + ?, credit_remaining = credit_remaining + ?
     WHERE project = ? AND name = ? AND credit_limit <= ?
     RETURNING credit_limit, credit_remaining`,
  )

  function take(counter: Counter, amount: number, time: number): number | null {
    const row = (
      'id' in counter
        ? spendToken.get(amount, counter.project, counter.id, amount, time)
        : spendPool.get(amount, counter.project, counter.pool, amount)
    ) as { readonly credit_remaining: number } | undefined
    return row === undefined ? null : row.credit_remaining
  }

  function give(counter: Counter, amount: number): void {
    if ('id' in counter) giveToToken.run(amount, counter.project, counter.id)
    else giveToPool.run(amount, counter.project, counter.pool)
  }

  /** Why `take` took nothing: the row is still locked as it was then. */
  function toRefusal(counter: Counter, index: number, time: number): Refusal {
    if (!('id' in counter)) {
      const pool = findPoolRow.get(counter.project, counter.pool) as PoolRow | undefined
      if (pool === undefined) return { outcome: 'refused', counter: index, reason: 'unknown', remaining: 0 }
      return { outcome: 'refused', counter: index, reason: 'empty', remaining: pool.credit_remaining }
    }
    const token = findToken.get(counter.project, counter.id) as TokenState | undefined
    return {
      outcome: 'refused',
      counter: index,
      reason: token === undefined ? 'unknown' : toReason(token, time),
      remaining: token?.credit_remaining ?? 0,
    }
  }

  return {
    async spend({ receipt, counters: given, amount, at }) {
      const counters = given.map(copyCounter)
      const time = at.getTime()
      const unknown = counters.findIndex((counter) => !isStorable(...Object.values(counter)))
      if (unknown >= 0) return { outcome: 'refused', counter: unknown, reason: 'unknown', remaining: 0 }
      checkStorable(receipt)
      return connection.write((): SpendResult => {
        const known = findReceipt.get(receipt) as { readonly remaining: string } | undefined
        if (known?.remaining === '[]') return CANCELLED
        if (known !== undefined)
          return { outcome: 'spent', remaining: JSON.parse(known.remaining) as number[] }
        const remaining: number[] = []
        for (const [index, counter] of counters.entries()) {
          const left = take(counter, amount, time)
          if (left === null) {
            const refusal = toRefusal(counter, index, time)
            for (const taken of counters.slice(0, index)) give(taken, amount)
            return refusal
          }
          remaining.push(left)
        }
        addReceipt.run(receipt, time, amount, JSON.stringify(counters), JSON.stringify(remaining))
        return { outcome: 'spent', remaining }
      })
    },

    async refund(receipt, at) {
      if (!isStorable(receipt)) return 'unknown'
      const time = at.getTime()
      return connection.write((): RefundOutcome => {
        const row = markRefunded.get(time, receipt) as
          | { readonly amount: number; readonly counters: string }
          | undefined
        if (row === undefined) {
          return Number(cancelReceipt.run(receipt, time, time).changes) === 1 ? 'unknown' : 'already_refunded'
        }
        for (const counter of JSON.parse(row.counters) as Counter[]) give(counter, row.amount)
        return 'refunded'
      })
    },

    async createPool({ project, name, limit, remaining }) {
      checkStorable(project, name)
      return connection.write(() => Number(addPool.run(project, name, limit, remaining).changes) === 1)
    },

    findPool: (project, name) =>
      connection.read(() => {
        if (!isStorable(project, name)) return null
        const row = findPoolRow.get(project, name) as PoolRow | undefined
        return row === undefined ? null : toPool(project, name, row)
      }),

    async addPoolCredits(project, name, amount) {
      if (!isStorable(project, name)) return null
      return connection.write(() => {
        const highest = Number.MAX_SAFE_INTEGER - amount
        const row = growPool.get(amount, amount, project, name, highest) as PoolRow | undefined
        if (row !== undefined) return toPool(project, name, row)
        return findPoolRow.get(project, name) === undefined ? null : 'overflow'
      })
    },
  }
}

/** Only what names the counter: it is written into the receipt. */
function copyCounter(counter: Counter): Counter {
  const { project } = counter
  return 'id' in counter ? { project, id: counter.id } : { project, pool: counter.pool }
}

function toReason(token: TokenState, time: number): Refusal['reason'] {
  if (token.revoked_at !== null) return 'revoked'
  if (token.expires_at !== null && token.expires_at <= time) return 'expired'
  return token.credit_remaining === null ? 'unknown' : 'empty'
}

function toPool(project: string, name: string, row: PoolRow): Pool {
  return { project, name, limit: row.credit_limit, remaining: row.credit_remaining }
}
