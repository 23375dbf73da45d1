import type { TokenStore } from '@hallpass/core'

/** Where a store is, as one process tells another. */
export type StorePlace =
  | { readonly kind: 'sqlite'; readonly path: string }
  | ({ readonly kind: 'postgres' | 'redis' } & RemotePlace)

export interface RemotePlace {
  readonly url: string
  /** The schema or the prefix of this run. */
  readonly name: string
  /** Hear of revocations as they happen; else by polling alone. */
  readonly push: boolean
}

export interface OpenedStore {
  readonly store: TokenStore
  /** Closes the store and what it was opened with. */
  close(): Promise<void>
}

/** A store on a client or pool as users make it. Loads that store alone: many processes are started. */
export async function openStore(place: StorePlace): Promise<OpenedStore> {
  if (place.kind === 'sqlite') {
    const { createSqliteStore } = await import('@hallpass/store-sqlite')
    const store = await createSqliteStore(place.path)
    return { store, close: async () => store.close() }
  }
  if (place.kind === 'postgres') return (await import('./open-postgres.ts')).openPostgres(place)
  return (await import('./open-redis.ts')).openRedis(place)
}
