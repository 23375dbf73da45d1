import { randomUUID } from 'node:crypto'
import { createClient } from 'redis'
import { createRedisStore } from '../../src/index.ts'

/**
 * `spend.ts <url> <token> <pool> <clients>`: opens that many connections, says `ready`, waits for a line, spends on
 * each until it is refused, and prints what was left of the token each time.
 */
const [url = '', id = '', pool = '', clients = '0'] = process.argv.slice(2)
const opened = await Promise.all(
  Array.from({ length: Number(clients) }, async () => {
    const client = createClient({ url })
    client.on('error', () => {})
    await client.connect()
    return { client, store: await createRedisStore(client) }
  }),
)
process.stdout.write('ready\n')
await new Promise((resolve) => process.stdin.once('data', resolve))
const left = await Promise.all(
  opened.map(async ({ store }, index) => {
    const counters = [
      { project: 'default', id },
      { project: 'default', pool },
    ]
    const tokenAt = index % 2
    if (tokenAt === 1) counters.reverse()
    for (const numbers: number[] = []; ; ) {
      const answer = await store.spend({ receipt: randomUUID(), counters, amount: 1, at: new Date(0) })
      if (answer.outcome === 'refused') return numbers
      numbers.push(answer.remaining[tokenAt] ?? -1)
    }
  }),
)
process.stdout.write(`${JSON.stringify(left.flat())}\n`)
for (const { client } of opened) client.destroy()
process.exit()
