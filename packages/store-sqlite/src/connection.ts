import type { Awaitable } from '@hallpass/core'
import { retryBusy } from './busy-retry.ts'
import { createGroupCommit } from './group-commit.ts'
import type { SqliteDatabase, SqliteStatement } from './sqlite-database.ts'
import { isBusy, SqliteStoreError, toStoreError } from './sqlite-error.ts'

/** One database connection as the parts of the store use it. */
export interface Connection {
  prepare(sql: string): SqliteStatement
  /**
   * What `work` answers, at once: nothing waits behind the mutations, and what they have not committed is never
   * seen. A promise only in the rare moment when another process has the whole file for itself.
   */
  read<T>(work: () => T): Awaitable<T>
  /** See `GroupCommit.write`. */
  write<T>(work: () => T): Promise<T>
  /** See `GroupCommit.writeUnsynced`. */
  writeUnsynced<T>(work: () => T): Promise<T>
  /** Waits for the mutations that were accepted; from then on everything is refused. */
  close(): Promise<void>
}

export function createConnection(database: SqliteDatabase, busyTimeoutMs: number): Connection {
  const commits = createGroupCommit(database, busyTimeoutMs)
  let closed = false

  return {
    prepare: (sql) => database.prepare(sql),
    read<T>(work: () => T): Awaitable<T> {
      if (closed) throw new SqliteStoreError('closed', 'the store is closed')
      try {
        return work()
      } catch (error) {
        if (isBusy(error)) return retryBusy(work, busyTimeoutMs)
        throw toStoreError(error)
      }
    },
    write: commits.write,
    writeUnsynced: commits.writeUnsynced,
    close() {
      closed = true
      return commits.close()
    },
  }
}
