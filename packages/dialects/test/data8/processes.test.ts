import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { createSqliteStore } from '@hallpass/store-sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { GET_JWT, IS_VALID, readClaims, toAnswer, toFailed } from './start-data8.ts'

const SCRIPT = fileURLToPath(new URL('processes/serve.ts', import.meta.url))

function start(path: string): ChildProcessByStdio<null, Readable, null> {
  const secret = Buffer.alloc(32, 7).toString('base64url')
  const parameters = ['--conditions=@hallpass/source', '--no-warnings', SCRIPT, path, secret]
  const child = spawn(process.execPath, parameters, { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(async () => {
    if (child.exitCode !== null || !child.kill('SIGKILL')) return
    await once(child, 'close')
  })
  return child
}

async function readAddress(child: ChildProcessByStdio<null, Readable, null>): Promise<string> {
  for await (const line of createInterface(child.stdout)) return line
  throw new Error('the process ended without saying where it listens')
}

test('200 parallel calls in three processes on a 50-credit token of an account with 30 left: exactly 30 succeed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hallpass-data8-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'tokens.db')
  const store = await createSqliteStore(path)
  onTestFinished(() => store.close())
  await store.createPool({ project: 'default', name: 'ada', limit: 30, remaining: 30 })
  const urls = await Promise.all([path, path, path].map((at) => readAddress(start(at))))

  const parameters = { username: 'ada', password: 'x', expiresAt: '2999-01-01', maxCredits: 50 }
  const issued = await toAnswer(
    await fetch(urls[0] + GET_JWT, { method: 'POST', body: JSON.stringify(parameters) }),
  )
  const token = String(issued.body.Jwt)
  const call = async (url: string) => {
    const headers = { authorization: `Bearer ${token}` }
    return toAnswer(await fetch(url + IS_VALID, { method: 'POST', headers, body: '{"email":"a@b.example"}' }))
  }
  const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => call(urls[i % 3] ?? '')))

  const succeeded = answers.filter(({ body }) => body.Status?.Success === true)
  expect(succeeded).toHaveLength(30)
  // Each saw another number of credits left: no two took the same one.
  const left = succeeded.map(({ body }) => Number(body.Status?.CreditsRemaining))
  expect(left.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, i) => i))
  for (const { status, body } of answers) {
    expect(status).toBe(200)
    if (body.Status?.Success !== true) {
      expect(body).toEqual(toFailed('the access token has not enough credits left'))
    }
  }
  // Both or neither: what the account refused was not taken from the token.
  expect((await store.findPool('default', 'ada'))?.remaining).toBe(0)
  const stored = await store.find('default', String(readClaims(token).jti))
  expect(stored?.credits).toEqual({ limit: 50, remaining: 20 })
})
