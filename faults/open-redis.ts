import { createRedisStore } from '@hallpass/store-redis'
import { createClient } from 'redis'
import type { OpenedStore, RemotePlace } from './store-place.ts'

export async function openRedis({ url, name, push }: RemotePlace): Promise<OpenedStore> {
  const connect = async () => {
    const client = createClient({ url, disableOfflineQueue: true })
    // The store's answers say it; without a listener the process would end.
    client.on('error', () => {})
    await client.connect()
    return client
  }
  const client = await connect()
  const subscriber = push ? await connect() : null
  const store = await createRedisStore(client, { prefix: name, ...(subscriber !== null && { subscriber }) })
  return {
    store,
    async close() {
      await store.close()
      subscriber?.destroy()
      client.destroy()
    },
  }
}
