import { execFile } from 'node:child_process'
import { statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { issueToken, send } from './api-client.ts'
import { APP_FOLDER, createDataDir, PASSWORD, runDemo, runShell, START, startDemo } from './demo-process.ts'
import { ALAN, setUpProjects, WELCOME } from './two-projects.ts'

describe('the start lines', () => {
  it('work when pasted, with the password that was made', async () => {
    const demo = await startDemo({ DATA_DIR: createDataDir(), ADMIN_PASSWORD: '' })
    const printed = await runShell(demo.lines())
    expect(printed).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n/m)
    expect(printed).toContain('HTTP/1.1 200 OK')
    expect(printed).toContain('Welcome to Aurora.')
  })

  it('work when pasted with a chosen password, which is not printed', async () => {
    const demo = await startDemo({ DATA_DIR: createDataDir() })
    expect(await runShell(demo.lines(), { ADMIN_PASSWORD: PASSWORD })).toContain('Welcome to Aurora.')
    expect(demo.output()).not.toContain(PASSWORD)
  })
})

describe('the data folder', () => {
  it('keeps projects, users and tokens over a restart, for its owner only', async () => {
    const DATA_DIR = join(createDataDir(), 'data')
    const first = await startDemo({ DATA_DIR })
    const { alan } = await setUpProjects(first.origin)
    await first.stop()
    const second = await startDemo({ DATA_DIR })
    expect((await send(second.origin, WELCOME.aurora, { token: alan.token })).status).toBe(200)
    expect((await send(second.origin, '/tokens', { login: ALAN })).body).toContain(alan.id)
    const files = ['.', 'master.key', 'projects.sqlite', 'tokens.sqlite']
    for (const file of files) expect(statSync(join(DATA_DIR, file)).mode & 0o077, file).toBe(0)
  })

  it('may be shared by three that start at once on nothing; a revocation holds in all', async () => {
    const DATA_DIR = createDataDir()
    const demos = await Promise.all([
      startDemo({ DATA_DIR }),
      startDemo({ DATA_DIR }),
      startDemo({ DATA_DIR }),
    ])
    const [here, there] = demos
    await setUpProjects(here.origin)
    const { token, id } = await issueToken(there.origin, ALAN)
    for (const { origin } of demos) expect((await send(origin, WELCOME.aurora, { token })).status).toBe(200)
    expect((await send(here.origin, `/tokens/${id}`, { login: ALAN, method: 'DELETE' })).status).toBe(200)
    for (const { origin } of demos) {
      expect((await send(origin, WELCOME.aurora, { token })).error).toBe('token_revoked')
    }
  })

  it('is one line when it is no folder', async () => {
    const file = join(createDataDir(), 'file')
    writeFileSync(file, '')
    const { code, stderr } = await runDemo({ DATA_DIR: file })
    expect(code).toBe(1)
    expect(withoutWarnings(stderr)).toMatch(/^DATA_DIR .+ cannot be used \(E\w+\): .+\n$/)
  })
})

describe('what keeps it from starting is one line', () => {
  it('a port that is taken', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, resolve))
    onTestFinished(() => void other.close())
    const address = other.address()
    const PORT = typeof address === 'object' && address !== null ? String(address.port) : ''
    const { code, stderr } = await runDemo({ DATA_DIR: createDataDir(), PORT })
    expect(code).toBe(1)
    expect(withoutWarnings(stderr)).toBe(`PORT ${PORT} is in use: set PORT to another one.\n`)
  })

  it.each([
    ['PORT', '99999'],
    ['TRUSTED_PROXIES', 'all'],
    ['HALLPASS_SECRET', 'too-short-a-secret'],
  ])('%s that cannot be', async (name, value) => {
    const { code, stdout, stderr } = await runDemo({ DATA_DIR: createDataDir(), [name]: value })
    expect([code, stdout]).toEqual([1, ''])
    expect(withoutWarnings(stderr)).toMatch(new RegExp(`^${name} must .+\\n$`))
    expect(stderr).not.toContain('too-short-a-secret')
  })

  it('a Node that is too old, before anything else is imported', async () => {
    const pretend = join(createDataDir(), 'pretend.cjs')
    writeFileSync(pretend, "Object.defineProperty(process.versions, 'node', { value: '20.20.2' })")
    const stderr = 'nestjs-projects needs Node 22.14 or newer, and this is Node 20.20.2.\n'
    for (const start of [[join(APP_FOLDER, 'start.js')], START]) {
      const ended = await new Promise((resolve) => {
        const args = ['--require', pretend, ...start]
        const child = execFile(process.execPath, args, { env: {} }, (_error, stdout, stderr) =>
          resolve({ code: child.exitCode, stdout, stderr }),
        )
      })
      expect(ended).toEqual({ code: 1, stdout: '', stderr })
    }
  })
})

describe('the end', () => {
  it('comes with exit code 0 on SIGTERM and SIGINT, also while a client keeps its connection', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const demo = await startDemo({ DATA_DIR: createDataDir() })
      // fetch keeps the connection.
      await (await fetch(demo.origin)).text()
      const { code, ms } = await demo.stop(signal)
      expect([code, demo.output().includes('Error')]).toEqual([0, false])
      expect(ms).toBeLessThan(10_000)
    }
  })
})

/** Some versions of Node call SQLite or the running of TypeScript experimental. */
function withoutWarnings(stderr: string): string {
  return stderr.replace(/^\(.*\n/gm, '')
}
