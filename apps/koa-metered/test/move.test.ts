import { randomBytes } from 'node:crypto'
import { copyFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { createSqliteStore } from '@hallpass/store-sqlite'
import { createStoredToken, type Ended, spawnApp } from '@hallpass/testing'
import { describe, expect, it } from 'vitest'
import { callTokens, issueToken, send } from './api-client.ts'
import { hasRedisServer, useDatabases } from './databases.ts'
import { APP_FOLDER, createDataDir, runDemo, startDemo } from './demo-process.ts'

const QUOTE = '/v1/quotes?to=NO&grams=1500'
const MANY = 4000

const databases = useDatabases()
const servers = hasRedisServer() ? (['postgres', 'redis'] as const) : (['postgres'] as const)

describe.each(servers)('from SQLite to %s and back', (kind) => {
  it('a token, its credits, its refusals and the usage go along', async () => {
    const DATA_DIR = createDataDir()
    const first = await startDemo({ DATA_DIR })
    const kept = await issueToken(first.origin, { subject: 'acme', credits: 8 })
    const gone = await issueToken(first.origin, { subject: 'acme', credits: 8 })
    expect((await send(first.origin, QUOTE, { token: kept.token })).remaining).toBe(7)
    await callTokens(first.origin, `/${gone.id}`, 'DELETE')
    await first.stop()

    const server = await databases[kind]()
    const start = `sqlite:${join(DATA_DIR, 'tokens.sqlite')}`
    const moved = await runMove([start, server]).ended
    expect([moved.code, moved.stderr]).toEqual([0, ''])
    expect(moved.stdout).toContain('done: 1 key, 1 revocation, 2 token, 0 pool, 1 receipt, 1 usage; ')

    // The secret is the master.key that is there.
    const second = await startDemo({ DATA_DIR, DATABASE_URL: server })
    expect((await send(second.origin, QUOTE, { token: kept.token })).remaining).toBe(6)
    expect((await send(second.origin, QUOTE, { token: gone.token })).error).toBe('token_revoked')
    expect((await callTokens(second.origin, '/usage?by=subject')).body).toContain('"calls":2')
    expect((await second.stop()).code).toBe(0)

    const back = createDataDir()
    copyFileSync(join(DATA_DIR, 'master.key'), join(back, 'master.key'))
    const DATABASE_URL = `sqlite:${join(back, 'other name.sqlite')}`
    expect((await runMove([server, DATABASE_URL]).ended).code).toBe(0)
    const third = await startDemo({ DATA_DIR: back, DATABASE_URL })
    expect((await send(third.origin, QUOTE, { token: kept.token })).remaining).toBe(5)
    expect(existsSync(join(back, 'tokens.sqlite'))).toBe(false)
  })

  it('what was killed in the middle is completed by the next run', async () => {
    const path = join(createDataDir(), 'tokens.sqlite')
    await fill(path)
    const server = await databases[kind]()
    const started = runMove([`sqlite:${path}`, server])
    await started.said('copy: ')
    started.kill()
    expect((await started.ended).stdout).not.toContain('done: ')
    const next = await runMove([`sqlite:${path}`, server]).ended
    const done = `done: 0 key, 100 revocation, ${MANY} token, 0 pool, 0 receipt, 0 usage; both hold the same\n`
    expect(next.stdout.slice(-done.length)).toBe(done)
    expect(next.code).toBe(0)
  })
})

describe('a move that cannot be is one line', () => {
  it.each([
    ['no arguments', []],
    ['one', ['sqlite:a']],
    ['three', ['sqlite:a', 'sqlite:b', 'sqlite:c']],
    ['no database', ['mysql://u:hidden@host/x', 'sqlite:b']],
    ['no path', ['sqlite:', 'sqlite:b']],
    ['no host', ['sqlite:a', 'postgres:hidden']],
    ['the same one', ['sqlite:x/../a', 'sqlite:a']],
    ['a file that is not there', ['sqlite:not-there', 'sqlite:b']],
  ])('%s', async (_what, args) => {
    const { code, stdout, stderr } = await runMove(args).ended
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^[^\n]+\.\n$/)
    expect(stderr).not.toContain('hidden')
  })

  it.each(['postgres://user:hidden@127.0.0.1:1/db', 'redis://:hidden@127.0.0.1:1'])(
    'a server that does not answer: %s',
    async (url) => {
      const path = join(createDataDir(), 'tokens.sqlite')
      await (await createSqliteStore(path)).close()
      const { code, stderr } = await runMove([`sqlite:${path}`, url]).ended
      expect(code).toBe(1)
      expect(stderr).toMatch(/^\S+ cannot be used: [^\n]+\.\n$/)
      expect(stderr).not.toContain('hidden')
      const start = { DATA_DIR: createDataDir(), DATABASE_URL: url, HALLPASS_SECRET: createSecret() }
      const app = await runDemo(start)
      expect([app.code, app.stdout]).toEqual([1, ''])
      expect(app.stderr).toMatch(/^\S+ cannot be used: [^\n]+\.\n$/)
      expect(app.stderr).not.toContain('hidden')
    },
  )

  it('a target in a folder that cannot be made', async () => {
    const path = join(createDataDir(), 'tokens.sqlite')
    await (await createSqliteStore(path)).close()
    const { code, stderr } = await runMove([`sqlite:${path}`, `sqlite:${path}/below/it`]).ended
    expect(code).toBe(1)
    expect(stderr).toMatch(/^\S+\/below\/it cannot be used: [^\n]+\.\n$/)
  })

  it('a target that something else is in', async () => {
    const [from, to] = [createDataDir(), createDataDir()].map((folder) => join(folder, 'tokens.sqlite'))
    if (from === undefined || to === undefined) throw new Error('there are two')
    await fill(from)
    const other = await createSqliteStore(to)
    await other.insertKey({ ...KEY, id: 'foreign' })
    await other.close()
    const { code, stderr } = await runMove([`sqlite:${from}`, `sqlite:${to}`]).ended
    expect(code).toBe(1)
    expect(stderr).toMatch(/^the target holds signing keys of another store[^\n]+\n$/)
  })
})

describe('the app on a server', () => {
  it('makes no secret: the next machine would make another one', async () => {
    const DATA_DIR = createDataDir()
    const { code, stderr } = await runDemo({ DATA_DIR, DATABASE_URL: 'postgres://u:hidden@127.0.0.1:1/db' })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^With postgres set HALLPASS_SECRET, or bring [^\n]+\n$/)
    expect(existsSync(join(DATA_DIR, 'master.key'))).toBe(false)
  })

  it('does not start with another secret than the one before', async () => {
    const DATABASE_URL = await databases.postgres()
    const env = { DATA_DIR: createDataDir(), DATABASE_URL }
    const first = await startDemo({ ...env, HALLPASS_SECRET: createSecret() })
    await issueToken(first.origin, { credits: 1 })
    await first.stop()
    const { code, stderr } = await runDemo({ ...env, HALLPASS_SECRET: createSecret() })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^Cannot start on postgres:\/\/[^\n]+\n$/)
    expect(stderr).not.toContain('hallpass:hallpass')
  })
})

const KEY: Parameters<Awaited<ReturnType<typeof createSqliteStore>>['insertKey']>[0] = {
  id: 'key-1',
  project: 'default',
  profile: 'native',
  algorithm: 'EdDSA',
  version: 1,
  createdAt: new Date(0),
  activatesAt: new Date(0),
  sealed: 'a.b.c.d.e',
}

async function fill(path: string): Promise<void> {
  const store = await createSqliteStore(path)
  for (let count = 0; count < MANY; count += 500) {
    const tokens = Array.from({ length: 500 }, () =>
      createStoredToken({ credits: { limit: 9, remaining: 7 } }),
    )
    await store.insert(tokens, {})
    if (count > 0) continue
    await Promise.all(tokens.slice(0, 100).map(({ id }) => store.revoke('default', id, new Date(0))))
  }
  await store.close()
}

function createSecret(): string {
  return randomBytes(32).toString('base64url')
}

interface Moving {
  readonly ended: Promise<Ended>
  /** Waits until this was printed. */
  said(text: string): Promise<void>
  kill(): void
}

function runMove(args: readonly string[]): Moving {
  const start = ['--conditions=@hallpass/source', join(APP_FOLDER, 'move.js'), ...args]
  const { child, ended, stdout } = spawnApp(start, {}, { cwd: createDataDir() })
  const waiting = new Set<() => void>()
  child.stdout.on('data', () => {
    for (const look of waiting) look()
  })
  return {
    ended,
    said(text) {
      const said = new Promise<void>((resolve) => {
        const look = (): void => {
          if (stdout().includes(text)) resolve()
        }
        waiting.add(look)
        look()
      })
      const over = ended.then(({ stderr }) =>
        Promise.reject(new Error(`it ended without "${text}": ${stderr}`)),
      )
      return Promise.race([said, over])
    },
    kill: () => void child.kill('SIGKILL'),
  }
}
