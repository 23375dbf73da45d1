import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import type { Counter } from '@hallpass/core'
import pg from 'pg'
import { createPostgresStore } from '../../src/index.ts'

/**
 * `serve.ts <url> <schema> <clients>`: says `ready`, opens the store at the line `open`, and answers each line after it
 * with one of JSON. `spend [counters, counters, …]` spends 1 from each list at once and says what was left each time.
 */
const [connectionString = '', schema = '', clients = '4'] = process.argv.slice(2)
const pool = new pg.Pool({ connectionString, max: Number(clients) })
const lines = createInterface(process.stdin)[Symbol.asyncIterator]()
process.stdout.write('ready\n')
await lines.next()
const store = await createPostgresStore(pool, { schema })
process.stdout.write('opened\n')

async function spendAll(lists: readonly (readonly Counter[])[]): Promise<(readonly number[])[]> {
  const at = new Date(0)
  const answers = await Promise.all(
    lists.map((counters) => store.spend({ receipt: randomUUID(), counters, amount: 1, at })),
  )
  return answers.flatMap((answer) => (answer.outcome === 'spent' ? [answer.remaining] : []))
}

async function answer(line: string): Promise<unknown> {
  const [what, ...rest] = line.split(' ')
  const [id = ''] = rest
  if (what === 'spend') return spendAll(JSON.parse(rest.join(' ')) as Counter[][])
  if (what === 'revoke') return (await store.revoke('default', id, new Date(0)))?.revokedAt
  return (await store.find('default', id))?.revokedAt
}

for await (const line of lines) process.stdout.write(`${JSON.stringify(await answer(line))}\n`)
await store.close()
await pool.end()
