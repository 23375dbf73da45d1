import { ConfigurationError } from '@hallpass/core'
import type { SqliteDatabase } from './sqlite-database.ts'

/**
 * Each entry brings a database from the version of its index to the next. Entries are only ever added.
 * Everything is named `hallpass_`, so that an application may keep its own tables in the same file.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE hallpass_tokens (
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    subject TEXT NOT NULL,
    name TEXT,
    application TEXT NOT NULL,
    profile TEXT NOT NULL,
    key_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    not_before INTEGER,
    expires_at INTEGER,
    signed_expires_at INTEGER,
    ip TEXT NOT NULL,
    paths TEXT,
    scope TEXT NOT NULL,
    http_methods TEXT,
    credit_limit INTEGER,
    credit_remaining INTEGER CHECK (credit_remaining BETWEEN 0 AND credit_limit),
    pool TEXT,
    claims TEXT NOT NULL,
    token_sha256 TEXT NOT NULL,
    created_by TEXT NOT NULL,
    last_used_at INTEGER,
    revoked_at INTEGER,
    holds_name INTEGER NOT NULL,
    idempotency_key TEXT,
    request_sha256 TEXT
  ) STRICT;
  CREATE UNIQUE INDEX hallpass_tokens_by_id ON hallpass_tokens (project, id);
  CREATE INDEX hallpass_tokens_by_subject ON hallpass_tokens (project, subject, id);
  CREATE INDEX hallpass_tokens_by_application ON hallpass_tokens (project, application, id);
  CREATE INDEX hallpass_tokens_by_name ON hallpass_tokens (project, name, id) WHERE name IS NOT NULL;
  CREATE UNIQUE INDEX hallpass_tokens_by_held_name ON hallpass_tokens (project, subject, name)
    WHERE holds_name = 1 AND revoked_at IS NULL AND name IS NOT NULL;
  CREATE UNIQUE INDEX hallpass_tokens_by_idempotency_key ON hallpass_tokens (idempotency_key)
    WHERE idempotency_key IS NOT NULL;
  CREATE INDEX hallpass_tokens_by_key ON hallpass_tokens (key_id);
  CREATE INDEX hallpass_tokens_by_expiry ON hallpass_tokens (expires_at) WHERE expires_at IS NOT NULL;
  CREATE INDEX hallpass_tokens_by_revocation ON hallpass_tokens (revoked_at) WHERE revoked_at IS NOT NULL;

  CREATE TABLE hallpass_revocations (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    reason TEXT NOT NULL,
    refused_from INTEGER NOT NULL,
    signed_expires_at INTEGER
  ) STRICT;
  CREATE INDEX hallpass_revocations_by_expiry ON hallpass_revocations (signed_expires_at)
    WHERE signed_expires_at IS NOT NULL;

  CREATE TABLE hallpass_receipts (
    receipt TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    counters TEXT NOT NULL,
    remaining TEXT NOT NULL,
    refunded_at INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX hallpass_receipts_by_time ON hallpass_receipts (at);

  CREATE TABLE hallpass_pools (
    project TEXT NOT NULL,
    name TEXT NOT NULL,
    credit_limit INTEGER NOT NULL,
    credit_remaining INTEGER NOT NULL CHECK (credit_remaining BETWEEN 0 AND credit_limit),
    PRIMARY KEY (project, name)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE hallpass_usage (
    project TEXT NOT NULL,
    day TEXT NOT NULL,
    application TEXT NOT NULL,
    subject TEXT NOT NULL,
    token_id TEXT NOT NULL,
    calls INTEGER NOT NULL,
    credits INTEGER NOT NULL,
    PRIMARY KEY (project, day, application, subject, token_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE hallpass_keys (
    id TEXT PRIMARY KEY,
    project TEXT NOT NULL,
    profile TEXT NOT NULL,
    algorithm TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    activates_at INTEGER NOT NULL,
    sealed TEXT NOT NULL,
    UNIQUE (project, profile, version)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE hallpass_leases (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    until INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
]

/** The version that this code reads and writes. */
export const SCHEMA_VERSION: number = MIGRATIONS.length

/**
 * Brings the tables to `SCHEMA_VERSION`, forward only, in one transaction under the write lock: of several
 * processes that open an empty file at once, one makes the tables and the others find them.
 * @throws ConfigurationError when a later release has written the tables already
 */
export function migrate(database: SqliteDatabase): void {
  if (readVersion(database) === SCHEMA_VERSION) return
  database.exec('BEGIN IMMEDIATE')
  try {
    // Another process may have come between the look and the lock.
    for (let version = readVersion(database); version < SCHEMA_VERSION; version += 1) {
      if (version === 0) {
        database.exec(
          'CREATE TABLE IF NOT EXISTS hallpass_migrations (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL) STRICT',
        )
      }
      database.exec(MIGRATIONS[version] ?? '')
      database
        .prepare('INSERT INTO hallpass_migrations (version, applied_at) VALUES (?, ?)')
        .run(version + 1, new Date().toISOString())
    }
    database.exec('COMMIT')
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}

/** @throws ConfigurationError when it is later than ours */
function readVersion(database: SqliteDatabase): number {
  const table = database.prepare(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name = 'hallpass_migrations'",
  )
  if (table.get() === undefined) return 0
  const row = database.prepare('SELECT MAX(version) AS version FROM hallpass_migrations').get() as {
    version: number | null
  }
  const version = row.version ?? 0
  if (version > SCHEMA_VERSION) {
    throw new ConfigurationError(
      `the database was written by a later release of @hallpass/store-sqlite (schema ${version}, this release reads ${SCHEMA_VERSION}): update the package`,
    )
  }
  return version
}
