import type { Counter } from '@hallpass/core'
import { DURABLE } from './connection.ts'
import type { Tables } from './tables.ts'

/** What may be spent from: `$2` is the moment and `$3` the amount of the spend. */
const TOKEN_GUARD = `counter.credit_remaining >= $3::bigint AND counter.revoked_at IS NULL
  AND (counter.expires_at IS NULL OR counter.expires_at > $2::bigint)`
const POOL_GUARD = 'counter.credit_remaining >= $3::bigint'

/**
 * One statement that takes from all counters or from none, and writes the receipt: a row with what remains, or no row
 * when a counter refused or the receipt is known.
 *
 * All counters but the last are locked one after the other, each only when the one before it passed its guard; then
 * the last is taken from under its guard, and when that worked so are the others. Every process takes the locks in the
 * order of `toLockOrder`, so that no two spends wait for each other.
 *
 * Parameters: receipt, moment, amount, the counters as JSON, then project and id (or name) of each counter in its place.
 */
export function toSpendStatement(tables: Tables, counters: readonly Counter[]): string {
  const order = toLockOrder(counters)
  const parts = [`known AS (SELECT FROM ${tables.receipts} WHERE receipt = $1)`]
  let before: string | null = null
  for (const [step, index] of order.entries()) {
    const { table, guard, isCounter } = describeCounter(tables, counters[index], index)
    // The first statement part that touches anything asks for durability and for the receipt.
    const first = `NOT EXISTS (SELECT FROM known) AND ${DURABLE}`
    const condition = `${isCounter} AND ${guard}${before === null ? ` AND ${first}` : ''}`
    if (step < order.length - 1) {
      const from = before === null ? '' : `${before}, `
      parts.push(`locked_${index} AS MATERIALIZED (
        SELECT 1 FROM ${from}${table} AS counter WHERE ${condition} FOR UPDATE OF counter)`)
      before = `locked_${index}`
      continue
    }
    parts.push(toTake(table, index, before, condition))
    for (const earlier of order.slice(0, -1)) {
      const held = describeCounter(tables, counters[earlier], earlier)
      parts.push(toTake(held.table, earlier, `taken_${index}`, held.isCounter))
    }
  }
  const taken = counters.map((_, index) => `taken_${index}`)
  return `WITH ${parts.join(',\n')}
    INSERT INTO ${tables.receipts} (receipt, at, amount, counters, remaining)
    SELECT $1, $2, $3, $4, json_build_array(${taken.map((name) => `${name}.remaining`).join(', ')})
    FROM ${taken.join(', ')}
    RETURNING remaining`
}

function toTake(table: string, index: number, after: string | null, condition: string): string {
  return `taken_${index} AS (
    UPDATE ${table} AS counter SET credit_remaining = counter.credit_remaining - $3::bigint
    ${after === null ? '' : `FROM ${after}`} WHERE ${condition}
    RETURNING counter.credit_remaining AS remaining)`
}

function describeCounter(
  tables: Tables,
  counter: Counter | undefined,
  index: number,
): { readonly table: string; readonly guard: string; readonly isCounter: string } {
  const [project, id] = [`$${5 + 2 * index}`, `$${6 + 2 * index}`]
  return counter !== undefined && 'id' in counter
    ? {
        table: tables.tokens,
        guard: TOKEN_GUARD,
        isCounter: `counter.project = ${project} AND counter.id = ${id}`,
      }
    : {
        table: tables.pools,
        guard: POOL_GUARD,
        isCounter: `counter.project = ${project} AND counter.name = ${id}`,
      }
}

/** The places of the counters in the order in which everything here locks: tokens first, then pools, each by name. */
export function toLockOrder(counters: readonly Counter[]): number[] {
  const keys = counters.map((counter) =>
    'id' in counter
      ? ([0, Buffer.from(counter.project), Buffer.from(counter.id)] as const)
      : ([1, Buffer.from(counter.project), Buffer.from(counter.pool)] as const),
  )
  return [...keys.keys()].toSorted((left, right) => {
    const [a, b] = [keys[left], keys[right]]
    if (a === undefined || b === undefined) return 0
    return a[0] - b[0] || Buffer.compare(a[1], b[1]) || Buffer.compare(a[2], b[2])
  })
}
