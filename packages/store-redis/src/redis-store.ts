import { assertOptions, ConfigurationError, type TokenStore } from '@hallpass/core'
import { checkServer } from './check-server.ts'
import { type Connection, createConnection } from './connection.ts'
import { createCredits } from './credits.ts'
import { OPEN } from './lua/open.ts'
import type { RedisClient, RedisSubscriber } from './redis-client.ts'
import { createRevocationFeed } from './revocation-feed.ts'
import { createRevocationWatch } from './revocation-watch.ts'
import { createRowExport } from './row-export.ts'
import { createRowImport } from './row-import.ts'
import { createSigningKeys } from './signing-keys.ts'
import { createTokenChanges } from './token-changes.ts'
import { createTokenInsert } from './token-insert.ts'
import { createTokenLookup } from './token-lookup.ts'
import { createUpkeep } from './upkeep.ts'
import { createUsage } from './usage.ts'

export interface RedisStoreOptions {
  /** What every key begins with, in braces: 1 to 64 of `A-Z a-z 0-9 . _ : -`. A colon at its end is left out. Default `hallpass:`. */
  readonly prefix?: string
  /** `accepted`: use the server though it may lose or evict what it acknowledged. */
  readonly durability?: 'accepted'
  /** Hears of revocations, so that `bounded` mode need not wait for its next poll. Connected; stays open. Default none. */
  readonly subscriber?: RedisSubscriber
}

/** The layout of the data; a later release that changes it counts up. */
const LAYOUT = 1

/**
 * A token store in Redis 7 or later, for any number of processes and machines. Each mutation is one script, so it
 * happens as a whole or not at all; it is as durable as the server's append-only file. Nothing is asked of a replica.
 * @param client connected, and with an `error` listener; it stays open when the store is closed
 * @throws ConfigurationError when the server may lose or evict what it acknowledged; the message says what to set
 * @throws RedisStoreError `failed`
 */
export async function createRedisStore(
  client: RedisClient,
  options: RedisStoreOptions = {},
): Promise<TokenStore> {
  assertOptions(options, { prefix: true, durability: true, subscriber: true }, 'createRedisStore has')
  if (typeof client?.eval !== 'function') {
    throw new ConfigurationError('the first argument must be a client of `redis`')
  }
  const { prefix = 'hallpass:', durability, subscriber } = options
  if (durability !== undefined && durability !== 'accepted') {
    throw new ConfigurationError('durability must be "accepted" or left out')
  }
  const root = toRoot(prefix)
  await checkServer(client, root, durability === 'accepted')
  const connection = createConnection(client, root)
  await checkLayout(connection)
  const watch = createRevocationWatch(subscriber ?? null, `${root}revocations`)
  let closing: Promise<void> | null = null

  return {
    persistent: true,
    ...createTokenInsert(connection),
    ...createTokenLookup(connection),
    ...createTokenChanges(connection),
    ...createCredits(connection),
    ...createRevocationFeed(connection),
    watchRevocations: watch.add,
    ...createSigningKeys(connection),
    ...createUsage(connection),
    ...createUpkeep(connection),
    ...createRowExport(connection),
    ...createRowImport(connection),
    close() {
      watch.close()
      closing ??= connection.close()
      return closing
    },
  }
}

/** The braces make Redis Cluster put all keys into one slot; a brace of the caller's would move them apart. */
function toRoot(prefix: string): string {
  const tag = /^[\w.:-]{1,64}$/.test(prefix) ? prefix.replace(/:$/, '') : ''
  if (tag === '') {
    throw new ConfigurationError('prefix must be 1 to 64 letters, digits and . _ : - without braces')
  }
  return `{${tag}}:`
}

async function checkLayout(connection: Connection): Promise<void> {
  const found = await connection.run(OPEN, [String(LAYOUT)])
  if (found !== String(LAYOUT)) {
    throw new ConfigurationError(
      `the data was written by a later release of @hallpass/store-redis (layout ${found}, this release reads ${LAYOUT}): update the package`,
    )
  }
}
