import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { runOutside } from './outside.ts'
import type { Tarballs } from './tarballs.ts'

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>
}

/** What a stranger would not have: tests, and what running the folder has left in it. */
const LEFT_BEHIND = new Set(['node_modules', 'test', 'dist', 'data', '.env', '.turbo'])

/** Copies a project to an empty folder, with our packages as they were packed in the place of published ones. */
export function copyProject(from: string, to: string, tarballs: Tarballs): void {
  cpSync(from, to, { recursive: true, filter: (source) => !LEFT_BEHIND.has(basename(source)) })
  const manifest: Manifest = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'))
  const dependencies = Object.fromEntries(
    Object.entries(manifest.dependencies).map(([name, range]) => [name, toSource(name, range, tarballs)]),
  )
  writeFileSync(join(to, 'package.json'), JSON.stringify({ ...manifest, dependencies }))
}

/** `npm install`, with further packages. */
export async function install(folder: string, packages: readonly string[] = []): Promise<void> {
  await runOutside('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...packages], {
    cwd: folder,
  })
}

function toSource(name: string, range: string, tarballs: Tarballs): string {
  if (!name.startsWith('@hallpass/')) return range
  const tarball = tarballs.get(name)
  if (tarball === undefined) throw new Error(`${name} is not built: run \`npm run build\` first`)
  return `file:${tarball}`
}
