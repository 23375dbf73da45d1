import type { TokenStore } from '@hallpass/core'
import { checkStorable } from '@hallpass/core'
import { type Connection, DURABLE } from './connection.ts'
import type { Tables } from './tables.ts'

/** Rows removed in one step, so that no transaction is long. */
const STEP = 250

export function createUpkeep(connection: Connection, tables: Tables): Pick<TokenStore, 'purge' | 'lease'> {
  // A row that somebody holds is left for the next purge: a purge never waits, and so never is in a deadlock.
  const toStep = (table: string, time: string): string => `
    DELETE FROM ${table} WHERE ${DURABLE} AND ctid = ANY (ARRAY(
      SELECT ctid FROM ${table} WHERE ${time} < $1 ORDER BY ${time} LIMIT ${STEP} FOR UPDATE SKIP LOCKED))
    RETURNING 1`
  // Project by project, in the order of the table's key.
  const findUsageProject = `SELECT project FROM ${tables.usage} WHERE project > $1 ORDER BY project LIMIT 1`
  const purgeUsage = `
    DELETE FROM ${tables.usage} WHERE ${DURABLE} AND ctid = ANY (ARRAY(
      SELECT ctid FROM ${tables.usage} WHERE project = $1 AND day < $2 ORDER BY day LIMIT ${STEP}
      FOR UPDATE SKIP LOCKED))
    RETURNING 1`
  const takeLease = `
    INSERT INTO ${tables.leases} AS lease (name, holder, until) SELECT $1, $2, $3::bigint WHERE ${DURABLE}
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
      WHERE lease.holder = excluded.holder OR lease.until <= $4::bigint
    RETURNING 1`

  async function removeAll(step: string, before: Date): Promise<number> {
    const time = before.getTime()
    for (let total = 0; ; ) {
      const removed = (await connection.write(step, [time])).length
      total += removed
      if (removed < STEP) return total
    }
  }

  async function removeUsage(before: string): Promise<void> {
    let project: string | undefined = ''
    while (project !== undefined) {
      while ((await connection.write(purgeUsage, [project, before])).length === STEP);
      project = await findProjectAfter(project)
    }
  }

  async function findProjectAfter(project: string): Promise<string | undefined> {
    const [found] = await connection.read<{ readonly project: string }>(findUsageProject, [project])
    return found?.project
  }

  return {
    async purge({ tokensBefore, receiptsBefore, feedBefore, usageBefore = null }) {
      let tokens = 0
      if (tokensBefore !== null) {
        tokens += await removeAll(toStep(tables.tokens, 'expires_at'), tokensBefore)
        tokens += await removeAll(toStep(tables.tokens, 'revoked_at'), tokensBefore)
      }
      await removeAll(toStep(tables.receipts, 'at'), receiptsBefore)
      await removeAll(toStep(tables.revocations, 'signed_expires_at'), feedBefore)
      if (usageBefore !== null) await removeUsage(usageBefore)
      return tokens
    },

    async lease(name, holder, at, until) {
      checkStorable(name, holder)
      return (await connection.write(takeLease, [name, holder, until.getTime(), at.getTime()])).length > 0
    },
  }
}
