import { assertOptions, ConfigurationError, type TokenStore } from '@hallpass/core'
import { checkServer } from './check-server.ts'
import { createConnection } from './connection.ts'
import { createCredits } from './credits.ts'
import { migrate } from './migrations.ts'
import type { PostgresPool } from './postgres-pool.ts'
import { createRevocationFeed } from './revocation-feed.ts'
import { createRevocationListener, type PostgresListener } from './revocation-listener.ts'
import { createRowExport } from './row-export.ts'
import { createRowImport } from './row-import.ts'
import { createSigningKeys } from './signing-keys.ts'
import { toTables } from './tables.ts'
import { createTokenChanges } from './token-changes.ts'
import { createTokenInsert } from './token-insert.ts'
import { createTokenLookup } from './token-lookup.ts'
import { createUpkeep } from './upkeep.ts'
import { createUsage } from './usage.ts'

export interface PostgresStoreOptions {
  /** Where the tables are; made when it is missing, and the store's alone. Default `hallpass`. */
  readonly schema?: string
  /**
   * Makes a client of its own on which the store listens for revocations of other processes, so that a `bounded`
   * service hears of them at once: `() => new pg.Client(config)`, to the server itself and not through PgBouncer.
   * Called again when the connection is lost. Without it polling alone brings them.
   */
  readonly listen?: () => PostgresListener
}

/**
 * A token store on PostgreSQL, for any number of processes on any number of machines. A mutation is answered when its
 * commit is on the disk, whatever `synchronous_commit` is set to. Nothing stays behind on a connection, so that the
 * pool may go through PgBouncer in transaction mode.
 *
 * Makes or updates its tables first; a role that may not do so can open tables that are up to date. The pool stays
 * open after `close`. The store adds a listener to its `error` events, for without any a connection that breaks while
 * idle ends the process.
 * @param pool a `Pool` of `pg`
 * @throws ConfigurationError when the database cannot be used safely; the message names the reason
 * @throws PostgresStoreError
 */
export async function createPostgresStore(
  pool: PostgresPool,
  options: PostgresStoreOptions = {},
): Promise<TokenStore> {
  assertOptions(options, { schema: true, listen: true }, 'createPostgresStore has')
  const { schema = 'hallpass', listen = null } = options
  if (typeof pool?.connect !== 'function' || typeof pool.removeListener !== 'function') {
    throw new ConfigurationError('the first argument must be a Pool of pg')
  }
  if (listen !== null && typeof listen !== 'function') {
    throw new ConfigurationError('listen must be a function that makes a Client of pg')
  }
  const tables = toTables(schema)
  const connection = createConnection(pool)
  // Once for each pool, and for as long as the pool lives: its connections may break after `close` too.
  pool.removeListener('error', ignore)
  pool.on('error', ignore)
  await checkServer(connection)
  await migrate(connection, tables)
  const listener = createRevocationListener(tables, listen)
  let closing: Promise<void> | null = null

  async function close(): Promise<void> {
    await listener.close()
    await connection.close()
  }

  return {
    persistent: true,
    ...createTokenInsert(connection, tables),
    ...createTokenLookup(connection, tables),
    ...createTokenChanges(connection, tables),
    ...createCredits(connection, tables),
    ...createRevocationFeed(connection, tables),
    watchRevocations: listener.watchRevocations,
    ...createSigningKeys(connection, tables),
    ...createUsage(connection, tables),
    ...createUpkeep(connection, tables),
    ...createRowExport(connection, tables),
    ...createRowImport(connection, tables),
    close() {
      closing ??= close()
      return closing
    },
  }
}

/** The pool has thrown the connection away already, and the next call gets another. */
function ignore(): void {}
