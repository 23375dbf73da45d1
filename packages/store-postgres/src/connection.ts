import { isConflict, isConnectionUsable, PostgresStoreError, toStoreError } from './postgres-error.ts'
import type { PostgresClient, PostgresPool, PostgresQuery, PostgresValue } from './postgres-pool.ts'

/** Runs one statement. Every column of a row is the server's text, or null. */
export type RunQuery = <Row>(text: string, values?: readonly PostgresValue[]) => Promise<readonly Row[]>

/**
 * The pool as the parts of the store use it. A mutation is one statement wherever that can be, so that it takes one
 * round trip and no lock waits for this process; nothing is left behind on a connection, so that a PgBouncer may lend it
 * to somebody else after each statement or transaction.
 */
export interface Connection {
  /** @throws PostgresStoreError */
  readonly read: RunQuery
  /**
   * For one statement with `DURABLE` among its conditions. Tried again where another transaction was in the way.
   * @throws PostgresStoreError
   */
  readonly write: RunQuery
  /**
   * What `work` answers, once it is committed. `work` may run again, after what it did was undone.
   * @throws PostgresStoreError, or the ConfigurationError of `work`
   */
  transaction<T>(work: (query: RunQuery) => Promise<T>): Promise<T>
  /** Waits for the statements that were accepted; from now on everything is refused. */
  close(): Promise<void>
}

/**
 * A condition that holds and does what `SET LOCAL synchronous_commit = on` does, in the statement itself: its commit is
 * answered when it is on the disk, whatever the role's or database's setting.
 */
export const DURABLE = `(SELECT set_config('synchronous_commit', 'on', true)) = 'on'`

/** A column that says whether what was read may be old: a standby answers like the primary, only later. */
export const STANDBY = 'pg_is_in_recovery() AS standby'

/** @throws PostgresStoreError for a row whose column `STANDBY` says so: what is not certain must not let anybody in */
export function checkPrimary(row: { readonly standby: string } | undefined): void {
  if (row?.standby === 't')
    throw new PostgresStoreError('failed', 'the server is a standby: its data may be old')
}

/** The server ends a transaction that its process has forgotten or cannot be reached for, with all its locks. */
const BEGIN = `BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL synchronous_commit = on;
  SET LOCAL idle_in_transaction_session_timeout = '5s'`

const ATTEMPTS = 5
/** Answers stay text: nobody's global type parsers change what the store reads. */
const types: PostgresQuery['types'] = { getTypeParser: () => (text) => text }

export function createConnection(pool: PostgresPool): Connection {
  const pending = new Set<Promise<unknown>>()
  let closed = false

  /** Counts what was accepted, so that `close` can wait for it. */
  function accept<T>(work: () => Promise<T>): Promise<T> {
    if (closed) return Promise.reject(new PostgresStoreError('closed', 'the store is closed'))
    const working = work().catch((error: unknown) => {
      throw toStoreError(error)
    })
    const settled = working.then(
      () => {},
      () => {},
    )
    pending.add(settled)
    void settled.then(() => pending.delete(settled))
    return working
  }

  const run: RunQuery = (text, values) => withClient(pool, (client) => runOn(client, text, values))

  return {
    read: (text, values) => accept(() => run(text, values)),
    write: (text, values) => accept(() => retryConflicts(() => run(text, values))),
    transaction: (work) =>
      accept(() => retryConflicts(() => withClient(pool, (client) => commit(client, work)))),
    async close() {
      closed = true
      await Promise.all(pending)
    },
  }
}

async function runOn<Row>(
  client: PostgresClient,
  text: string,
  values?: readonly PostgresValue[],
): Promise<readonly Row[]> {
  const query = values === undefined ? { text, types } : { text, values: [...values], types }
  const { rows } = await client.query(query)
  return rows as readonly Row[]
}

async function withClient<T>(pool: PostgresPool, work: (client: PostgresClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  // A connection that breaks says so as an event too, and an event that nobody hears ends the process.
  client.on('error', ignore)
  let usable = false
  try {
    const answer = await work(client)
    usable = true
    return answer
  } catch (error) {
    usable = isConnectionUsable(error)
    throw error
  } finally {
    client.release(!usable)
    client.removeListener('error', ignore)
  }
}

async function commit<T>(client: PostgresClient, work: (query: RunQuery) => Promise<T>): Promise<T> {
  try {
    await runOn(client, BEGIN)
    const answer = await work((text, values) => runOn(client, text, values))
    await runOn(client, 'COMMIT')
    return answer
  } catch (error) {
    // On a connection that broke there is nothing to undo.
    if (isConnectionUsable(error)) await runOn(client, 'ROLLBACK')
    throw error
  }
}

async function retryConflicts<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      if (!isConflict(error) || attempt >= ATTEMPTS) throw error
    }
  }
}

function ignore(): void {}
