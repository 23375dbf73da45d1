// Part of a package's build: its entries, and what they share, as few files instead of one for each source. To find and
// read a module costs about half a millisecond, and an application that loads an adapter would load 130 of them.
import { rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { rolldown } from 'rolldown'

rmSync('dist', { recursive: true, force: true })

/** @type {{ exports: Record<string, Record<string, string>> }} */
const { exports } = JSON.parse(await readFile('package.json', 'utf8'))
const entries = Object.values(exports).map((conditions) => conditions['@hallpass/source'] ?? '')
const bundle = await rolldown({
  input: Object.fromEntries(entries.map((file) => [basename(file, '.ts'), file])),
  platform: 'node',
  // What a package depends on is its own affair; only relative imports are taken in.
  external: (id, _importer, isResolved) => !isResolved && /^[^./]/.test(id),
})
await bundle.write({
  dir: 'dist',
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: 'shared/[name].js',
  minifyInternalExports: false,
})
await bundle.close()
