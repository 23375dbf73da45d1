import type { SqliteDatabase } from '../src/index.ts'
import type { SqliteStatement } from '../src/sqlite-database.ts'

/**
 * A database without the switches for rows as lists, as a driver of another make has none.
 * @param change members that take the place of a statement's own
 */
export function wrapDatabase(
  database: SqliteDatabase,
  change: (statement: SqliteStatement, sql: string) => Partial<SqliteStatement>,
): SqliteDatabase {
  return {
    exec: (sql) => database.exec(sql),
    prepare(sql) {
      const statement = database.prepare(sql)
      return {
        run: (...values) => statement.run(...values),
        all: (...values) => statement.all(...values),
        get: (...values) => statement.get(...values),
        ...change(statement, sql),
      }
    },
  }
}
