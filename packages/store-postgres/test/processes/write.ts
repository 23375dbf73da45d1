import { randomUUID } from 'node:crypto'
import { writeSync } from 'node:fs'
import type { StoredToken } from '@hallpass/core'
import pg from 'pg'
import { createPostgresStore } from '../../src/index.ts'

/**
 * `write.ts <url> <schema> <metered token> <template>`: issues, spends, changes and revokes for ever, and prints a
 * line for each answer: `insert <id>`, `spend <receipt>`, `update <id>`, `revoke <id>`. Ends by being killed.
 */
const [connectionString = '', schema = '', metered = '', template = ''] = process.argv.slice(2)
const store = await createPostgresStore(new pg.Pool({ connectionString, max: 4 }), { schema })
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
    await store.update('default', id, { name: 'changed', expiresAt: new Date(8.64e15), at })
    acknowledge('update', id)
    await store.revoke('default', id, at)
    acknowledge('revoke', id)
  }
}

await Promise.all([work(), work(), work(), work()])
