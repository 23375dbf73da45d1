import { createClient } from 'redis'
import { createRedisStore } from '../../src/index.ts'

/** `look.ts <url> <token>`: says `ready`, then answers each line with `open`, or `revoked` when the token is. */
const [url = '', id = ''] = process.argv.slice(2)
const client = createClient({ url })
client.on('error', () => {})
await client.connect()
const store = await createRedisStore(client)
process.stdout.write('ready\n')
for await (const _line of process.stdin) {
  const token = await store.find('default', id)
  process.stdout.write(token?.revokedAt === null ? 'open\n' : 'revoked\n')
}
