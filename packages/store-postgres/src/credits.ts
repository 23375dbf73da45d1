import type { Counter, Pool, Spend, SpendResult, TokenStore } from '@hallpass/core'
import { checkStorable, isStorable } from '@hallpass/core'
import { type Connection, DURABLE } from './connection.ts'
import { isViolationOf, PostgresStoreError } from './postgres-error.ts'
import { toSpendStatement } from './spend-statement.ts'
import type { Tables } from './tables.ts'

/** A counter as it is, beside what the receipt of the spend says. */
interface CounterRow {
  readonly spent: string | null
  readonly token_there: string
  readonly pool_there: string
  readonly credit_remaining: string | null
  readonly expires_at: string | null
  readonly revoked_at: string | null
}

interface PoolRow {
  readonly credit_limit: string
  readonly credit_remaining: string
}

type Credited = Pick<TokenStore, 'spend' | 'refund' | 'createPool' | 'findPool' | 'addPoolCredits'>

/** How often a spend is tried when what was in its way is gone at the second look. */
const ATTEMPTS = 5

export function createCredits(connection: Connection, tables: Tables): Credited {
  const lookAgain = `
    SELECT (SELECT remaining FROM ${tables.receipts} WHERE receipt = $1) AS spent,
      token.id IS NOT NULL AS token_there, pool.name IS NOT NULL AS pool_there,
      coalesce(token.credit_remaining, pool.credit_remaining) AS credit_remaining,
      token.expires_at, token.revoked_at
    FROM unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS asked (project, id, pool, place)
    LEFT JOIN ${tables.tokens} AS token ON token.project = asked.project AND token.id = asked.id
    LEFT JOIN ${tables.pools} AS pool ON pool.project = asked.project AND pool.name = asked.pool
    ORDER BY place`
  // All rows are locked in the order of every spend, and only then changed.
  const refundOnce = `
    WITH refunded AS (
      UPDATE ${tables.receipts} SET refunded_at = $2
      WHERE receipt = $1 AND refunded_at IS NULL AND ${DURABLE}
      RETURNING amount, counters),
    given AS (
      SELECT amount, counter ->> 'project' AS project, counter ->> 'id' AS id, counter ->> 'pool' AS pool
      FROM refunded CROSS JOIN json_array_elements(counters) AS counter),
    locked_tokens AS MATERIALIZED (
      SELECT token.project, token.id, given.amount FROM given JOIN ${tables.tokens} AS token USING (project, id)
      ORDER BY token.project, token.id FOR UPDATE OF token),
    locked_pools AS MATERIALIZED (
      SELECT pool.project, pool.name, given.amount
      FROM given JOIN ${tables.pools} AS pool ON pool.project = given.project AND pool.name = given.pool
      WHERE (SELECT count(*) FROM locked_tokens) >= 0
      ORDER BY pool.project, pool.name FOR UPDATE OF pool),
    given_to_tokens AS (
      UPDATE ${tables.tokens} AS token
      SET credit_remaining = least(token.credit_limit, token.credit_remaining + locked_tokens.amount)
      FROM locked_tokens WHERE token.project = locked_tokens.project AND token.id = locked_tokens.id),
    given_to_pools AS (
      UPDATE ${tables.pools} AS pool
      SET credit_remaining = least(pool.credit_limit, pool.credit_remaining + locked_pools.amount)
      FROM locked_pools WHERE pool.project = locked_pools.project AND pool.name = locked_pools.name)
    SELECT 1 FROM refunded`
  const cancelReceipt = `
    INSERT INTO ${tables.receipts} (receipt, at, amount, counters, remaining, refunded_at)
    SELECT $1, $2::bigint, 0, '[]', '[]', $2::bigint WHERE ${DURABLE} ON CONFLICT DO NOTHING RETURNING 1`
  const addPool = `
    INSERT INTO ${tables.pools} (project, name, credit_limit, credit_remaining)
    SELECT $1, $2, $3::bigint, $4::bigint WHERE ${DURABLE} ON CONFLICT DO NOTHING RETURNING 1`
  const findPoolRow = `SELECT credit_limit, credit_remaining FROM ${tables.pools} WHERE project = $1 AND name = $2`
  const growPool = `
    UPDATE ${tables.pools} SET credit_limit = credit_limit + $3::bigint, credit_remaining = credit_remaining + $3::bigint
    WHERE project = $1 AND name = $2 AND credit_limit <= $4 AND ${DURABLE}
    RETURNING credit_limit, credit_remaining`

  /** @returns null when something was in the way */
  async function trySpend(spend: Spend): Promise<SpendResult | null> {
    const { receipt, counters, amount, at } = spend
    const places = counters.flatMap((counter) => [
      counter.project,
      'id' in counter ? counter.id : counter.pool,
    ])
    try {
      const [row] = await connection.write<{ readonly remaining: string }>(
        toSpendStatement(tables, counters),
        [receipt, at.getTime(), amount, JSON.stringify(counters), ...places],
      )
      return row === undefined ? null : toSpent(row.remaining)
    } catch (error) {
      if (isViolationOf(error, 'receipts_by_receipt')) return null
      throw error
    }
  }

  /** What was in the way of a spend; null = nothing is any more. */
  async function findObstacle({ receipt, counters, amount, at }: Spend): Promise<SpendResult | null> {
    const rows = await connection.read<CounterRow>(lookAgain, [
      receipt,
      counters.map(({ project }) => project),
      counters.map((counter) => ('id' in counter ? counter.id : null)),
      counters.map((counter) => ('pool' in counter ? counter.pool : null)),
    ])
    for (const [counter, row] of rows.entries()) {
      if (row.spent !== null) return toSpent(row.spent)
      const reason = toReason(row, amount, at)
      const remaining = Number(row.credit_remaining ?? 0)
      if (reason !== null) return { outcome: 'refused', counter, reason, remaining }
    }
    return null
  }

  async function readPool(project: string, name: string): Promise<Pool | null> {
    const [row] = await connection.read<PoolRow>(findPoolRow, [project, name])
    return row === undefined ? null : toPool(project, name, row)
  }

  return {
    async spend({ receipt, counters: given, amount, at }) {
      const spend = { receipt, counters: given.map(copyCounter), amount, at: new Date(at) }
      const unknown = spend.counters.findIndex((counter) => !isStorable(...Object.values(counter)))
      if (unknown >= 0) return { outcome: 'refused', counter: unknown, reason: 'unknown', remaining: 0 }
      checkStorable(receipt)
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        const answer = (await trySpend(spend)) ?? (await findObstacle(spend))
        if (answer !== null) return answer
      }
      throw new PostgresStoreError('failed', 'the spend could not be made: its counters changed all the time')
    },

    async refund(receipt, at) {
      if (!isStorable(receipt)) return 'unknown'
      const parameters = [receipt, at.getTime()]
      if ((await connection.write(refundOnce, parameters)).length > 0) return 'refunded'
      if ((await connection.write(cancelReceipt, parameters)).length > 0) return 'unknown'
      // It is there: given back before, or of a spend that came between the two.
      return (await connection.write(refundOnce, parameters)).length > 0 ? 'refunded' : 'already_refunded'
    },

    async createPool({ project, name, limit, remaining }) {
      checkStorable(project, name)
      return (await connection.write(addPool, [project, name, limit, remaining])).length > 0
    },

    async findPool(project, name) {
      return isStorable(project, name) ? readPool(project, name) : null
    },

    async addPoolCredits(project, name, amount) {
      if (!isStorable(project, name)) return null
      const highest = Number.MAX_SAFE_INTEGER - amount
      const [row] = await connection.write<PoolRow>(growPool, [project, name, amount, highest])
      if (row !== undefined) return toPool(project, name, row)
      return (await readPool(project, name)) === null ? null : 'overflow'
    },
  }
}

/** Only what names the counter: it is written into the receipt. */
function copyCounter(counter: Counter): Counter {
  const { project } = counter
  return 'id' in counter ? { project, id: counter.id } : { project, pool: counter.pool }
}

function toSpent(remaining: string): SpendResult {
  if (remaining === '[]') return { outcome: 'refused', counter: 0, reason: 'cancelled', remaining: 0 }
  return { outcome: 'spent', remaining: JSON.parse(remaining) as number[] }
}

/** Why a counter refuses; null = it does not. */
function toReason(
  row: CounterRow,
  amount: number,
  at: Date,
): Extract<SpendResult, { outcome: 'refused' }>['reason'] | null {
  if (row.token_there === 'f' && row.pool_there === 'f') return 'unknown'
  if (row.revoked_at !== null) return 'revoked'
  if (row.expires_at !== null && Number(row.expires_at) <= at.getTime()) return 'expired'
  if (row.credit_remaining === null) return 'unknown'
  return Number(row.credit_remaining) < amount ? 'empty' : null
}

function toPool(project: string, name: string, row: PoolRow): Pool {
  return { project, name, limit: Number(row.credit_limit), remaining: Number(row.credit_remaining) }
}
