import { createHash } from 'node:crypto'
import { ConfigurationError } from '@hallpass/core'

/** The names of one store's things, each with its schema: nothing depends on a connection's `search_path`. */
export interface Tables {
  readonly schema: string
  readonly migrations: string
  readonly tokens: string
  readonly revocations: string
  readonly revocationSequence: string
  readonly receipts: string
  readonly pools: string
  readonly usage: string
  readonly keys: string
  readonly leases: string
  /** Channel of NOTIFY. */
  readonly channel: string
  /** Keys of advisory locks, as SQL. Those are per database, so the schema is in them. */
  readonly migrationLock: string
  readonly feedLock: string
}

/** Short enough for the channel's name, and the same with and without quotes. */
const SCHEMA = /^[a-z_][a-z0-9_]{0,39}$/

/** @throws ConfigurationError for a name that is no plain lower-case one, or PostgreSQL's own */
export function toTables(schema: string): Tables {
  if (typeof schema !== 'string' || !SCHEMA.test(schema) || schema.startsWith('pg_')) {
    throw new ConfigurationError(
      'schema must be a name of 1 to 40 lower-case letters, digits and underscores that does not begin with a digit or pg_',
    )
  }
  const within = (name: string): string => `"${schema}".${name}`
  return {
    schema,
    migrations: within('hallpass_migrations'),
    tokens: within('tokens'),
    revocations: within('revocations'),
    revocationSequence: within('revocation_sequence'),
    receipts: within('receipts'),
    pools: within('pools'),
    usage: within('usage'),
    keys: within('keys'),
    leases: within('leases'),
    channel: `${schema}_revocations`,
    migrationLock: toLockKey(schema, 'migration'),
    feedLock: toLockKey(schema, 'feed'),
  }
}

function toLockKey(schema: string, purpose: string): string {
  const hash = createHash('sha256').update(`hallpass ${purpose} ${schema}`).digest()
  return `(${hash.readBigInt64BE()})::bigint`
}
