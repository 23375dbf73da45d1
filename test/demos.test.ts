import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createFolder, spawnApp } from '@hallpass/testing'
import { describe, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const SCRIPT = ['--conditions=@hallpass/source', join(ROOT, 'scripts/demo.js')]

/** What every demo does, though each is a folder of its own and shares no code with the others. */
describe.each(['express-files', 'five-apis', 'koa-metered', 'nestjs-projects'])('%s', (name) => {
  test('started in this repository, it has a data folder of its own', async () => {
    const cwd = createFolder('demos')
    const { child, ended, stdout } = spawnApp([...SCRIPT, name], {}, { cwd })
    await new Promise<void>((resolve) => {
      child.stdout.on('data', () => {
        if (/http:\/\/localhost/.test(stdout())) resolve()
      })
    })
    child.kill('SIGTERM')
    expect((await ended).code).toBe(0)
    expect(existsSync(join(cwd, 'data', name, 'tokens.sqlite'))).toBe(true)
  })

  test.skipIf(!existsSync('/proc'))('a data folder where none can be made is one line', async () => {
    for (const DATA_DIR of ['/proc/hallpass', '/proc/hallpass/below']) {
      const { code, stderr } = await spawnApp([...SCRIPT, name], { DATA_DIR }).ended
      expect(code).toBe(1)
      expect(stderr).toMatch(/^DATA_DIR \/proc\/.+ cannot be used \(E\w+\): .+\n$/)
    }
  })
})
