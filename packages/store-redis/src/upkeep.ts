import type { TokenStore } from '@hallpass/core'
import { checkStorable } from '@hallpass/core'
import type { Connection } from './connection.ts'
import { NEXT_PROJECT } from './lua/stored-rows.ts'
import { LEASE, PURGE_FEED, PURGE_RECEIPTS, PURGE_TOKENS } from './lua/upkeep.ts'
import { PURGE_USAGE } from './lua/usage.ts'
import type { Script } from './script.ts'
import { toTimeText } from './token-fields.ts'

/** What is removed in one step, between which everything else gets its turn. */
const STEP = 100

export function createUpkeep(connection: Connection): Pick<TokenStore, 'purge' | 'lease'> {
  async function removeAll(step: Script, before: Date): Promise<number> {
    const time = toTimeText(before)
    for (let total = 0; ; ) {
      const removed = (await connection.run(step, [time, String(STEP)])) as number
      total += removed
      if (removed < STEP) return total
    }
  }

  async function removeUsage(before: string): Promise<void> {
    for (let from = '-'; ; ) {
      const project = (await connection.run(NEXT_PROJECT, [from])) as string | null
      if (project === null) return
      while ((await connection.run(PURGE_USAGE, [project, before])) === 1);
      from = `(${project}`
    }
  }

  return {
    async purge({ tokensBefore, receiptsBefore, feedBefore, usageBefore = null }) {
      const tokens = tokensBefore === null ? 0 : await removeAll(PURGE_TOKENS, tokensBefore)
      await removeAll(PURGE_RECEIPTS, receiptsBefore)
      await removeAll(PURGE_FEED, feedBefore)
      if (usageBefore !== null) await removeUsage(usageBefore)
      return tokens
    },

    async lease(name, holder, at, until) {
      checkStorable(name, holder)
      return (await connection.run(LEASE, [name, holder, toTimeText(at), toTimeText(until)])) === 1
    },
  }
}
