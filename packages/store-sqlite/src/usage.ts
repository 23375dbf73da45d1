import type { TokenStore, UsageEntry, UsageFilter, UsageTotal } from '@hallpass/core'
import { checkStorable, isStorable } from '@hallpass/core'
import type { Connection } from './connection.ts'
import type { SqliteStatement, SqliteValue } from './sqlite-database.ts'

const COLUMNS: Record<UsageFilter['by'], string> = {
  application: 'application',
  subject: 'subject',
  token: 'token_id',
}
const MAX = Number.MAX_SAFE_INTEGER
/**
 * Entries of one statement. To be able to undo half of it SQLite keeps copies of the pages that it changes; more entries
 * are not written faster.
 */
const ENTRIES = 10

export function createUsage(connection: Connection): Pick<TokenStore, 'addUsage' | 'usage'> {
  const addOne = prepareAdd(connection, 1)
  const addMany = prepareAdd(connection, ENTRIES)
  const totals = new Map<string, SqliteStatement>()

  function prepareTotals(by: UsageFilter['by'], ofSubject: boolean): SqliteStatement {
    const sql = `SELECT ${COLUMNS[by]} AS key, MIN(${MAX}, SUM(calls)) AS calls, MIN(${MAX}, SUM(credits)) AS credits
      FROM hallpass_usage WHERE project = ? AND day BETWEEN ? AND ?${ofSubject ? ' AND subject = ?' : ''}
      GROUP BY ${COLUMNS[by]} ORDER BY 3 DESC, 2 DESC, 1 LIMIT 1000`
    let statement = totals.get(sql)
    if (statement === undefined) {
      statement = connection.prepare(sql)
      totals.set(sql, statement)
    }
    return statement
  }

  return {
    async addUsage(entries) {
      if (entries.length === 0) return
      const many: SqliteValue[][] = []
      const rest = entries.length % ENTRIES
      for (let at = 0; at < entries.length - rest; at += ENTRIES) {
        many.push(toValues(entries.slice(at, at + ENTRIES)))
      }
      const ones = entries.slice(entries.length - rest).map((entry) => toValues([entry]))
      await connection.writeUnsynced(() => {
        for (const values of many) addMany.run(...values)
        for (const values of ones) addOne.run(...values)
      })
    },

    usage: ({ project, from, to, by, subject }) =>
      connection.read(() => {
        if (!isStorable(project, from, to, subject)) return []
        const values = subject === undefined ? [project, from, to] : [project, from, to, subject]
        const rows = prepareTotals(by, subject !== undefined).all(...values) as UsageTotal[]
        return rows.map(({ key, calls, credits }) => ({ key, calls, credits }))
      }),
  }
}

/** What is bound for these entries, in the order of their columns. */
function toValues(entries: readonly UsageEntry[]): SqliteValue[] {
  const values: SqliteValue[] = []
  for (const { project, day, application, subject, tokenId, calls, credits } of entries) {
    checkStorable(project, day, application, subject, tokenId)
    values.push(project, day, application, subject, tokenId, calls, credits)
  }
  return values
}

/** Adds so many entries, also several of one key. Counts stop at what a JavaScript number can hold. */
function prepareAdd(connection: Connection, entries: number): SqliteStatement {
  return connection.prepare(
    `INSERT INTO hallpass_usage (project, day, application, subject, token_id, calls, credits)
     VALUES ${Array.from({ length: entries }, () => '(?, ?, ?, ?, ?, ?, ?)').join(', ')}
     ON CONFLICT DO UPDATE SET calls = MIN(${MAX}, calls + excluded.calls),
       credits = MIN(${MAX}, credits + excluded.credits)`,
  )
}
