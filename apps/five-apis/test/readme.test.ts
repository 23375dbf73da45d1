import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readVariables, runShell, splitPrinted, toScript } from '@hallpass/testing'
import { describe, expect, it } from 'vitest'
import { APP_FOLDER, createDataDir, startApp } from './app-process.ts'

const README = readFileSync(join(APP_FOLDER, 'README.md'), 'utf8')

describe('the README', () => {
  it('has curl lines for every API that work, one after the other in one shell', async () => {
    const { ready, stdout, stderr } = await startApp({ DATA_DIR: createDataDir() })
    const cwd = createDataDir()
    const script = `exec 2>errors.txt\n${toScript(README, ready.url)}`
    const printed = splitPrinted(await runShell(script, { READY: JSON.stringify(ready) }, cwd))
    const [nothing = '?', i3d = '', specter = '', magicbell = '', data8 = '', servicestack = ''] = printed
    expect(readFileSync(join(cwd, 'errors.txt'), 'utf8')).toBe('')
    expect(printed).toHaveLength(6)
    expect(nothing.trim()).toBe('')

    expect(i3d).toContain('"valid":true')
    expect(i3d).toContain('"file":"cdn.example.com/videos/a.mp4"')
    expect(i3d).toMatch(/200\n403\n/)
    expect(readFileSync(join(cwd, 'a.mp4'))).toEqual(readFileSync(join(APP_FOLDER, 'files/videos/a.mp4')))
    expect(JSON.parse(readFileSync(join(cwd, 'refused.json'), 'utf8'))).toEqual({
      code: expect.any(Number),
      message: expect.any(String),
    })

    expect(specter).toContain('"message":"Tokens exists"')
    expect(specter).toContain('"jwt_token_description":"from the README","jwt_token_life":21600')
    expect(specter).toContain('"username":"admin"')
    expect(specter).toContain('"message":"Token deleted"')
    expect(specter).toContain('"message":"the access token has been revoked"')

    expect(magicbell).toContain('"email":"ada@example.com"')
    expect(magicbell).toMatch(/"tokens":\[{"id":"[^"]+"/)
    expect(magicbell).toMatch(/"token_id":"[^"]+","discarded_at":"/)
    expect(magicbell).toContain('"name":"five-apis"')

    const calls = data8.trim().split(/(?<=})(?={)/)
    expect(calls.map((call) => (JSON.parse(call) as { Status: object }).Status)).toEqual([
      { Success: true, ErrorMessage: expect.anything(), CreditsRemaining: 1 },
      { Success: true, ErrorMessage: expect.anything(), CreditsRemaining: 0 },
      { Success: false, ErrorMessage: expect.stringMatching(/credits/), CreditsRemaining: 0 },
    ])

    expect(servicestack).toContain('"result":"Hello, Ada!"')
    expect(servicestack).toContain('"errorCode"')
    expect(servicestack).toContain('Token,ResponseStatus')
    // The ready line is all that was ever printed.
    expect(stdout()).toBe(`${JSON.stringify(ready)}\n`)
    expect(stderr()).toBe('')
  })

  it('and .env.example name every variable', () => {
    const { read, explained, shown } = readVariables(APP_FOLDER, 'src/settings.js')
    expect(read.length).toBeGreaterThan(5)
    expect(explained).toEqual(read)
    expect(shown).toEqual(read)
  })
})
