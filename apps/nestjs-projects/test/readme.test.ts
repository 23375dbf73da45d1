import { existsSync, globSync, readFileSync } from 'node:fs'
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
    const [made = '', read = '', exceeded = '', written = '', foreign = '', revoked = '', removed = ''] =
      printed
    expect(printed).toHaveLength(7)
    expect(made.trim()).toBe(
      '{"name":"aurora","title":"Aurora"}{"name":"ada","role":"admin"}{"name":"alan","role":"member"}',
    )
    expect(read.trim()).toBe('Welcome to Aurora.')
    expect(exceeded).toMatch(/"error":"grant_exceeded".*"field":"scope"/)
    expect(written).toContain('{"name":"ferries.txt","project":"aurora","writtenBy":"alan"}')
    expect(written.match(/"name":"(laptop|publisher)"/g)).toEqual([
      ...['"name":"publisher"', '"name":"laptop"'],
      ...['"name":"publisher"', '"name":"laptop"'],
    ])
    expect(foreign.match(/"error":"\w+"/g)).toEqual([
      ...['"error":"not_found"', '"error":"not_found"', '"error":"not_found"', '"error":"path_denied"'],
    ])
    expect(revoked).toContain('"status":"revoked"')
    expect(revoked).toContain('"error":"token_revoked"')
    expect(removed).toMatch(/^\{"revoked":1\}\{"error":"authentication_required".*\{"error":"token_revoked"/)
  })

  it('and .env.example name every variable', () => {
    const settings = readFileSync(join(APP_FOLDER, 'src/settings.ts'), 'utf8')
    const names = [...new Set([...settings.matchAll(/\benv\.([A-Z_]+)/g)].map(([, name]) => name))].sort()
    const example = readFileSync(join(APP_FOLDER, '.env.example'), 'utf8')
    expect(names).toHaveLength(6)
    expect([...README.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name).sort()).toEqual(names)
    expect([...example.matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name).sort()).toEqual(names)
  })

  it('names files that are there', () => {
    const files = [...README.matchAll(/`((?:src\/)?[\w*-]+\.[jt]s)`/g)].map(([, file = '']) => file)
    expect(files.length).toBeGreaterThan(15)
    expect(files.filter((file) => globSync(join(APP_FOLDER, file)).length === 0)).toEqual([])
    expect(existsSync(join(APP_FOLDER, '.env.example'))).toBe(true)
  })
})
