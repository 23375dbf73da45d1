import { writeForever } from '@hallpass/testing/write-forever'
import { createSqliteStore } from '../../src/index.ts'

/** `write.ts <path> <metered token> <template> <exclusive>`: see `writeForever`. Ends by being killed. */
const [path = '', metered = '', template = '', exclusive] = process.argv.slice(2)
await writeForever(await createSqliteStore(path, { exclusive: exclusive === 'true' }), metered, template)
