import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import type { TokenStore } from '@hallpass/core'
import { createSqliteStore } from '@hallpass/store-sqlite'

const FOLDER = fileURLToPath(new URL('../.data/', import.meta.url))
/** Raised when what `fill` writes becomes another. */
const CONTENT = 1

/**
 * A SQLite file that takes long to fill: kept in `bench/.data`, and made anew when the store's tables have changed.
 * @param fill writes what belongs in it into an empty store
 * @returns its path
 */
export async function openData(
  name: string,
  fill: (store: TokenStore, tell: (line: string) => void) => Promise<void>,
): Promise<string> {
  mkdirSync(FOLDER, { recursive: true })
  const path = `${FOLDER}${name}-${await readSchema()}-${CONTENT}.sqlite`
  if (existsSync(path)) return path
  const unfinished = `${path}.${process.pid}`
  const store = await createSqliteStore(unfinished)
  try {
    await fill(store, (line) => console.error(`  ${name}: ${line}`))
    await store.close()
    renameSync(unfinished, path)
  } finally {
    await store.close()
    for (const end of ['', '-wal', '-shm']) rmSync(unfinished + end, { force: true })
  }
  return path
}

/** What the tables of this store are, in a few characters. */
async function readSchema(): Promise<string> {
  const path = `${FOLDER}empty.${process.pid}.sqlite`
  await (await createSqliteStore(path)).close()
  const database = new DatabaseSync(path)
  const rows = database.prepare('SELECT sql FROM sqlite_schema ORDER BY name').all()
  database.close()
  for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true })
  return createHash('sha256').update(JSON.stringify(rows)).digest('hex').slice(0, 8)
}
