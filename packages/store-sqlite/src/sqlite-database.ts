/** What is bound to a statement. Times are milliseconds, booleans 0 and 1, lists and claims JSON text. */
export type SqliteValue = string | number | null

export interface SqliteStatement {
  run(...parameters: SqliteValue[]): { readonly changes: number | bigint }
  /** One row as an object, undefined when there is none. */
  get(...parameters: SqliteValue[]): unknown
  all(...parameters: SqliteValue[]): unknown[]
  /** node:sqlite, from 24.0 and 22.16: rows as arrays from now on. */
  setReturnArrays?(enabled: boolean): void
  /** better-sqlite3: the same. */
  raw?(enabled: boolean): unknown
}

/** What `DatabaseSync` of node:sqlite and `Database` of better-sqlite3 have in common. */
export interface SqliteDatabase {
  prepare(sql: string): SqliteStatement
  exec(sql: string): unknown
}
