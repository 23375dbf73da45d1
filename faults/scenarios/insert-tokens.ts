import { createSqliteStore } from '@hallpass/store-sqlite'
import { createStoredToken } from '@hallpass/testing'

// `insert-tokens.ts <path> <clients> <each>`: so many clients at once insert so many tokens, one after the other.
const [path = '', clients = '0', each = '0'] = process.argv.slice(2)
const store = await createSqliteStore(path)
const client = async (): Promise<void> => {
  for (let done = 0; done < Number(each); done += 1) await store.insert([createStoredToken()], {})
}
await Promise.all(Array.from({ length: Number(clients) }, client))
await store.close()
