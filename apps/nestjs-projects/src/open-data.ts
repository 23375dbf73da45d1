import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigurationError, createTokenService, type TokenService } from '@hallpass/core'
import { createSqliteStore } from '@hallpass/store-sqlite'
import { createFolder } from './create-folder.ts'
import { Directory } from './directory.ts'
import { openMasterKey, readMasterKey } from './master-key.ts'
import type { Settings } from './settings.ts'
import { StartError } from './start-error.ts'

/** What lies in the data folder. */
export interface Data {
  readonly service: TokenService
  readonly directory: Directory
}

/**
 * The token service, and the projects with their users, on two SQLite files. Several processes may share one folder.
 * @throws StartError when the folder cannot be used
 */
export async function openData(settings: Omit<Settings, 'port' | 'adminPassword'>): Promise<Data> {
  const { dataDir, trustedProxies, issuer } = settings
  try {
    createFolder(dataDir)
    const database = join(dataDir, 'tokens.sqlite')
    const masterSecret = settings.masterSecret ?? findMasterSecret(dataDir, database)
    const service = await createTokenService({
      issuer,
      store: await createSqliteStore(database),
      keys: { masterSecret },
      clientAddress: { trustedProxies, header: 'x-forwarded-for' },
    })
    return { service, directory: new Directory(join(dataDir, 'projects.sqlite')) }
  } catch (error) {
    throw toStartError(error, dataDir)
  }
}

function findMasterSecret(dataDir: string, database: string): string {
  const path = join(dataDir, 'master.key')
  // The database is looked for before the key: whoever makes both makes the key first.
  if (!existsSync(database)) return openMasterKey(path)
  const secret = readMasterKey(path)
  if (secret !== null) return secret
  throw new StartError(
    `${dataDir} holds tokens but no master.key: put the file back, or set HALLPASS_SECRET to what it was.`,
  )
}

function toStartError(error: unknown, dataDir: string): unknown {
  if (error instanceof ConfigurationError)
    return new StartError(`Cannot start on ${dataDir}: ${error.message}.`)
  if (error instanceof Error && 'syscall' in error && 'code' in error) {
    return new StartError(
      `DATA_DIR ${dataDir} cannot be used (${error.code}): it must be a folder to write in.`,
    )
  }
  return error
}
