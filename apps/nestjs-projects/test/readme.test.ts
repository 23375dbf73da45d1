import { existsSync, globSync, readFileSync } from 'node:fs'
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
    const { read, explained, shown } = readVariables(APP_FOLDER, 'src/settings.ts')
    expect(read).toHaveLength(6)
    expect(explained).toEqual(read)
    expect(shown).toEqual(read)
  })

  it('names files that are there', () => {
    const files = [...README.matchAll(/`((?:src\/)?[\w*-]+\.[jt]s)`/g)].map(([, file = '']) => file)
    expect(files.length).toBeGreaterThan(15)
    expect(files.filter((file) => globSync(join(APP_FOLDER, file)).length === 0)).toEqual([])
    expect(existsSync(join(APP_FOLDER, '.env.example'))).toBe(true)
  })
})
