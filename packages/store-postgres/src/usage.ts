import type { TokenStore, UsageFilter } from '@hallpass/core'
import { checkStorable, isStorable } from '@hallpass/core'
import { type Connection, DURABLE } from './connection.ts'
import type { Tables } from './tables.ts'

const COLUMNS: Record<UsageFilter['by'], string> = {
  application: 'application',
  subject: 'subject',
  token: 'token_id',
}
const MAX = `${Number.MAX_SAFE_INTEGER}::bigint`

interface TotalRow {
  readonly key: string
  readonly calls: string
  readonly credits: string
}

export function createUsage(connection: Connection, tables: Tables): Pick<TokenStore, 'addUsage' | 'usage'> {
  const key = 'project, day, application, subject, token_id'
  // Summed first, for a row can be changed once only; sorted, so that two batches cannot wait for each other.
  // Counts stop at what a JavaScript number can hold.
  const addAll = `
    INSERT INTO ${tables.usage} AS known (${key}, calls, credits)
    SELECT ${key}, least(${MAX}, sum(calls)), least(${MAX}, sum(credits))
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[])
      AS given (${key}, calls, credits)
    WHERE ${DURABLE} GROUP BY ${key} ORDER BY ${key}
    ON CONFLICT (${key}) DO UPDATE SET calls = least(${MAX}, known.calls + excluded.calls),
      credits = least(${MAX}, known.credits + excluded.credits)`

  return {
    async addUsage(entries) {
      for (const entry of entries) {
        checkStorable(entry.project, entry.day, entry.application, entry.subject, entry.tokenId)
      }
      if (entries.length === 0) return
      await connection.write(addAll, [
        entries.map(({ project }) => project),
        entries.map(({ day }) => day),
        entries.map(({ application }) => application),
        entries.map(({ subject }) => subject),
        entries.map(({ tokenId }) => tokenId),
        entries.map(({ calls }) => calls),
        entries.map(({ credits }) => credits),
      ])
    },

    async usage({ project, from, to, by, subject }) {
      if (!isStorable(project, from, to, subject)) return []
      const column = COLUMNS[by]
      const whose = subject === undefined ? '' : 'AND subject = $4'
      const values = subject === undefined ? [project, from, to] : [project, from, to, subject]
      const rows = await connection.read<TotalRow>(
        `SELECT ${column} AS key, least(${MAX}, sum(calls)) AS calls, least(${MAX}, sum(credits)) AS credits
         FROM ${tables.usage} WHERE project = $1 AND day BETWEEN $2 AND $3 ${whose}
         GROUP BY ${column} ORDER BY 3 DESC, 2 DESC, 1 LIMIT 1000`,
        values,
      )
      return rows.map((row) => ({ key: row.key, calls: Number(row.calls), credits: Number(row.credits) }))
    },
  }
}
