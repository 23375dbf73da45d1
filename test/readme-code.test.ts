import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '..')
const TSC = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')

const PACKAGES = [
  'core',
  'dialects',
  'express',
  'http',
  'koa',
  'nestjs',
  'store-postgres',
  'store-redis',
  'store-sqlite',
] as const

test('the first example of every README compiles in a strict TypeScript project', async () => {
  // Below the workspace, from where the packages are found.
  mkdirSync(join(ROOT, '.tmp'), { recursive: true })
  const folder = mkdtempSync(join(ROOT, '.tmp/readme-code-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const name of PACKAGES) {
    const readme = join(ROOT, 'packages', name, 'README.md')
    writeFileSync(join(folder, `${name}.mts`), firstExample(readme, '## Use'))
  }
  // The quick start is JavaScript; below it stands what TypeScript needs.
  const quickStart = firstExample(join(ROOT, 'README.md'), '## Quick start')
  writeFileSync(join(folder, 'quick-start.mts'), quickStart.replace(/^(const admin = .*\})$/m, '$1 as const'))
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG))
  const { stdout } = await run(process.execPath, [TSC, '-p', folder]).catch(
    (error: { stdout: string }) => error,
  )
  expect(stdout).toBe('')
})

const TSCONFIG = {
  extends: '../../tsconfig.base.json',
  compilerOptions: {
    noEmit: true,
    experimentalDecorators: true,
    isolatedDeclarations: false,
    declaration: false,
  },
}

function firstExample(path: string, heading: string): string {
  const section = readFileSync(path, 'utf8').split(`\n${heading}\n`)[1] ?? ''
  const code = /^```[jt]s\n([\s\S]*?)^```$/m.exec(section)?.[1]
  if (code === undefined) throw new Error(`${path} has no example`)
  return code
}
