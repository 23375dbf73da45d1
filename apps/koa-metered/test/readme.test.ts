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
    const [
      issued = '?',
      quoted = '',
      summed = '',
      failed = '',
      refused = '',
      topped = '',
      used = '',
      revoked = '',
    ] = printed
    expect(printed).toHaveLength(8)
    expect(issued.trim()).toBe('')
    expect(quoted).toMatch(/^x-credits-remaining: 7\r$/im)
    expect(quoted).toContain('"currency":"EUR"')
    expect(summed).toMatch(/^x-credits-remaining: 2\r$/im)
    expect(summed).toContain('"summary":')
    expect(failed).toMatch(/^x-credits-remaining: 2\r$/im)
    expect(failed).toContain('"error":"no_such_destination"')
    expect(refused).toMatch(/^HTTP\/1\.1 402 /)
    expect(refused).toContain('"details":{"remaining":2,"cost":5}')
    expect(topped).toContain('"credits":{"limit":108,"remaining":102}')
    expect(used).toContain('"key":"acme"')
    expect(revoked).toContain('"status":"revoked"')
    expect(revoked).toContain('"error":"token_revoked"')
  })

  it('and .env.example name every variable', () => {
    const { read, explained, shown } = readVariables(APP_FOLDER, 'src/settings.js')
    expect(read.length).toBeGreaterThan(5)
    expect(explained).toEqual(read)
    expect(shown).toEqual(read)
  })

  it('and the price list say the same of every route', async () => {
    const { ROUTES } = await import('../src/routes.js')
    const rows = [...README.matchAll(/^\| `(GET|POST) (\/v1\/\S+)` \| (\d+) \|/gm)].map(
      ([, ...cells]) => cells,
    )
    expect(rows).toEqual(ROUTES.map(({ method, path, cost }) => [method, path, String(cost)]))
  })
})
