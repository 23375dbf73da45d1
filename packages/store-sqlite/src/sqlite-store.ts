import { assertOptions, ConfigurationError, type TokenStore } from '@hallpass/core'
import { createConnection } from './connection.ts'
import { createCredits } from './credits.ts'
import { openDatabase } from './open-database.ts'
import { createRevocationFeed } from './revocation-feed.ts'
import { createRowExport } from './row-export.ts'
import { createRowImport } from './row-import.ts'
import { createSigningKeys } from './signing-keys.ts'
import type { SqliteDatabase } from './sqlite-database.ts'
import { createTokenChanges } from './token-changes.ts'
import { createTokenInsert } from './token-insert.ts'
import { createTokenLookup } from './token-lookup.ts'
import { createUpkeep } from './upkeep.ts'
import { createUsage } from './usage.ts'

export interface SqliteStoreOptions {
  /** How long a call waits while other connections hold the write lock, 0 to 60 000. Default 2000. */
  readonly busyTimeoutMs?: number
  /**
   * Keeps the file for this connection alone, so that a `find` need not lock it: a fifth of the time, as strict as ever.
   * Nobody else can open the file until the connection is closed or its process has ended. Default false.
   */
  readonly exclusive?: boolean
}

/**
 * A token store in a SQLite file, for any number of processes on one machine or, faster, for one. Mutations of one event-loop turn share
 * a transaction and are answered when it is on the disk; `find` and `list` answer at once.
 *
 * The store sets the pragmas of the connection (WAL, `synchronous = FULL`, no busy wait of SQLite's own). A path is
 * opened with node:sqlite, created with mode 0600 and closed with the store; a connection that is passed in
 * stays open, and should be used for nothing else while the store is.
 * @param source a path or `file:` URL, or a `DatabaseSync` of node:sqlite or `Database` of better-sqlite3
 * @throws ConfigurationError when the database cannot be used safely; the message names the reason
 * @throws SqliteStoreError `busy` when another connection has the file for itself, or is in the way of having it; `failed`
 */
export async function createSqliteStore(
  source: string | URL | SqliteDatabase,
  options: SqliteStoreOptions = {},
): Promise<TokenStore> {
  assertOptions(options, { busyTimeoutMs: true, exclusive: true }, 'createSqliteStore has')
  const { busyTimeoutMs = 2000, exclusive = false } = options
  if (!Number.isInteger(busyTimeoutMs) || busyTimeoutMs < 0 || busyTimeoutMs > 60_000) {
    throw new ConfigurationError('busyTimeoutMs must be a whole number from 0 to 60000')
  }
  if (typeof exclusive !== 'boolean') throw new ConfigurationError('exclusive is true or false')
  const opened = await openDatabase(source, { busyTimeoutMs, exclusive })
  const connection = createConnection(opened.database, busyTimeoutMs)
  let closing: Promise<void> | null = null
  try {
    return {
      persistent: true,
      ...createTokenInsert(connection),
      ...createTokenLookup(connection),
      ...createTokenChanges(connection),
      ...createCredits(connection),
      ...createRevocationFeed(connection),
      ...createSigningKeys(connection),
      ...createUsage(connection),
      ...createUpkeep(connection),
      ...createRowExport(connection),
      ...createRowImport(connection),
      close() {
        closing ??= connection.close().then(opened.close)
        return closing
      },
    }
  } catch (error) {
    // A statement that cannot be prepared, since an index was taken away: the file must not stay locked.
    opened.close()
    throw error
  }
}
