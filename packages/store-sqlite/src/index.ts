export type { SqliteDatabase, SqliteStatement, SqliteValue } from './sqlite-database.ts'
export { SqliteStoreError } from './sqlite-error.ts'
export { createSqliteStore, type SqliteStoreOptions } from './sqlite-store.ts'
