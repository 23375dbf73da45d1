import type { ChangeRefusal, TokenStore } from '@hallpass/core'
import { checkStorable, isStorable } from '@hallpass/core'
import type { Connection } from './connection.ts'
import { FIND_LAST, REVOKE, REVOKE_STEP, TOUCH, UPDATE } from './lua/token-changes.ts'
import { type TokenValues, toStoredToken, toTimeText } from './token-fields.ts'

/** Tokens looked at in one step of `revokeAll`, between which everything else gets its turn. */
const REVOKE_AT_ONCE = 250
const TOUCH_AT_ONCE = 1000

type UpdateAnswer =
  | readonly ['updated', values: TokenValues]
  | readonly ['not_found' | 'name_taken' | ChangeRefusal]

export function createTokenChanges(
  connection: Connection,
): Pick<TokenStore, 'update' | 'revoke' | 'revokeAll' | 'touch'> {
  return {
    async update(project, id, change) {
      if (!isStorable(project, id)) return { outcome: 'not_found' }
      checkStorable(change.name)
      const answer = (await connection.run(UPDATE, [
        project,
        id,
        toTimeText(change.at),
        change.name === undefined ? '' : change.name === null ? '-' : `=${change.name}`,
        change.addCredits === undefined ? '' : String(change.addCredits),
        change.expiresAt === undefined ? '' : toTimeText(change.expiresAt),
        change.maxCreditLimit === undefined ? '' : String(change.maxCreditLimit),
      ])) as UpdateAnswer
      if (answer[0] !== 'updated') return { outcome: answer[0] }
      const token = toStoredToken(project, id, answer[1])
      return token === null ? { outcome: 'not_found' } : { outcome: 'updated', token }
    },

    async revoke(project, id, at) {
      if (!isStorable(project, id)) return null
      const values = (await connection.run(REVOKE, [project, id, toTimeText(at)])) as TokenValues
      return toStoredToken(project, id, values)
    },

    async revokeAll(project, subject, at, expiredBy = at) {
      if (!isStorable(project, subject)) return 0
      const whose = [project, subject === null ? '-' : `=${subject}`]
      const time = toTimeText(at)
      // What is issued from now on is not meant, and must not keep this going.
      const last = (await connection.run(FIND_LAST, whose)) as string | null
      let count = 0
      for (
        let from: string | null = last === null ? null : '';
        from !== null && last !== null && from < last;
      ) {
        const [to, revoked] = (await connection.run(REVOKE_STEP, [
          ...whose,
          time,
          from,
          last,
          String(REVOKE_AT_ONCE),
          toTimeText(expiredBy),
        ])) as [string | null, number]
        count += revoked
        from = to
      }
      return count
    },

    async touch(touches) {
      const rows = touches
        .filter(({ project, id }) => isStorable(project, id))
        .map(({ project, id, at }) => [project, id, toTimeText(at)])
      for (let start = 0; start < rows.length; start += TOUCH_AT_ONCE) {
        await connection.run(TOUCH, rows.slice(start, start + TOUCH_AT_ONCE).flat())
      }
    },
  }
}
