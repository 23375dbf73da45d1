import { createSqliteStore } from '../../src/index.ts'

/** `open.ts <path> <pool>`: says `ready`, waits for a line, opens the file, creates a pool, says `opened`. */
const [path = '', name = ''] = process.argv.slice(2)
process.stdout.write('ready\n')
await new Promise((resolve) => process.stdin.once('data', resolve))
const store = await createSqliteStore(path)
const created = await store.createPool({ project: 'default', name, limit: 1, remaining: 1 })
process.stdout.write(created ? 'opened\n' : 'taken\n')
await store.close()
process.exit()
