import { ConfigurationError } from '@hallpass/core'
import type { Connection, RunQuery } from './connection.ts'
import type { Tables } from './tables.ts'

/**
 * Each entry brings a database from the version of its index to the next. Entries are only ever added.
 * Text compares by bytes (`COLLATE "C"`): the order is that of the other stores, and no index breaks when the system's
 * locales change. Times are milliseconds since 1970, so that every Date comes back as it is.
 */
const MIGRATIONS: readonly ((tables: Tables) => string)[] = [
  (tables) => `
  CREATE TABLE ${tables.tokens} (
    project text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    name text COLLATE "C",
    application text COLLATE "C" NOT NULL,
    profile text COLLATE "C" NOT NULL,
    key_id text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    not_before bigint,
    expires_at bigint,
    signed_expires_at bigint,
    ip json NOT NULL,
    paths json,
    scope json NOT NULL,
    http_methods json,
    credit_limit bigint,
    credit_remaining bigint CHECK (credit_remaining BETWEEN 0 AND credit_limit),
    pool text COLLATE "C",
    claims json NOT NULL,
    token_sha256 text COLLATE "C" NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    last_used_at bigint,
    revoked_at bigint,
    holds_name boolean NOT NULL,
    idempotency_key text COLLATE "C",
    request_sha256 text COLLATE "C",
    CONSTRAINT tokens_by_id PRIMARY KEY (project, id)
  ) WITH (fillfactor = 90);
  CREATE INDEX tokens_by_subject ON ${tables.tokens} (project, subject, id);
  CREATE INDEX tokens_by_application ON ${tables.tokens} (project, application, id);
  CREATE INDEX tokens_by_name ON ${tables.tokens} (project, name, id) WHERE name IS NOT NULL;
  CREATE UNIQUE INDEX tokens_by_held_name ON ${tables.tokens} (project, subject, name)
    WHERE holds_name AND revoked_at IS NULL AND name IS NOT NULL;
  CREATE UNIQUE INDEX tokens_by_idempotency_key ON ${tables.tokens} (idempotency_key)
    WHERE idempotency_key IS NOT NULL;
  CREATE INDEX tokens_by_key ON ${tables.tokens} (key_id);
  CREATE INDEX tokens_by_expiry ON ${tables.tokens} (expires_at) WHERE expires_at IS NOT NULL;
  CREATE INDEX tokens_by_revocation ON ${tables.tokens} (revoked_at) WHERE revoked_at IS NOT NULL;

  CREATE SEQUENCE ${tables.revocationSequence};
  CREATE TABLE ${tables.revocations} (
    sequence bigint CONSTRAINT revocations_by_sequence PRIMARY KEY,
    project text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    reason text COLLATE "C" NOT NULL,
    refused_from bigint NOT NULL,
    signed_expires_at bigint
  );
  CREATE INDEX revocations_by_expiry ON ${tables.revocations} (signed_expires_at)
    WHERE signed_expires_at IS NOT NULL;

  CREATE TABLE ${tables.receipts} (
    receipt text COLLATE "C" CONSTRAINT receipts_by_receipt PRIMARY KEY,
    at bigint NOT NULL,
    amount bigint NOT NULL,
    counters json NOT NULL,
    remaining json NOT NULL,
    refunded_at bigint
  );
  CREATE INDEX receipts_by_time ON ${tables.receipts} (at);

  CREATE TABLE ${tables.pools} (
    project text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    credit_limit bigint NOT NULL,
    credit_remaining bigint NOT NULL CHECK (credit_remaining BETWEEN 0 AND credit_limit),
    CONSTRAINT pools_by_name PRIMARY KEY (project, name)
  ) WITH (fillfactor = 50);

  CREATE TABLE ${tables.usage} (
    project text COLLATE "C" NOT NULL,
    day text COLLATE "C" NOT NULL,
    application text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    token_id text COLLATE "C" NOT NULL,
    calls bigint NOT NULL,
    credits bigint NOT NULL,
    CONSTRAINT usage_by_day PRIMARY KEY (project, day, application, subject, token_id)
  ) WITH (fillfactor = 90);

  CREATE TABLE ${tables.keys} (
    id text COLLATE "C" CONSTRAINT keys_by_id PRIMARY KEY,
    project text COLLATE "C" NOT NULL,
    profile text COLLATE "C" NOT NULL,
    algorithm text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    activates_at bigint NOT NULL,
    sealed text COLLATE "C" NOT NULL,
    CONSTRAINT keys_by_version UNIQUE (project, profile, version)
  );

  CREATE TABLE ${tables.leases} (
    name text COLLATE "C" CONSTRAINT leases_by_name PRIMARY KEY,
    holder text COLLATE "C" NOT NULL,
    until bigint NOT NULL
  );
  `,
]

/** The version that this code reads and writes. */
export const SCHEMA_VERSION: number = MIGRATIONS.length

/**
 * Brings the tables to `SCHEMA_VERSION`, forward only, in one transaction under a lock that ends with it: of several
 * processes that start at once, one makes the tables and the others find them. A role that may not create anything
 * can open what is there.
 * @throws ConfigurationError when a later release has written the tables already
 */
export async function migrate(connection: Connection, tables: Tables): Promise<void> {
  if ((await readVersion(connection.read, tables)) === SCHEMA_VERSION) return
  await connection.transaction(async (query) => {
    await query(`SELECT pg_advisory_xact_lock(${tables.migrationLock})`)
    // Another process may have come between the look and the lock.
    const found = await readVersion(query, tables)
    if (found === null) await createVersionTable(query, tables)
    for (let version = found ?? 0; version < SCHEMA_VERSION; version += 1) {
      await query(MIGRATIONS[version]?.(tables) ?? '')
      await query(`INSERT INTO ${tables.migrations} (version, applied_at) VALUES ($1, now())`, [version + 1])
    }
  })
}

async function createVersionTable(query: RunQuery, tables: Tables): Promise<void> {
  // Not IF NOT EXISTS: that asks for the right to create schemas even where there is nothing to create.
  const [there] = await query(`SELECT 1 FROM pg_namespace WHERE nspname = $1`, [tables.schema])
  if (there === undefined) await query(`CREATE SCHEMA "${tables.schema}"`)
  await query(`CREATE TABLE ${tables.migrations} (version int PRIMARY KEY, applied_at timestamptz NOT NULL)`)
}

/**
 * @returns null when there is no version table
 * @throws ConfigurationError when it is later than ours
 */
async function readVersion(query: RunQuery, tables: Tables): Promise<number | null> {
  // Not to_regclass: it answers from what the connection has cached, which a transaction may not see yet.
  const [table] = await query(
    `SELECT 1 FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
     WHERE nspname = $1 AND relname = 'hallpass_migrations'`,
    [tables.schema],
  )
  if (table === undefined) return null
  const [row] = await query<{ readonly version: string | null }>(
    `SELECT max(version) AS version FROM ${tables.migrations}`,
  )
  const version = Number(row?.version ?? 0)
  if (version > SCHEMA_VERSION) {
    throw new ConfigurationError(
      `the schema was written by a later release of @hallpass/store-postgres (schema ${version}, this release reads ${SCHEMA_VERSION}): update the package`,
    )
  }
  return version
}
