import type { TokenStore, UsageFilter, UsageTotal } from '@hallpass/core'
import { addUsageCounts, checkStorable, compareUsageTotals, isStorable } from '@hallpass/core'
import type { Connection } from './connection.ts'
import { ADD_USAGE, USAGE_DAYS, USAGE_STEP } from './lua/usage.ts'

/** Entries in one step, between which everything else gets its turn. */
const ADD_AT_ONCE = 5000
const READ_AT_ONCE = '1000'
const MAX_TOTALS = 1000

/** Whose the counts of a day are, as JSON in the name of a field. */
export type UsageWhose = readonly [application: string, subject: string, tokenId: string]

const FIELDS: Record<UsageFilter['by'], 0 | 1 | 2> = { application: 0, subject: 1, token: 2 }

export function createUsage(connection: Connection): Pick<TokenStore, 'addUsage' | 'usage'> {
  return {
    async addUsage(entries) {
      const rows = entries.map(({ project, day, application, subject, tokenId, calls, credits }) => {
        checkStorable(project, day, application, subject, tokenId)
        const whose: UsageWhose = [application, subject, tokenId]
        return [project, day, JSON.stringify(whose), String(calls), String(credits)]
      })
      for (let start = 0; start < rows.length; start += ADD_AT_ONCE) {
        await connection.run(ADD_USAGE, rows.slice(start, start + ADD_AT_ONCE).flat())
      }
    },

    async usage({ project, from, to, by, subject }) {
      if (!isStorable(project, from, to, subject)) return []
      const totals = new Map<string, UsageTotal>()
      const days = (await connection.run(USAGE_DAYS, [project, from, to])) as readonly string[]
      for (const day of days) {
        for (const [field, counts] of await readUsageDay(connection, project, day)) {
          const whose = JSON.parse(field) as UsageWhose
          if (subject !== undefined && whose[FIELDS.subject] !== subject) continue
          const key = whose[FIELDS[by]]
          const [calls = 0, credits = 0] = counts.split(' ').map(Number)
          totals.set(key, { key, ...addUsageCounts(totals.get(key), { calls, credits }) })
        }
      }
      return [...totals.values()].sort(compareUsageTotals).slice(0, MAX_TOTALS)
    },
  }
}

/** Calls and credits of a day, by whose they are. A scan may show an entry twice. */
export async function readUsageDay(
  connection: Connection,
  project: string,
  day: string,
): Promise<Map<string, string>> {
  const counts = new Map<string, string>()
  let cursor = '0'
  do {
    const answer = (await connection.run(USAGE_STEP, [project, day, cursor, READ_AT_ONCE])) as [
      string,
      string[],
    ]
    const [next, fields] = answer
    for (let index = 0; index + 1 < fields.length; index += 2) {
      counts.set(fields[index] ?? '', fields[index + 1] ?? '')
    }
    cursor = next
  } while (cursor !== '0')
  return counts
}
