import { randomUUID } from 'node:crypto'
import { createSqliteStore } from '../../src/index.ts'

/** `spend.ts <path> <token> <times>`: says `ready`, waits for a line, spends in parallel, prints what was left. */
const [path = '', id = '', times = '0'] = process.argv.slice(2)
const store = await createSqliteStore(path)
process.stdout.write('ready\n')
await new Promise((resolve) => process.stdin.once('data', resolve))
const answers = await Promise.all(
  Array.from({ length: Number(times) }, () =>
    store.spend({
      receipt: randomUUID(),
      counters: [{ project: 'default', id }],
      amount: 1,
      at: new Date(0),
    }),
  ),
)
const left = answers.flatMap((answer) => (answer.outcome === 'spent' ? answer.remaining : []))
process.stdout.write(`${JSON.stringify(left)}\n`)
await store.close()
process.exit()
