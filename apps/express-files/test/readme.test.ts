import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { APP_FOLDER, createDataDir, PASSWORD, runShell, startDemo } from './demo-process.ts'

const README = readFileSync(join(APP_FOLDER, 'README.md'), 'utf8')

describe('the README', () => {
  it('has lines that work, one after the other in one shell', async () => {
    const demo = await startDemo({ DATA_DIR: createDataDir() })
    const blocks = [...README.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, lines = '']) =>
      lines.replaceAll('http://localhost:3000', demo.origin),
    )
    const script = blocks.join('\necho; echo ----\n')
    const printed = (await runShell(script, { ADMIN_PASSWORD: PASSWORD })).split('----\n')
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
    const settings = readFileSync(join(APP_FOLDER, 'src/settings.js'), 'utf8')
    const names = new Set([...settings.matchAll(/\benv\.([A-Z_]+)/g)].map(([, name = '']) => name))
    const example = readFileSync(join(APP_FOLDER, '.env.example'), 'utf8')
    expect([...README.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name).sort()).toEqual(
      [...names].sort(),
    )
    expect([...example.matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name).sort()).toEqual([...names].sort())
  })
})
