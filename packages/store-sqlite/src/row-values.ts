import type { Connection } from './connection.ts'
import type { SqliteStatement, SqliteValue } from './sqlite-database.ts'

type Values = readonly unknown[]

/**
 * Queries whose rows are lists of values, which cost half of what objects do: for what is read on every request, and
 * what is read a million times. A driver that knows objects only is served by taking them apart.
 */
export interface RowQuery {
  get(...parameters: SqliteValue[]): Values | undefined
  all(...parameters: SqliteValue[]): readonly Values[]
}

export function prepareRows(connection: Connection, sql: string): RowQuery {
  const statement = connection.prepare(sql)
  if (!enableArrays(statement)) {
    return {
      get: (...parameters) => {
        const row = statement.get(...parameters) as object | undefined
        return row && Object.values(row)
      },
      all: (...parameters) => statement.all(...parameters).map((row) => Object.values(row as object)),
    }
  }
  return {
    get: (...parameters) => statement.get(...parameters) as Values | undefined,
    all: (...parameters) => statement.all(...parameters) as Values[],
  }
}

function enableArrays(statement: SqliteStatement): boolean {
  if (statement.setReturnArrays !== undefined) statement.setReturnArrays(true)
  else if (statement.raw !== undefined) statement.raw(true)
  else return false
  return true
}
