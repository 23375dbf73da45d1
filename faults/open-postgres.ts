import { createPostgresStore } from '@hallpass/store-postgres'
import pg from 'pg'
import type { OpenedStore, RemotePlace } from './store-place.ts'

export async function openPostgres({ url, name, push }: RemotePlace): Promise<OpenedStore> {
  const pool = new pg.Pool({ connectionString: url, max: 10, connectionTimeoutMillis: 2000 })
  const listen = (): pg.Client => new pg.Client({ connectionString: url })
  try {
    const store = await createPostgresStore(pool, { schema: name, ...(push && { listen }) })
    return {
      store,
      async close() {
        await store.close()
        await pool.end()
      },
    }
  } catch (error) {
    await pool.end()
    throw error
  }
}
