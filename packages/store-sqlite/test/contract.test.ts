import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describeTokenStore } from '@hallpass/testing'
import Database from 'better-sqlite3'
import { createSqliteStore, type SqliteDatabase } from '../src/index.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

type Connect = (path: string) => SqliteDatabase & { close(): unknown }

describeTokenStore('node:sqlite, by path', async () => {
  const folder = createTemporaryFolder()
  const path = join(folder.path, 'tokens.db')
  return {
    store: await createSqliteStore(path),
    reopen: () => createSqliteStore(path),
    dispose: folder.remove,
  }
})

describeTokenStore('node:sqlite, the file for itself', async () => {
  const folder = createTemporaryFolder()
  return {
    store: await createSqliteStore(join(folder.path, 'tokens.db'), { exclusive: true }),
    reopen: () => null,
    dispose: folder.remove,
  }
})

describeOnClient('a DatabaseSync of node:sqlite', (path) => new DatabaseSync(path))
describeOnClient('a Database of better-sqlite3', (path) => new Database(path))

function describeOnClient(name: string, connect: Connect): void {
  describeTokenStore(name, async () => {
    const folder = createTemporaryFolder()
    const path = join(folder.path, 'tokens.db')
    const clients: ReturnType<Connect>[] = []
    const open = (): ReturnType<typeof createSqliteStore> => {
      const client = connect(path)
      clients.push(client)
      return createSqliteStore(client)
    }
    return {
      store: await open(),
      reopen: open,
      dispose: () => {
        for (const client of clients) client.close()
        folder.remove()
      },
    }
  })
}
