import { randomUUID } from 'node:crypto'
import { writeSync } from 'node:fs'
import type { StoredToken } from '@hallpass/core'
import { createSqliteStore } from '../../src/index.ts'

/**
 * `write.ts <path> <metered token> <template> <exclusive>`: issues, revokes and spends for ever, and prints a line for each
 * answer: `insert <id>`, `revoke <id>`, `spend <receipt>`. Ends by being killed.
 */
const [path = '', metered = '', template = '', exclusive] = process.argv.slice(2)
const store = await createSqliteStore(path, { exclusive: exclusive === 'true' })
const given = JSON.parse(template) as StoredToken

function acknowledge(what: string, id: string): void {
  writeSync(1, `${what} ${id}\n`)
}

async function work(): Promise<never> {
  for (;;) {
    const id = randomUUID()
    const receipt = randomUUID()
    const at = new Date()
    await store.insert([{ ...given, id, createdAt: at, expiresAt: null, signedExpiresAt: null }], {})
    acknowledge('insert', id)
    await store.spend({ receipt, counters: [{ project: 'default', id: metered }], amount: 1, at })
    acknowledge('spend', receipt)
    await store.revoke('default', id, at)
    acknowledge('revoke', id)
  }
}

await Promise.all([work(), work(), work(), work()])
