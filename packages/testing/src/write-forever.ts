import { randomUUID } from 'node:crypto'
import { writeSync } from 'node:fs'
import type { StoredToken, TokenStore } from '@hallpass/core'

const LOOPS = 4

/**
 * Issues, spends, changes and revokes until the store fails, in four loops at once, and prints a line for each answer:
 * `insert <id>`, `spend <receipt>`, `update <id>`, `revoke <id>`. For processes that are killed while they write.
 * @param metered id of the token that is spent
 * @param template a token as JSON, which every new one is like
 */
export async function writeForever(store: TokenStore, metered: string, template: string): Promise<never> {
  const given = JSON.parse(template) as StoredToken

  async function work(): Promise<never> {
    for (;;) {
      const id = randomUUID()
      const receipt = randomUUID()
      const at = new Date()
      await store.insert([{ ...given, id, createdAt: at, expiresAt: null, signedExpiresAt: null }], {})
      acknowledge('insert', id)
      await store.spend({ receipt, counters: [{ project: 'default', id: metered }], amount: 1, at })
      acknowledge('spend', receipt)
      await store.update('default', id, { name: 'changed', expiresAt: new Date(8.64e15), at })
      acknowledge('update', id)
      await store.revoke('default', id, at)
      acknowledge('revoke', id)
    }
  }

  return Promise.race(Array.from({ length: LOOPS }, work))
}

/** At once: a line that waits in this process would be lost with it. */
function acknowledge(what: string, id: string): void {
  writeSync(1, `${what} ${id}\n`)
}
