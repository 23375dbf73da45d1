import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { callTokens, issueToken, send } from './api-client.ts'
import { APP_FOLDER, createDataDir, PASSWORD, runDemo, runShell, startDemo } from './demo-process.ts'

const QUOTE = '/v1/quotes?to=NO&grams=1500'

describe('the start lines', () => {
  it('work when pasted, with the password that was made', async () => {
    const demo = await startDemo({ DATA_DIR: createDataDir(), ADMIN_PASSWORD: '' })
    const printed = await runShell(`${demo.line('TOKEN=')}\n${demo.line('curl ')}`)
    expect(printed).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n/)
    expect(printed).toMatch(/^x-credits-remaining: 19\r$/im)
    expect(printed).toContain('"price":"11.50"')
  })

  it('work when pasted with a chosen password, which is not printed', async () => {
    const demo = await startDemo({ DATA_DIR: createDataDir() })
    const lines = `${demo.line('TOKEN=')}\n${demo.line('curl ')}`
    expect(await runShell(lines, { ADMIN_PASSWORD: PASSWORD })).toContain('"price":"11.50"')
    expect(demo.output()).not.toContain(PASSWORD)
  })
})

describe('the data folder', () => {
  it('keeps tokens, credits and usage over a restart', async () => {
    const env = { DATA_DIR: createDataDir() }
    const first = await startDemo(env)
    const { token, id } = await issueToken(first.origin, { credits: 5 })
    expect((await send(first.origin, QUOTE, { token })).remaining).toBe(4)
    await first.stop()
    const second = await startDemo(env)
    expect((await send(second.origin, QUOTE, { token })).remaining).toBe(3)
    const usage = await callTokens(second.origin, '/usage?by=token')
    expect(JSON.parse(usage.body)).toEqual({ usage: [{ key: id, calls: 2, credits: 2 }] })
  })

  it('may be shared by two that start at once on nothing; a revocation holds in both', async () => {
    const DATA_DIR = createDataDir()
    const demos = await Promise.all([startDemo({ DATA_DIR }), startDemo({ DATA_DIR })])
    const [here, there] = demos
    const { token, id } = await issueToken(here.origin, { credits: 5 })
    for (const { origin } of demos) expect((await send(origin, QUOTE, { token })).status).toBe(200)
    expect((await callTokens(here.origin, `/${id}`, 'DELETE')).status).toBe(200)
    for (const { origin } of demos) expect((await send(origin, QUOTE, { token })).error).toBe('token_revoked')
    expect((await send(there.origin, QUOTE, { token })).status).toBe(401)
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
    const ended = await new Promise((resolve) => {
      const args = ['--require', pretend, join(APP_FOLDER, 'start.js')]
      const child = execFile(process.execPath, args, { env: {} }, (_error, stdout, stderr) =>
        resolve({ code: child.exitCode, stdout, stderr }),
      )
    })
    const stderr = 'koa-metered needs Node 22.14 or newer, and this is Node 20.20.2.\n'
    expect(ended).toEqual({ code: 1, stdout: '', stderr })
  })
})

describe('the end', () => {
  it('comes with exit code 0 on SIGTERM and SIGINT, also while a client keeps its connection', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const demo = await startDemo({ DATA_DIR: createDataDir() })
      // fetch keeps the connection.
      await (await fetch(demo.origin)).text()
      const { code, ms } = await demo.stop(signal)
      expect(code).toBe(0)
      expect(ms).toBeLessThan(10_000)
    }
  })
})

/** Some versions of Node call SQLite or the running of TypeScript experimental. */
function withoutWarnings(stderr: string): string {
  return stderr.replace(/^\(.*\n/gm, '')
}
