import type { Connection } from './connection.ts'
import type { SqliteValue } from './sqlite-database.ts'

type Values = readonly unknown[]

/**
 * Queries whose rows are lists of values. For objects node:sqlite makes dictionaries, which cost several times as much to
 * fill and to read. A driver that knows objects only is served by taking them apart.
 */
export interface RowQuery {
  get(...parameters: SqliteValue[]): Values | undefined
  all(...parameters: SqliteValue[]): readonly Values[]
}

export function prepareRows(connection: Connection, sql: string): RowQuery {
  const statement = connection.prepare(sql)
  statement.setReturnArrays?.(true)
  statement.raw?.(true)
  return {
    get(...parameters) {
      const row = statement.get(...parameters)
      return row === undefined ? undefined : toValues(row)
    },
    all: (...parameters) => statement.all(...parameters).map(toValues),
  }
}

/** A driver may know the switch and not mind it: ids that read as undefined would revoke nothing. */
function toValues(row: unknown): Values {
  return Array.isArray(row) ? row : Object.values(row as object)
}
