import { ConfigurationError } from '@hallpass/core'
import type { Connection } from './connection.ts'

/** The oldest major version that is tested. */
const OLDEST_MAJOR = 14

interface ServerRow {
  readonly version: unknown
  readonly encoding: string
  readonly isolation: string
  readonly read_only: string
  readonly standby: string
  readonly number: unknown
}

/** @throws ConfigurationError for a server, a role or a driver on which the store would not be safe */
export async function checkServer(connection: Connection): Promise<void> {
  const [server] = await connection.read<ServerRow>(
    `SELECT current_setting('server_version_num') AS version, current_setting('server_encoding') AS encoding,
       current_setting('default_transaction_isolation') AS isolation,
       current_setting('default_transaction_read_only') AS read_only, pg_is_in_recovery()::text AS standby,
       $1::bigint AS number`,
    [Number.MAX_SAFE_INTEGER],
  )
  if (server === undefined || server.number !== String(Number.MAX_SAFE_INTEGER)) {
    throw new ConfigurationError('the pool must be one of pg in its text mode (no `binary`, not pg-native)')
  }
  const major = Math.floor(Number(server.version) / 10_000)
  if (major < OLDEST_MAJOR) {
    throw new ConfigurationError(`the server is PostgreSQL ${major}: ${OLDEST_MAJOR} or later is needed`)
  }
  if (server.encoding !== 'UTF8') {
    throw new ConfigurationError(`the database has the encoding ${server.encoding} and needs UTF8`)
  }
  if (server.standby !== 'false' || server.read_only !== 'off') {
    throw new ConfigurationError(
      'the server or the role is read-only: connect to the primary, with a role that may write',
    )
  }
  if (server.isolation !== 'read committed') {
    throw new ConfigurationError(
      `default_transaction_isolation is ${server.isolation}: ALTER ROLE … SET default_transaction_isolation = 'read committed'`,
    )
  }
}
