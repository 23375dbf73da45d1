import { statSync } from 'node:fs'
import { join } from 'node:path'
import { describeDemo, PASSWORD, runShell } from '@hallpass/testing'
import { describe, expect, it } from 'vitest'
import { issueToken, send } from './api-client.ts'
import { APP_FOLDER, createDataDir, DEMO, readStartLines, START, startDemo } from './demo-process.ts'
import { ALAN, setUpProjects, WELCOME } from './two-projects.ts'

describe('the start lines', () => {
  it('work when pasted, with the password that was made', async () => {
    const demo = await startDemo({ DATA_DIR: createDataDir(), ADMIN_PASSWORD: '' })
    const printed = await runShell(readStartLines(demo))
    expect(printed).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n/m)
    expect(printed).toContain('HTTP/1.1 200 OK')
    expect(printed).toContain('Welcome to Aurora.')
  })

  it('work when pasted with a chosen password, which is not printed', async () => {
    const demo = await startDemo({ DATA_DIR: createDataDir() })
    expect(await runShell(readStartLines(demo), { ADMIN_PASSWORD: PASSWORD })).toContain('Welcome to Aurora.')
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
})

describeDemo(DEMO, {
  starts: [[join(APP_FOLDER, 'start.js')], START],
  wrong: [
    ['PORT', '99999'],
    ['TRUSTED_PROXIES', 'all'],
    ['HALLPASS_SECRET', 'too-short-a-secret'],
  ],
})
