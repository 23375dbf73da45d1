import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { findFreePort, PASSWORD, runShell } from '@hallpass/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { APP_FOLDER } from './demo-process.ts'
import { callTokens, send } from './token-client.ts'

const ROOT = join(APP_FOLDER, '../..')
const README = readFileSync(join(ROOT, 'README.md'), 'utf8')

describe('the front page', () => {
  it('has a quick start of 15 lines that works', async () => {
    const code = firstBlock('js')
    expect(code.trimEnd().split('\n')).toHaveLength(15)
    const port = await findFreePort()
    const origin = `http://localhost:${port}`
    const folder = startQuickStart(code, port)
    mkdirSync(join(folder, 'files/reports'), { recursive: true })
    writeFileSync(join(folder, 'files/reports/hello.txt'), 'hello')
    await untilAnswers(origin)

    const line = firstBlock('sh').replaceAll('http://localhost:3000', origin)
    const issued = JSON.parse(await runShell(line, { ADMIN_PASSWORD: PASSWORD })) as {
      token: string
      id: string
    }
    expect((await send(origin, '/files/reports/hello.txt', issued)).body).toBe('hello')
    expect((await callTokens(origin, '')).status).toBe(200)
    expect((await callTokens(origin, `/${issued.id}`, 'DELETE')).status).toBe(200)
    expect((await send(origin, '/files/reports/hello.txt', issued)).error).toBe('token_revoked')
  })

  it.each(['README.md', 'CONTRIBUTING.md', 'SECURITY.md'])('%s links to what is there', (page) => {
    const text = readFileSync(join(ROOT, page), 'utf8')
    const targets = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target = '']) => target)
    expect(targets.filter((target) => !existsSync(join(dirname(join(ROOT, page)), target)))).toEqual([])
  })

  it('and CONTRIBUTING name commands that package.json has', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object }
    const pages = README + readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8')
    const named = [...pages.matchAll(/npm (?:run )?(demo|test|format)\b/g)].map(([, name]) => name)
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named))
    expect(named).toEqual(expect.arrayContaining(['demo', 'test']))
  })
})

function firstBlock(language: string): string {
  const code = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(README)?.[1]
  if (code === undefined) throw new Error(`the README has no ${language} block`)
  return code
}

/** Runs the code in an empty folder from where the workspace's packages are found. @returns the folder */
function startQuickStart(code: string, port: number): string {
  mkdirSync(join(ROOT, '.tmp'), { recursive: true })
  const folder = mkdtempSync(join(ROOT, '.tmp/quick-start-'))
  writeFileSync(join(folder, 'app.mjs'), code)
  const child = spawn(process.execPath, ['--conditions=@hallpass/source', 'app.mjs'], {
    cwd: folder,
    env: {
      PORT: String(port),
      ADMIN_PASSWORD: PASSWORD,
      HALLPASS_SECRET: Buffer.alloc(32, 3).toString('base64url'),
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = new Promise((resolve) => child.once('close', resolve))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

/** The quick start prints nothing, so there is nothing to wait for but an answer. */
async function untilAnswers(origin: string): Promise<void> {
  for (;;) {
    const answer = await fetch(origin).catch(() => null)
    if (answer !== null) return
    await wait(50)
  }
}
