import type { Counter, StoredRow, StoredRows } from '@hallpass/core'
import type { Connection } from './connection.ts'
import { EXPORT_POOLS, EXPORT_RECEIPTS, EXPORT_TOKENS, NEXT_DAY, NEXT_PROJECT } from './lua/stored-rows.ts'
import { type TokenValues, toStoredToken } from './token-fields.ts'
import { readUsageDay, type UsageWhose } from './usage.ts'

type TokenAnswer = readonly [
  id: string,
  values: TokenValues,
  unique: string | null,
  keySha256: string | null,
  requestSha256: string | null,
]
type PoolAnswer = readonly [name: string, limit: string, remaining: string]
type ReceiptAnswer = readonly [
  receipt: string,
  at: string,
  amount: string,
  refunded: string,
  counters: readonly (readonly [kind: 'token' | 'pool', project: string, name: string])[],
  remaining: readonly string[],
]

/** What is kept project by project, in this order; the receipts come after all of it. */
const KINDS = ['token', 'pool', 'usage'] as const

/** Where an export goes on. `from` is as ZRANGEBYLEX wants it; of receipts it is a place. */
type Position =
  | { readonly kind: (typeof KINDS)[number]; readonly project: string; readonly from: string }
  | { readonly kind: 'receipt'; readonly from: number }

interface Step {
  readonly rows: readonly StoredRow[]
  /** Where this list goes on; null = it ended. */
  readonly from: string | null
}

export function createRowExport(connection: Connection): Pick<StoredRows, 'exportRows'> {
  async function readStep(
    { kind, project, from }: Exclude<Position, { kind: 'receipt' }>,
    limit: number,
  ): Promise<Step> {
    const parameters = [project, from, String(limit)]
    switch (kind) {
      case 'token': {
        const answer = (await connection.run(EXPORT_TOKENS, parameters)) as TokenAnswer[]
        const last = answer.length < limit ? undefined : answer.at(-1)
        const rows = answer.flatMap((token) => toTokenRow(project, token))
        return { rows, from: last === undefined ? null : `(${last[0]}` }
      }
      case 'pool': {
        const answer = (await connection.run(EXPORT_POOLS, parameters)) as PoolAnswer[]
        const last = answer.length < limit ? undefined : answer.at(-1)
        const rows = answer.map(([name, credits, remaining]): StoredRow => {
          return {
            kind: 'pool',
            pool: { project, name, limit: Number(credits), remaining: Number(remaining) },
          }
        })
        return { rows, from: last === undefined ? null : `(${last[0]}` }
      }
      case 'usage': {
        // A day as a whole: only all of it can be told from what a scan shows twice.
        const day = (await connection.run(NEXT_DAY, [project, from])) as string | null
        if (day === null) return { rows: [], from: null }
        const counts = await readUsageDay(connection, project, day)
        const rows = [...counts].map(([whose, count]) => toUsageRow(project, day, whose, count))
        return { rows, from: `(${day}` }
      }
    }
  }

  async function readReceipts(from: number, limit: number): Promise<readonly StoredRow[]> {
    const answer = (await connection.run(EXPORT_RECEIPTS, [
      String(from),
      String(limit),
    ])) as readonly ReceiptAnswer[]
    return answer.map(toReceiptRow)
  }

  async function findFirst(kind: (typeof KINDS)[number] | undefined, after: string): Promise<Position> {
    if (kind === undefined) return { kind: 'receipt', from: 0 }
    const project = (await connection.run(NEXT_PROJECT, [after])) as string | null
    if (project !== null) return { kind, project, from: '-' }
    return findFirst(KINDS[KINDS.indexOf(kind) + 1], '-')
  }

  return {
    async exportRows(after, limit) {
      let position = after === null ? await findFirst('token', '-') : parsePosition(after)
      const rows: StoredRow[] = []
      while (rows.length < limit) {
        const left = limit - rows.length
        if (position.kind === 'receipt') {
          const receipts = await readReceipts(position.from, left)
          rows.push(...receipts)
          if (receipts.length < left) return { rows, next: null }
          position = { kind: 'receipt', from: position.from + receipts.length }
        } else {
          const step = await readStep(position, left)
          for (const row of step.rows) rows.push(row)
          position =
            step.from === null
              ? await findFirst(position.kind, `(${position.project}`)
              : { ...position, from: step.from }
        }
      }
      return { rows, next: JSON.stringify(position) }
    },
  }
}

function toTokenRow(
  project: string,
  [id, values, unique, keySha256, requestSha256]: TokenAnswer,
): StoredRow[] {
  const token = toStoredToken(project, id, values)
  // Gone only where a server was accepted that may evict keys.
  if (token === null) return []
  const idempotency = keySha256 === null || requestSha256 === null ? null : { keySha256, requestSha256 }
  return [{ kind: 'token', token, uniqueName: unique === '1', idempotency }]
}

function toUsageRow(project: string, day: string, whose: string, count: string): StoredRow {
  const [application, subject, tokenId] = JSON.parse(whose) as UsageWhose
  const [calls = 0, credits = 0] = count.split(' ').map(Number)
  return { kind: 'usage', usage: { project, day, application, subject, tokenId, calls, credits } }
}

function toReceiptRow([receipt, at, amount, refunded, places, remaining]: ReceiptAnswer): StoredRow {
  const counters = places.map(([kind, project, name]): Counter => {
    return kind === 'pool' ? { project, pool: name } : { project, id: name }
  })
  return {
    kind: 'receipt',
    receipt: {
      receipt,
      counters,
      amount: Number(amount),
      at: new Date(Number(at)),
      remaining: remaining.map(Number),
      refunded: refunded !== '',
    },
  }
}

/** @throws RangeError for a text that is no `next` of ours */
function parsePosition(after: string): Position {
  let found: unknown
  try {
    found = JSON.parse(after)
  } catch {
    throw foreignPosition()
  }
  if (typeof found !== 'object' || found === null || !('kind' in found) || !('from' in found)) {
    throw foreignPosition()
  }
  const { kind, from } = found
  if (kind === 'receipt' && Number.isSafeInteger(from)) return { kind, from: Number(from) }
  const known = KINDS.find((one) => one === kind)
  if (known === undefined || typeof from !== 'string' || !/^[-([]/.test(from)) throw foreignPosition()
  if (!('project' in found) || typeof found.project !== 'string') throw foreignPosition()
  return { kind: known, project: found.project, from }
}

function foreignPosition(): RangeError {
  return new RangeError('this is not where an export of a Redis store goes on')
}
