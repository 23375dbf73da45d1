import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PASSWORD, readVariables, runShell, splitPrinted, toScript } from '@hallpass/testing'
import { describe, expect, it } from 'vitest'
import { APP_FOLDER, createDataDir, startDemo } from './demo-process.ts'

const README = readFileSync(join(APP_FOLDER, 'README.md'), 'utf8')

describe('the README', () => {
  it('has lines that work, one after the other in one shell', async () => {
    const demo = await startDemo({ DATA_DIR: createDataDir() })
    const script = toScript(README, demo.origin)
    const printed = splitPrinted(await runShell(script, { ADMIN_PASSWORD: PASSWORD }))
    const [issued = '?', downloaded = '', refused = '', linked = '', listed = '', revoked = ''] = printed
    expect(printed).toHaveLength(6)
    expect(issued.trim()).toBe('')
    expect(downloaded).toContain('Northwind Ferries')
    expect(downloaded).toContain('date,line,departure')
    expect(refused).toContain('"error":"path_denied"')
    const { url = '' } = JSON.parse(linked) as { url?: string }
    expect((await fetch(demo.origin + url)).status).toBe(200)
    const { tokens } = JSON.parse(listed) as { tokens: readonly { credits: unknown }[] }
    expect(tokens.map(({ credits }) => credits)).toContainEqual({ limit: 5, remaining: 3 })
    expect(revoked).toContain('"remaining":8')
    expect(revoked).toContain('"status":"revoked"')
    expect(revoked).toContain('"error":"token_revoked"')
  })

  it('and .env.example name every variable', () => {
    const { read, explained, shown } = readVariables(APP_FOLDER, 'src/settings.js')
    expect(read.length).toBeGreaterThan(5)
    expect(explained).toEqual(read)
    expect(shown).toEqual(read)
  })
})
