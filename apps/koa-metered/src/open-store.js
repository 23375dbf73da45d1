// @ts-check
import { dirname } from 'node:path'
import { ConfigurationError } from '@hallpass/core'
import { createFolder } from './create-folder.js'
import { StartError } from './start-error.js'

/**
 * The store in a database, and how to let go of it. A driver is loaded only where it is used: what you do not use may
 * go from here and from package.json.
 * @typedef {{ store: import('@hallpass/core').TokenStore, close: () => Promise<void> }} OpenStore
 */

/**
 * @param {import('./database.js').Database} database
 * @returns {Promise<OpenStore>}
 * @throws {StartError} when it cannot be reached or used
 */
export async function openStore(database) {
  try {
    if (database.kind === 'sqlite') return await openSqlite(database.path)
    if (database.kind === 'postgres') return await openPostgres(database.url)
    return await openRedis(database.url)
  } catch (error) {
    throw toStartError(error, database)
  }
}

/** @param {string} path */
async function openSqlite(path) {
  const { createSqliteStore } = await import('@hallpass/store-sqlite')
  createFolder(dirname(path))
  const store = await createSqliteStore(path)
  return { store, close: async () => store.close() }
}

/** @param {string} url */
async function openPostgres(url) {
  const { createPostgresStore } = await import('@hallpass/store-postgres')
  const { default: pg } = await import('pg')
  const pool = new pg.Pool({ connectionString: url, connectionTimeoutMillis: 5000 })
  pool.on('error', (error) => reportLoss('postgres', error))
  try {
    const store = await createPostgresStore(pool)
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

/** @param {string} url */
async function openRedis(url) {
  const { createRedisStore } = await import('@hallpass/store-redis')
  const { createClient } = await import('redis')
  let ready = false
  const client = createClient({
    url,
    // While the connection is away a request is answered 503 at once, and not when it is back.
    disableOfflineQueue: true,
    socket: {
      connectTimeout: 5000,
      // At the start somebody is there to read why it fails; later the server may come back.
      reconnectStrategy: (retries, cause) => (ready ? Math.min(50 * retries, 1000) : cause),
    },
  })
  client.on('error', (error) => {
    if (ready) reportLoss('redis', error)
  })
  try {
    await client.connect()
    const store = await createRedisStore(client)
    ready = true
    return {
      store,
      async close() {
        await store.close()
        await client.close()
      },
    }
  } catch (error) {
    client.destroy()
    throw error
  }
}

/**
 * @param {string} what
 * @param {unknown} error
 */
function reportLoss(what, error) {
  console.error(`${what}: a connection was lost (${toReason(error)})`)
}

/**
 * @param {unknown} error
 * @param {import('./database.js').Database} database
 */
function toStartError(error, { label }) {
  if (error instanceof ConfigurationError)
    return new StartError(`Cannot start on ${label}: ${error.message}.`)
  return new StartError(`${label} cannot be used: ${toReason(error)}.`)
}

/** @param {unknown} error */
function toReason(error) {
  if (!(error instanceof Error)) return typeof error
  if (error.message !== '') return error.message
  return 'code' in error ? String(error.code) : error.name
}
