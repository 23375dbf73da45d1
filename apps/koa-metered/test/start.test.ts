import { join } from 'node:path'
import { describeDemo, PASSWORD, runShell } from '@hallpass/testing'
import { describe, expect, it } from 'vitest'
import { callTokens, issueToken, send } from './api-client.ts'
import { APP_FOLDER, createDataDir, DEMO, startDemo } from './demo-process.ts'

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
})

describeDemo(DEMO, {
  starts: [[join(APP_FOLDER, 'start.js')]],
  wrong: [
    ['PORT', '99999'],
    ['TRUSTED_PROXIES', 'all'],
    ['HALLPASS_SECRET', 'too-short-a-secret'],
  ],
})
