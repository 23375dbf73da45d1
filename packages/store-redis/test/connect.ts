import { createClient, type RedisClientType } from 'redis'

type Nothing = Record<never, never>
/** What `createClient` gives without modules, functions or scripts. */
export type Client = RedisClientType<Nothing, Nothing, Nothing, 3, Nothing>

/** A connected client as users make it. It says nothing of errors: the tests look at what the store throws. */
export async function connect(url: string): Promise<Client> {
  const client = createClient({ url, disableOfflineQueue: true })
  client.on('error', () => {})
  await client.connect()
  return client
}
