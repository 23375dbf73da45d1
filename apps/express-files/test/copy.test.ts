import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { APP_FOLDER, createDataDir } from './demo-process.ts'

describe('a copy of the folder', () => {
  it('needs no test/, and reads the .env beside start.js; the environment wins', async () => {
    const folder = copyApp()
    writeFileSync(join(folder, '.env'), 'PORT=99999\nISSUER=from-the-file\n')
    const DATA_DIR = createDataDir()
    expect(await run(folder, { DATA_DIR })).toMatch(/^PORT must be a number from 0 to 65535/m)
    // Everything is read before the proxies are found wrong, so PORT came from the environment.
    expect(await run(folder, { DATA_DIR, PORT: '0', TRUSTED_PROXIES: '10.0.0.1/8' })).toMatch(
      /trustedProxies/,
    )
  })
})

/** Below the workspace, from where the packages are found as they would be in `node_modules`. */
function copyApp(): string {
  const workspace = join(APP_FOLDER, '../../.tmp')
  mkdirSync(workspace, { recursive: true })
  const folder = mkdtempSync(join(workspace, 'express-files-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const left = new Set(['test', 'data', 'node_modules', '.env'])
  cpSync(APP_FOLDER, folder, { recursive: true, filter: (source) => !left.has(basename(source)) })
  return folder
}

function run(cwd: string, env: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--conditions=@hallpass/source', 'start.js'],
      { cwd, env },
      (_error, _stdout, stderr) => resolve(stderr),
    )
  })
}
