import type { StoredRow, StoredRows } from '@hallpass/core'
import { checkStorable } from '@hallpass/core'
import type { Connection, RunQuery } from './connection.ts'
import type { Tables } from './tables.ts'
import { GIVEN_PARAMETERS, GIVEN_TOKENS, TOKEN_COLUMNS, toTime, toTokenValues } from './token-rows.ts'

/** The rows of one kind, without the word that says which. */
type RowsOf<Kind extends StoredRow['kind']> = readonly Extract<StoredRow, { readonly kind: Kind }>[]

export function createRowImport(
  connection: Connection,
  tables: Tables,
): Pick<StoredRows, 'importRows' | 'importRevocations'> {
  const given = (count: number, from = 1): string =>
    Array.from({ length: count }, (_, index) => `$${from + index}::text[]`).join(', ')
  const afterToken = GIVEN_PARAMETERS + 1
  const addTokens = `
    INSERT INTO ${tables.tokens} (${TOKEN_COLUMNS}, holds_name, idempotency_key, request_sha256)
    SELECT ${TOKEN_COLUMNS}, holds_name::boolean, idempotency_key, request_sha256 FROM ${GIVEN_TOKENS}
    JOIN unnest(${given(5, afterToken)}) AS promised (project, id, holds_name, idempotency_key, request_sha256)
      USING (project, id)
    ON CONFLICT (project, id) DO NOTHING`
  const addPools = `
    INSERT INTO ${tables.pools} (project, name, credit_limit, credit_remaining)
    SELECT * FROM unnest(${given(2)}, $3::bigint[], $4::bigint[])
    ON CONFLICT (project, name) DO NOTHING`
  const addReceipts = `
    INSERT INTO ${tables.receipts} (receipt, at, amount, counters, remaining, refunded_at)
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::json[], $5::json[], $6::bigint[])
    ON CONFLICT (receipt) DO NOTHING`
  const addUsage = `
    INSERT INTO ${tables.usage} (project, day, application, subject, token_id, calls, credits)
    SELECT * FROM unnest(${given(5)}, $6::bigint[], $7::bigint[])
    ON CONFLICT (project, day, application, subject, token_id) DO NOTHING`
  // The numbers are drawn as for every entry of the feed: under its lock, and in the order given.
  const lockFeed = `SELECT pg_advisory_xact_lock(${tables.feedLock})`
  const addRevocations = `
    INSERT INTO ${tables.revocations} (sequence, project, id, reason, refused_from, signed_expires_at)
    SELECT nextval('${tables.revocationSequence}'), project, id, reason, refused_from, signed_expires_at
    FROM (
      SELECT * FROM unnest(${given(3)}, $4::bigint[], $5::bigint[]) WITH ORDINALITY
        AS given (project, id, reason, refused_from, signed_expires_at, place)
      ORDER BY place) AS entry`

  async function importTokens(query: RunQuery, rows: RowsOf<'token'>): Promise<void> {
    if (rows.length === 0) return
    await query(addTokens, [
      ...toTokenValues(rows.map(({ token }) => token)),
      rows.map(({ token }) => token.project),
      rows.map(({ token }) => token.id),
      rows.map(({ uniqueName }) => String(uniqueName)),
      rows.map(({ idempotency }) => idempotency?.keySha256 ?? null),
      rows.map(({ idempotency }) => idempotency?.requestSha256 ?? null),
    ])
  }

  async function importPools(query: RunQuery, rows: RowsOf<'pool'>): Promise<void> {
    if (rows.length === 0) return
    await query(addPools, [
      rows.map(({ pool }) => pool.project),
      rows.map(({ pool }) => pool.name),
      rows.map(({ pool }) => pool.limit),
      rows.map(({ pool }) => pool.remaining),
    ])
  }

  async function importReceipts(query: RunQuery, rows: RowsOf<'receipt'>): Promise<void> {
    if (rows.length === 0) return
    await query(addReceipts, [
      rows.map(({ receipt }) => receipt.receipt),
      rows.map(({ receipt }) => receipt.at.getTime()),
      rows.map(({ receipt }) => receipt.amount),
      rows.map(({ receipt }) => JSON.stringify(receipt.counters)),
      rows.map(({ receipt }) => JSON.stringify(receipt.remaining)),
      rows.map(({ receipt }) => (receipt.refunded ? receipt.at.getTime() : null)),
    ])
  }

  async function importUsage(query: RunQuery, rows: RowsOf<'usage'>): Promise<void> {
    if (rows.length === 0) return
    await query(addUsage, [
      rows.map(({ usage }) => usage.project),
      rows.map(({ usage }) => usage.day),
      rows.map(({ usage }) => usage.application),
      rows.map(({ usage }) => usage.subject),
      rows.map(({ usage }) => usage.tokenId),
      rows.map(({ usage }) => usage.calls),
      rows.map(({ usage }) => usage.credits),
    ])
  }

  return {
    async importRows(rows) {
      for (const row of rows) checkStorable(...toTexts(row))
      await connection.transaction(async (query) => {
        await importTokens(
          query,
          rows.filter((row) => row.kind === 'token'),
        )
        await importPools(
          query,
          rows.filter((row) => row.kind === 'pool'),
        )
        await importReceipts(
          query,
          rows.filter((row) => row.kind === 'receipt'),
        )
        await importUsage(
          query,
          rows.filter((row) => row.kind === 'usage'),
        )
      })
    },

    async importRevocations(entries) {
      for (const { project, id } of entries) checkStorable(project, id)
      const values = [
        entries.map(({ project }) => project),
        entries.map(({ id }) => id),
        entries.map(({ reason }) => reason),
        entries.map(({ refusedFrom }) => refusedFrom.getTime()),
        entries.map(({ signedExpiresAt }) => toTime(signedExpiresAt)),
      ]
      await connection.transaction(async (query) => {
        await query(lockFeed)
        await query(addRevocations, values)
      })
    },
  }
}

/** The texts of a row that are kept in columns of their own. */
function toTexts(row: StoredRow): readonly (string | null)[] {
  switch (row.kind) {
    case 'token': {
      const { project, id, subject, name, application, profile, keyId, pool, tokenSha256, createdBy } =
        row.token
      return [project, id, subject, name, application, profile, keyId, pool, tokenSha256, createdBy]
    }
    case 'pool':
      return [row.pool.project, row.pool.name]
    case 'receipt':
      return [row.receipt.receipt]
    case 'usage': {
      const { project, day, application, subject, tokenId } = row.usage
      return [project, day, application, subject, tokenId]
    }
  }
}
