import { writeForever } from '@hallpass/testing/write-forever'
import { createClient } from 'redis'
import { createRedisStore } from '../../src/index.ts'

/** `write.ts <url> <metered token> <template>`: see `writeForever`. Ends with the server, or by being killed. */
const [url = '', metered = '', template = ''] = process.argv.slice(2)
const client = createClient({ url, disableOfflineQueue: true })
client.on('error', () => {})
await client.connect()
await writeForever(await createRedisStore(client), metered, template).catch(() => process.exit())
