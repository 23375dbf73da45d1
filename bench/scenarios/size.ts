import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Scenario, Table } from '../harness/result.ts'

interface Comparison {
  readonly title: string
  readonly ours: readonly string[]
  readonly peers: readonly (readonly string[])[]
}

const COMPARISONS: readonly Comparison[] = [
  {
    title: 'For Express',
    ours: ['@hallpass/express'],
    peers: [['express-jwt'], ['express-oauth2-jwt-bearer'], ['passport', 'passport-jwt']],
  },
  { title: 'For Koa', ours: ['@hallpass/koa'], peers: [['koa-jwt']] },
  { title: 'For Nest', ours: ['@hallpass/nestjs'], peers: [['@nestjs/jwt']] },
  {
    title: 'For Express, with issuing, listing and revoking over SQLite',
    ours: ['@hallpass/express', '@hallpass/store-sqlite'],
    peers: [['better-auth', '@better-auth/api-key', 'better-sqlite3']],
  },
]

const BENCH = fileURLToPath(new URL('..', import.meta.url))
const PACKAGES = fileURLToPath(new URL('../../packages', import.meta.url))

/** What an application installs for an adapter: packages and bytes. */
export const run: Scenario = async ({ oursOnly }) => {
  const packed = new Map<string, Promise<Content>>()
  const toRow = async (names: readonly string[]): Promise<string[]> => {
    const folders = findClosure(names)
    const contents = await Promise.all([...folders].map((folder) => readContent(folder, packed)))
    const bytes = contents.reduce((sum, content) => sum + content.bytes, 0)
    const files = contents.reduce((sum, content) => sum + content.files, 0)
    const [largest] = contents.toSorted((a, b) => b.bytes - a.bytes)
    return [
      names.join(' + '),
      String(contents.length),
      String(files),
      (bytes / 1000).toFixed(0),
      largest === undefined ? '' : `${largest.name} ${(largest.bytes / 1000).toFixed(0)}`,
    ]
  }
  const tables: Table[] = []
  for (const { title, ours, peers } of COMPARISONS) {
    const rows = [await toRow(ours)]
    if (!oursOnly) for (const names of peers) rows.push(await toRow(names))
    tables.push({
      title,
      columns: ['package', 'packages', 'files', 'kB in all', 'of it the largest'],
      rows,
    })
  }
  return {
    tables,
    targets: [],
    notes: [
      'The closure of `dependencies`, peers and optional ones left out: the frameworks, which all stand on, are in none. 1 kB = 1000 bytes, the sum of the sizes of the files.',
      'A package of ours counts with the files that `npm pack` would publish, any other with its installed folder as npm unpacked it.',
      'express-jwt and @nestjs/jwt depend on type packages, @types/node among them.',
      '@hallpass/store-sqlite needs no driver: it opens the file with node:sqlite. better-auth needs one; better-sqlite3 is counted with the binaries that it brings for all platforms.',
      'The hallpass adapters bring what the peers beside them leave to the application: issuing, listing, revoking, and the management routes with their OpenAPI description.',
    ],
  }
}

interface Content {
  readonly name: string
  readonly bytes: number
  readonly files: number
}

interface Manifest {
  readonly name: string
  readonly dependencies?: Readonly<Record<string, string>>
}

/** The folders of the packages and of all they depend on, each once, the packages themselves first. */
function findClosure(names: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>()
  const add = (folder: string): void => {
    if (found.has(folder)) return
    found.add(folder)
    const { dependencies = {} } = readManifest(folder)
    for (const name of Object.keys(dependencies)) add(findPackage(name, folder))
  }
  for (const name of names) add(findPackage(name, BENCH))
  return found
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}

/** As Node looks for it: in the node_modules of the folder and of those above. */
function findPackage(name: string, from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    try {
      return realpathSync(join(folder, 'node_modules', name))
    } catch {
      if (dirname(folder) === folder) throw new Error(`${name} is not installed`)
    }
  }
}

function readContent(folder: string, packed: Map<string, Promise<Content>>): Promise<Content> {
  if (!folder.startsWith(PACKAGES))
    return Promise.resolve({ name: readManifest(folder).name, ...readFolder(folder) })
  const known = packed.get(folder) ?? pack(folder)
  packed.set(folder, known)
  return known
}

async function pack(folder: string): Promise<Content> {
  const { stdout } = await promisify(execFile)(
    'npm',
    ['pack', '--dry-run', '--json', '--ignore-scripts', folder],
    { maxBuffer: 16 * 2 ** 20 },
  )
  const [found] = Object.values(JSON.parse(stdout) as Readonly<Record<string, Packed>>)
  if (found === undefined) throw new Error(`npm pack said nothing of ${folder}`)
  const bytes = found.files.reduce((sum, { size }) => sum + size, 0)
  return { name: readManifest(folder).name, bytes, files: found.files.length }
}

interface Packed {
  readonly files: readonly { readonly size: number }[]
}

/** Without the packages that are installed inside of it: those are counted where something depends on them. */
function readFolder(folder: string): Omit<Content, 'name'> {
  let bytes = 0
  let files = 0
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules') continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      const inner = readFolder(path)
      bytes += inner.bytes
      files += inner.files
    } else if (entry.isFile()) {
      bytes += statSync(path).size
      files += 1
    }
  }
  return { bytes, files }
}
