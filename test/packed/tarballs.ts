import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runOutside } from './outside.ts'

export const ROOT: string = join(import.meta.dirname, '../..')

/** Of each public package, by its name, the file that `npm publish` would send. */
export type Tarballs = ReadonlyMap<string, string>

interface Manifest {
  readonly name: string
  readonly private?: boolean
}

/** Packs every public package as it is built. */
export async function packPackages(into: string): Promise<Tarballs> {
  const folders = readdirSync(join(ROOT, 'packages'))
    .map((name) => join(ROOT, 'packages', name))
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .filter((folder) => readManifest(folder).private !== true)
  const args = ['pack', '--json', '--pack-destination', into, ...folders]
  const packed: readonly { readonly name: string; readonly filename: string }[] = Object.values(
    JSON.parse(await runOutside('npm', args, { cwd: into })),
  )
  const built = new Set(
    folders
      .filter((folder) => existsSync(join(folder, 'dist/index.js')))
      .map((folder) => readManifest(folder).name),
  )
  return new Map(
    packed.filter(({ name }) => built.has(name)).map(({ name, filename }) => [name, join(into, filename)]),
  )
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}
