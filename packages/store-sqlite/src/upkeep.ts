import type { TokenStore } from '@hallpass/core'
import { checkStorable } from '@hallpass/core'
import type { Connection } from './connection.ts'
import { prepareRows } from './row-values.ts'
import type { SqliteStatement, SqliteValue } from './sqlite-database.ts'

/** Rows removed in one step, between which everything else gets its turn. */
const STEP = 100

export function createUpkeep(connection: Connection): Pick<TokenStore, 'purge' | 'lease'> {
  const purgeExpired = connection.prepare(
    `DELETE FROM hallpass_tokens WHERE rowid IN (
       SELECT rowid FROM hallpass_tokens INDEXED BY hallpass_tokens_by_expiry WHERE expires_at < ? LIMIT ${STEP})`,
  )
  const purgeRevoked = connection.prepare(
    `DELETE FROM hallpass_tokens WHERE rowid IN (
       SELECT rowid FROM hallpass_tokens INDEXED BY hallpass_tokens_by_revocation WHERE revoked_at < ? LIMIT ${STEP})`,
  )
  const purgeReceipts = connection.prepare(
    `DELETE FROM hallpass_receipts WHERE receipt IN (
       SELECT receipt FROM hallpass_receipts INDEXED BY hallpass_receipts_by_time WHERE at < ? LIMIT ${STEP})`,
  )
  const purgeFeed = connection.prepare(
    `DELETE FROM hallpass_revocations WHERE sequence IN (
       SELECT sequence FROM hallpass_revocations INDEXED BY hallpass_revocations_by_expiry
       WHERE signed_expires_at < ? LIMIT ${STEP})`,
  )
  // Project by project: the table is in this order, and one by day would be another to write for every count.
  const findUsageProject = prepareRows(
    connection,
    'SELECT project FROM hallpass_usage WHERE project > ? ORDER BY project LIMIT 1',
  )
  const findUsage = prepareRows(
    connection,
    `SELECT project, day, application, subject, token_id FROM hallpass_usage WHERE project = ? AND day < ? LIMIT ${STEP}`,
  )
  // Row by row: for a list of keys the planner may walk the whole day, once somebody has gathered statistics.
  const purgeUsage = connection.prepare(
    'DELETE FROM hallpass_usage WHERE project = ? AND day = ? AND application = ? AND subject = ? AND token_id = ?',
  )
  const takeLease = connection.prepare(
    `INSERT INTO hallpass_leases (name, holder, until) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET holder = excluded.holder, until = excluded.until
       WHERE holder = excluded.holder OR until <= ?`,
  )

  async function removeAll(step: SqliteStatement, before: Date): Promise<number> {
    const time = before.getTime()
    for (let total = 0; ; ) {
      const removed = await connection.write(() => Number(step.run(time).changes))
      total += removed
      if (removed < STEP) return total
    }
  }

  async function removeUsage(before: string): Promise<void> {
    let project: string | undefined = ''
    while (project !== undefined) {
      await removeUsageOf(project, before)
      project = await findProjectAfter(project)
    }
  }

  async function removeUsageOf(project: string, before: string): Promise<void> {
    for (;;) {
      const keys = await connection.read(() => findUsage.all(project, before) as readonly SqliteValue[][])
      if (keys.length === 0) return
      await connection.write(() => {
        for (const key of keys) purgeUsage.run(...key)
      })
    }
  }

  async function findProjectAfter(project: string): Promise<string | undefined> {
    const found = await connection.read(() => findUsageProject.get(project) as [project: string] | undefined)
    return found?.[0]
  }

  return {
    async purge({ tokensBefore, receiptsBefore, feedBefore, usageBefore = null }) {
      let tokens = 0
      if (tokensBefore !== null) {
        tokens += await removeAll(purgeExpired, tokensBefore)
        tokens += await removeAll(purgeRevoked, tokensBefore)
      }
      await removeAll(purgeReceipts, receiptsBefore)
      await removeAll(purgeFeed, feedBefore)
      if (usageBefore !== null) await removeUsage(usageBefore)
      return tokens
    },

    async lease(name, holder, at, until) {
      checkStorable(name, holder)
      const times = [at.getTime(), until.getTime()] as const
      return connection.write(() => Number(takeLease.run(name, holder, times[1], times[0]).changes) === 1)
    },
  }
}
