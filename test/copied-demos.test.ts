import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { copyProject, install } from './packed/install.ts'
import { createOutsideFolder, type Running, runOutside, startOutside } from './packed/outside.ts'
import { packPackages, ROOT } from './packed/tarballs.ts'

const PASSWORD = 'correct horse battery'
const INSTALL_MS = 180_000

/** What the README's lines must print, in this order. */
const DEMOS: Readonly<Record<string, readonly RegExp[]>> = {
  'express-files': [
    /Range|report|quarter/i,
    /"error":"path_denied"/,
    /"url":"\/files\/reports\/2026-q1\.txt\?token=/,
    /"tokens":\[/,
    /"status":"revoked"/,
    /"error":"token_revoked"/,
  ],
  'koa-metered': [
    /^x-credits-remaining: 7\r$/im,
    /^x-credits-remaining: 2\r$/im,
    /"error":"no_such_destination"/,
    /"error":"credits_exhausted"/,
    /"remaining":102/,
    /"usage":\[/,
    /"error":"token_revoked"/,
  ],
  'nestjs-projects': [
    /"role":"admin"/,
    /Welcome to Aurora\./,
    /"error":"grant_exceeded"/,
    /"writtenBy":"alan"/,
    /"error":"not_found".*"error":"path_denied"/s,
    /"error":"token_revoked"/,
    /\{"revoked":1\}/,
  ],
}

const outside = createOutsideFolder()
afterAll(() => outside.remove())

beforeAll(async () => {
  const tarballs = await packPackages(outside.path)
  await Promise.all(
    Object.keys(DEMOS).map((name) => {
      const folder = join(outside.path, name)
      copyProject(join(ROOT, 'apps', name), folder, tarballs)
      return install(folder)
    }),
  )
}, INSTALL_MS)

describe.each(Object.entries(DEMOS))('a copy of %s', (name, expected) => {
  const folder = join(outside.path, name)

  test('starts with its own command, and the README’s lines work', async () => {
    const demo = await start(folder)
    try {
      const printed = await runOutside('sh', ['-c', readLines(folder, demo.origin)], {
        cwd: folder,
        env: { ADMIN_PASSWORD: PASSWORD },
      })
      let rest = printed
      for (const each of expected) {
        const found = each.exec(rest)
        expect(found, `${each} is not in the rest of what was printed: ${rest}`).not.toBeNull()
        rest = rest.slice((found?.index ?? 0) + (found?.[0].length ?? 0))
      }
    } finally {
      await demo.stop()
    }
    // SQLite takes its log away when the last connection is closed in good order.
    const files = readdirSync(join(folder, 'data'))
    expect(files).toContain('tokens.sqlite')
    expect(files.filter((file) => file.endsWith('-wal'))).toEqual([])
  })

  test('starts three times at once, the first time on nothing', async () => {
    for (const made of ['data', 'dist']) rmSync(join(folder, made), { recursive: true, force: true })
    const started = await Promise.allSettled([start(folder), start(folder), start(folder)])
    const running = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
    try {
      expect(started.filter(({ status }) => status === 'rejected')).toEqual([])
      for (const { origin } of running) expect((await fetch(`${origin}/tokens/jwks.json`)).status).toBe(200)
    } finally {
      await Promise.all(running.map((each) => each.stop()))
    }
  })

  test('needs nothing of the workspace', () => {
    expect(existsSync(join(folder, 'test'))).toBe(false)
    expect(readFileSync(join(folder, 'package.json'), 'utf8')).not.toContain(ROOT)
  })
})

function start(folder: string): Promise<Running> {
  return startOutside('npm', ['start'], {
    cwd: folder,
    env: { PORT: '0', ADMIN_PASSWORD: PASSWORD },
    until: /ready: http[\s\S]*\ncurl .+\n[\s\S]*\n$/,
  })
}

/** All shell lines of the README, in one shell. */
function readLines(folder: string, origin: string): string {
  const readme = readFileSync(join(folder, 'README.md'), 'utf8')
  const blocks = [...readme.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, lines = '']) => lines)
  return blocks.join('\n').replaceAll('http://localhost:3000', origin)
}
