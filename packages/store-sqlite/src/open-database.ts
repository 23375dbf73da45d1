import { closeSync, openSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isNativeError } from 'node:util/types'
import { ConfigurationError, isPromise } from '@hallpass/core'
import { retryBusy } from './busy-retry.ts'
import { migrate } from './migrations.ts'
import type { SqliteDatabase } from './sqlite-database.ts'
import { isNotDatabase } from './sqlite-error.ts'

export interface OpenOptions {
  readonly busyTimeoutMs: number
  /** Whether the file is for this connection alone. */
  readonly exclusive: boolean
}

export interface OpenedDatabase {
  readonly database: SqliteDatabase
  /** Closes what was opened here; leaves a connection that was passed in as it is. */
  readonly close: () => void
}

/** Page cache of the connection: enough for the indexes of a few hundred thousand tokens. */
export const CACHE_KIB: number = 32_768

/**
 * A connection with our tables in WAL mode, where every commit is on the disk before it is answered.
 * @throws ConfigurationError for what cannot be made safe
 */
export async function openDatabase(
  source: string | URL | SqliteDatabase,
  options: OpenOptions,
): Promise<OpenedDatabase> {
  const given: unknown = source
  if (typeof given !== 'string' && (typeof given !== 'object' || given === null || isPromise(given))) {
    throw new ConfigurationError('the database is a path, a file: URL, or a connection that is open')
  }
  const opened =
    typeof source === 'string' || source instanceof URL
      ? await openFile(toPath(source))
      : { database: source, close: () => {} }
  try {
    await prepareConnection(opened.database, options)
  } catch (error) {
    opened.close()
    throw error
  }
  return opened
}

function toPath(source: string | URL): string {
  if (source === '' || source === ':memory:') throw inMemory()
  if (typeof source === 'string' && !source.startsWith('file:')) return source
  const url = URL.parse(String(source))
  if (url === null || url.protocol !== 'file:' || url.search !== '' || url.hash !== '') {
    throw new ConfigurationError('the database must be a file: a path, or a file: URL without parameters')
  }
  return fileURLToPath(url)
}

async function openFile(path: string): Promise<OpenedDatabase> {
  createPrivateFile(path)
  // Only here, so that users of better-sqlite3 do not load it.
  const { DatabaseSync } = await import('node:sqlite')
  try {
    const database = new DatabaseSync(path)
    return { database, close: () => database.close() }
  } catch {
    throw new ConfigurationError(
      'the database file cannot be opened: it must be a file that may be read and written',
    )
  }
}

/** SQLite would create the file with the process's umask; its -wal and -shm files take over the mode of this one. */
function createPrivateFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    const code = isNativeError(error) && 'code' in error ? error.code : null
    if (code === 'EEXIST') return
    throw new ConfigurationError(
      `the database file cannot be created (${code}): the folder must exist and be writable`,
    )
  }
}

async function prepareConnection(
  database: SqliteDatabase,
  { busyTimeoutMs, exclusive }: OpenOptions,
): Promise<void> {
  try {
    await retryBusy(() => setUp(database, exclusive), busyTimeoutMs)
    await retryBusy(() => migrate(database), busyTimeoutMs)
    if (exclusive) await retryBusy(() => takeFile(database), busyTimeoutMs)
  } catch (error) {
    const cause = isNativeError(error) ? error.cause : undefined
    if (isNotDatabase(cause)) throw new ConfigurationError('the file is not a SQLite database')
    throw error
  }
}

function setUp(database: SqliteDatabase, exclusive: boolean): void {
  // First, for the others may have to wait: SQLite would do that inside the event loop.
  database.exec('PRAGMA busy_timeout = 0')
  // Before the file is looked into: then SQLite makes no memory for processes to share.
  if (exclusive) database.exec('PRAGMA locking_mode = EXCLUSIVE')
  const probe = database.prepare('SELECT 1 AS one').get()
  if (typeof probe !== 'object' || probe === null || !('one' in probe) || probe.one !== 1) {
    throw new ConfigurationError(
      'the connection must answer rows as objects and integers as numbers, its defaults',
    )
  }
  database.exec('PRAGMA synchronous = FULL')
  database.exec(`PRAGMA cache_size = -${CACHE_KIB}`)
  // What SQLite keeps to undo half a statement would go into a file, and there may be no folder for it. To set this drops
  // temporary tables, which may be the application's.
  const { temporary } = database.prepare('SELECT COUNT(*) AS temporary FROM sqlite_temp_schema').get() as {
    temporary: number
  }
  if (temporary === 0) database.exec('PRAGMA temp_store = MEMORY')
  const row = database.prepare('PRAGMA journal_mode = WAL').get() as { journal_mode: string }
  if (row.journal_mode === 'wal') return
  if (row.journal_mode === 'memory') throw inMemory()
  throw new ConfigurationError(
    `the database stays in journal mode ${row.journal_mode} and needs WAL: network file systems cannot hold it`,
  )
}

/** A connection that had the file open before takes it with its first transaction only. */
function takeFile(database: SqliteDatabase): void {
  database.exec('BEGIN IMMEDIATE')
  database.exec('COMMIT')
}

function inMemory(): ConfigurationError {
  return new ConfigurationError('an in-memory database is not kept: use createMemoryStore of @hallpass/core')
}
