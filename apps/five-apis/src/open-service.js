// @ts-check
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigurationError, createTokenService } from '@hallpass/core'
import { createSqliteStore } from '@hallpass/store-sqlite'
import { createFolder } from './create-folder.js'
import { openMasterKey, readMasterKey } from './master-key.js'
import { StartError } from './start-error.js'

/**
 * The token service on the SQLite file in the data folder. Several processes may share one folder.
 * @param {Pick<import('./settings.js').Settings, 'dataDir' | 'trustedProxies' | 'masterSecret'>} settings
 * @returns {Promise<import('@hallpass/core').TokenService>}
 * @throws {StartError} when the folder cannot be used
 */
export async function openService(settings) {
  const { dataDir, trustedProxies } = settings
  try {
    createFolder(dataDir)
    const database = join(dataDir, 'tokens.sqlite')
    const masterSecret = settings.masterSecret ?? findMasterSecret(dataDir, database)
    return await createTokenService({
      issuer: 'urn:hallpass:five-apis',
      store: await createSqliteStore(database),
      keys: { masterSecret },
      // Specter's expired tokens stay listed until they are deleted.
      retentionSeconds: null,
      clientAddress: { trustedProxies, header: 'x-forwarded-for' },
    })
  } catch (error) {
    throw toStartError(error, dataDir)
  }
}

/**
 * @param {string} dataDir
 * @param {string} database
 */
function findMasterSecret(dataDir, database) {
  const path = join(dataDir, 'master.key')
  // The database is looked for before the key: whoever makes both makes the key first.
  if (!existsSync(database)) return openMasterKey(path)
  const secret = readMasterKey(path)
  if (secret !== null) return secret
  throw new StartError(
    `${dataDir} holds tokens but no master.key: put the file back, or set HALLPASS_SECRET to what it was.`,
  )
}

/**
 * @param {unknown} error
 * @param {string} dataDir
 */
function toStartError(error, dataDir) {
  if (error instanceof ConfigurationError)
    return new StartError(`Cannot start on ${dataDir}: ${error.message}.`)
  if (error instanceof Error && 'syscall' in error && 'code' in error) {
    return new StartError(
      `DATA_DIR ${dataDir} cannot be used (${error.code}): it must be a folder to write in.`,
    )
  }
  return error
}
