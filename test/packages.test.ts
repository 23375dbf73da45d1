import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, describe, expect, test } from 'vitest'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..')
const scratch = mkdtempSync(join(tmpdir(), 'hallpass-pack-'))
afterAll(() => rmSync(scratch, { recursive: true }))

interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly type: string
  readonly version: string
  readonly engines: { readonly node: string }
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>
}

const published = readdirSync(join(root, 'packages'))
  .map((folder) => join(root, 'packages', folder))
  .filter((folder) => existsSync(join(folder, 'package.json')))
  .map((folder) => ({ folder, manifest: readManifest(folder) }))
  .filter(({ manifest }) => manifest.private !== true)

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}

describe.each(published.map(({ folder, manifest }) => [manifest.name, folder, manifest] as const))(
  '%s as it is published',
  (_name, folder, manifest) => {
    test('is built', () => {
      expect(existsSync(join(folder, 'dist', 'index.js')), 'run `npm run build` first').toBe(true)
    })

    test('publint finds nothing', async () => {
      const { messages, pkg } = await publint({ pkgDir: folder, strict: true })
      expect(messages.map((message) => formatMessage(message, pkg))).toEqual([])
    })

    test('its types resolve the way its code does', async () => {
      const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', scratch], { cwd: folder })
      const packed: readonly { readonly filename: string }[] = Object.values(JSON.parse(stdout))
      const tarball = join(scratch, packed[0]?.filename ?? '')
      const attw = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js')
      await expect(
        run(process.execPath, [attw, tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-color']),
      ).resolves.toBeDefined()
    })

    test('is ESM for Node 22.14 and later, with a README, and each entry is a file directly in src', () => {
      expect(manifest.type).toBe('module')
      expect(manifest.engines.node).toBe('>=22.14')
      expect(existsSync(join(folder, 'README.md'))).toBe(true)
      for (const conditions of Object.values(manifest.exports)) {
        expect(conditions['@hallpass/source']).toMatch(/^\.\/src\/[a-z-]+\.ts$/)
      }
    })

    test('has no top-level await, so that require() can load it', () => {
      const files = readdirSync(join(folder, 'dist'), { recursive: true, encoding: 'utf8' })
      const withAwait = files
        .filter((file) => file.endsWith('.js'))
        .filter((file) =>
          /^(?:(?:const|let|export const)\b.*=\s*)?await\b/m.test(
            readFileSync(join(folder, 'dist', file), 'utf8'),
          ),
        )
      expect(withAwait).toEqual([])
    })
  },
)

test('all published packages carry one version', () => {
  expect(new Set(published.map(({ manifest }) => manifest.version)).size).toBe(1)
})
