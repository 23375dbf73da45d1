import { writeForever } from '@hallpass/testing/write-forever'
import pg from 'pg'
import { createPostgresStore } from '../../src/index.ts'

/** `write.ts <url> <schema> <metered token> <template>`: see `writeForever`. Ends by being killed. */
const [connectionString = '', schema = '', metered = '', template = ''] = process.argv.slice(2)
const store = await createPostgresStore(new pg.Pool({ connectionString, max: 4 }), { schema })
await writeForever(store, metered, template)
