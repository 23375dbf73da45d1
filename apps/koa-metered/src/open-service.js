// @ts-check
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigurationError, createTokenService } from '@hallpass/core'
import { createFolder } from './create-folder.js'
import { openMasterKey, readMasterKey } from './master-key.js'
import { openStore } from './open-store.js'
import { StartError } from './start-error.js'

/**
 * The token service on the database of the settings. Several processes may share one.
 * @param {Omit<import('./settings.js').Settings, 'adminPassword'>} settings
 * @returns {Promise<{ service: import('@hallpass/core').TokenService, close: () => Promise<void> }>}
 * @throws {StartError} when the folder or the database cannot be used
 */
export async function openService(settings) {
  const { trustedProxies, issuer, database } = settings
  try {
    const masterSecret = settings.masterSecret ?? findMasterSecret(settings)
    const { store, close: closeStore } = await openStore(database)
    try {
      const service = await createTokenService({
        issuer,
        store,
        keys: { masterSecret },
        clientAddress: { trustedProxies, header: 'x-forwarded-for' },
      })
      return {
        service,
        async close() {
          await service.close()
          await closeStore()
        },
      }
    } catch (error) {
      await closeStore()
      throw error
    }
  } catch (error) {
    throw toStartError(error, settings)
  }
}

/** @param {Pick<import('./settings.js').Settings, 'dataDir' | 'database'>} settings */
function findMasterSecret({ dataDir, database }) {
  const path = join(dataDir, 'master.key')
  if (database.kind !== 'sqlite') {
    // A key made here would be another one than the next machine makes.
    const secret = readMasterKey(path)
    if (secret !== null) return secret
    throw new StartError(`With ${database.kind} set HALLPASS_SECRET, or bring ${path} from where you were.`)
  }
  createFolder(dataDir)
  // The database is looked for before the key: whoever makes both makes the key first.
  if (!existsSync(database.path)) return openMasterKey(path)
  const secret = readMasterKey(path)
  if (secret !== null) return secret
  throw new StartError(
    `${dataDir} holds tokens but no master.key: put the file back, or set HALLPASS_SECRET to what it was.`,
  )
}

/**
 * @param {unknown} error
 * @param {Pick<import('./settings.js').Settings, 'dataDir' | 'database'>} settings
 */
function toStartError(error, { dataDir, database }) {
  if (error instanceof ConfigurationError) {
    return new StartError(`Cannot start on ${database.label}: ${error.message}.`)
  }
  if (error instanceof Error && 'syscall' in error && 'code' in error) {
    return new StartError(
      `DATA_DIR ${dataDir} cannot be used (${error.code}): it must be a folder to write in.`,
    )
  }
  return error
}
