import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createFolder, spawnApp } from '@hallpass/testing'
import { describe, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const SCRIPT = ['--conditions=@hallpass/source', join(ROOT, 'scripts/demo.js')]

/** What every demo does, though each is a folder of its own and shares no code with the others. */
describe.each([
  { name: 'express-files', extension: 'js', closing: 'service' },
  { name: 'five-apis', extension: 'js', closing: 'service' },
  { name: 'koa-metered', extension: 'js', closing: 'close' },
  { name: 'nestjs-projects', extension: 'ts', closing: 'close' },
])('$name', ({ name, extension, closing }) => {
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

  test('what cannot be closed is one line without the words of the driver, and exit code 1', async () => {
    const stop = pathToFileURL(join(ROOT, 'apps', name, `src/stop.${extension}`))
    const file = join(createFolder('demos'), 'stop.mjs')
    writeFileSync(
      file,
      `import { createServer } from 'node:http'
      import { stopOnSignal } from '${stop}'
      const close = () => Promise.reject(new TypeError('postgres://user:hidden@host'))
      const service = { close }
      const server = createServer().listen(0, () => process.kill(process.pid, 'SIGTERM'))
      stopOnSignal(server, ${closing})`,
    )
    const { code, stdout, stderr } = await spawnApp([file], {}).ended
    expect([code, stdout, stderr]).toEqual([1, '', 'the app was not closed in good order: TypeError\n'])
  })
})
