import { once } from 'node:events'
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createDataDir, runApp, startApp } from './app-process.ts'
import { createPlaces, issueTokens, KINDS } from './tokens.ts'

const SECRETS = {
  I3D_CLIENT_ID: 'our-client',
  I3D_CLIENT_SECRET: 'secret-1-of-our-own',
  I3D_SERVICE_ID: '77',
  I3D_VHOST: 'files.example.com',
  SPECTER_USERNAME: 'satoshi',
  SPECTER_PASSWORD: 'secret-2-of-our-own',
  DATA8_USERNAME: 'account',
  DATA8_PASSWORD: 'secret-3-of-our-own',
  SERVICESTACK_USERNAME: 'root',
  SERVICESTACK_PASSWORD: 'secret-4-of-our-own',
}

describe('the ready line', () => {
  it('has the documented members, and is all that is ever printed on stdout', async () => {
    const { ready, stdout, stop } = await startApp({ DATA_DIR: createDataDir() })
    const login = { username: expect.any(String), password: expect.stringMatching(/^[\w-]{24}$/) }
    expect(ready).toEqual({
      ready: true,
      url: expect.stringMatching(/^http:\/\/localhost:\d+$/),
      credentials: {
        i3d: {
          clientId: expect.any(String),
          clientSecret: expect.stringMatching(/^[\w-]{24}$/),
          serviceId: expect.any(String),
          vhost: expect.any(String),
        },
        specter: login,
        magicbell: { token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/) },
        data8: login,
        servicestack: login,
      },
    })
    await issueTokens(ready)
    await fetch(`${ready.url}/nothing`)
    const { code } = await stop()
    expect(code).toBe(0)
    expect(stdout()).toBe(`${JSON.stringify(ready)}\n`)
  })

  it('has the credentials of the environment, which are not written down', async () => {
    const DATA_DIR = createDataDir()
    const { ready } = await startApp({ DATA_DIR, ...SECRETS })
    expect(ready.credentials).toMatchObject({
      i3d: {
        clientId: 'our-client',
        clientSecret: 'secret-1-of-our-own',
        serviceId: '77',
        vhost: 'files.example.com',
      },
      specter: { username: 'satoshi', password: 'secret-2-of-our-own' },
      data8: { username: 'account', password: 'secret-3-of-our-own' },
      servicestack: { username: 'root', password: 'secret-4-of-our-own' },
    })
    const tokens = await issueTokens(ready)
    for (const { opensFor, isOpen } of createPlaces(ready)) {
      if (opensFor !== null) expect(await isOpen(tokens[opensFor])).toBe(true)
    }
    for (const name of readdirSync(DATA_DIR)) {
      expect(readFileSync(join(DATA_DIR, name), 'latin1')).not.toContain('of-our-own')
    }
  })
})

describe('a restart', () => {
  it('keeps the credentials, every token, and what was spent', async () => {
    const env = { DATA_DIR: createDataDir() }
    const first = await startApp(env)
    const tokens = await issueTokens(first.ready)
    await first.stop()
    const second = await startApp(env)
    expect(second.ready.credentials).toEqual(first.ready.credentials)
    for (const place of createPlaces(second.ready)) {
      for (const kind of KINDS) {
        expect([place.name, kind, await place.isOpen(tokens[kind])]).toEqual([
          place.name,
          kind,
          place.opensFor === kind,
        ])
      }
    }
    const left = async (url: string): Promise<number> => {
      const answer = await fetch(`${url}/data8/EmailValidation/IsValid.json`, {
        method: 'POST',
        headers: { authorization: `Bearer ${tokens.data8}` },
        body: '{"email":"a@example.com"}',
      })
      const { Status } = (await answer.json()) as { Status: { CreditsRemaining: number } }
      return Status.CreditsRemaining
    }
    const before = await left(second.ready.url)
    await second.stop()
    const third = await startApp(env)
    expect(await left(third.ready.url)).toBe(before - 1)
  })

  it("has another first token of MagicBell's once that was discarded, and keeps the other", async () => {
    const env = { DATA_DIR: createDataDir() }
    const first = await startApp(env)
    const { token } = first.ready.credentials.magicbell
    const [, payload = ''] = token.split('.')
    const { jti } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { jti: string }
    const discarded = await fetch(`${first.ready.url}/magicbell/v2/jwt/project/${jti}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${token}` },
    })
    expect(discarded.status).toBe(200)
    await first.stop()
    const second = await startApp(env)
    const { token: next } = second.ready.credentials.magicbell
    expect(next).not.toBe(token)
    await second.stop()
    expect((await startApp(env)).ready.credentials.magicbell.token).toBe(next)
  })
})

describe('the data folder', () => {
  it('has files that only their owner can read', async () => {
    const DATA_DIR = createDataDir()
    await startApp({ DATA_DIR })
    for (const name of ['credentials.json', 'master.key', 'tokens.sqlite']) {
      expect([name, statSync(join(DATA_DIR, name)).mode & 0o777]).toEqual([name, 0o600])
    }
  })

  it('never holds the text of a token', async () => {
    const DATA_DIR = createDataDir()
    const { ready, stop } = await startApp({ DATA_DIR })
    const tokens = await issueTokens(ready)
    await stop()
    for (const name of readdirSync(DATA_DIR)) {
      const bytes = readFileSync(join(DATA_DIR, name), 'latin1')
      for (const kind of KINDS) expect(bytes).not.toContain(tokens[kind].split('.')[2])
    }
  })

  it('may be shared by three that start at once on nothing', async () => {
    const DATA_DIR = join(createDataDir(), 'made', 'by', 'them')
    const [a, b, c] = await Promise.all([1, 2, 3].map(() => startApp({ DATA_DIR })))
    if (a === undefined || b === undefined || c === undefined) throw new Error('three were started')
    expect(b.ready.credentials).toEqual(a.ready.credentials)
    expect(c.ready.credentials).toEqual(a.ready.credentials)
    const tokens = await issueTokens(a.ready)
    for (const { opensFor, isOpen } of createPlaces(c.ready)) {
      if (opensFor !== null) expect(await isOpen(tokens[opensFor])).toBe(true)
    }
    expect(readdirSync(DATA_DIR).filter((name) => name.endsWith('.draft'))).toEqual([])
  })

  it('with spoilt credentials does not start, and does not show them', async () => {
    for (const text of ['half-a-secret', '{}', '{"SPECTER_PASSWORD":"half-a-secret"}', 'null']) {
      const DATA_DIR = createDataDir()
      writeFileSync(join(DATA_DIR, 'credentials.json'), text)
      const { code, stdout, stderr } = await runApp({ DATA_DIR })
      expect([code, stdout]).toEqual([1, ''])
      expect(stderr).toMatch(/^.+credentials\.json must hold I3D_CLIENT_SECRET, .+\n$/)
      expect(stderr).not.toContain('half-a-secret')
    }
  })

  it('without its master key does not start, and gets no new one', async () => {
    const DATA_DIR = createDataDir()
    await (await startApp({ DATA_DIR })).stop()
    rmSync(join(DATA_DIR, 'master.key'))
    const { code, stderr } = await runApp({ DATA_DIR })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^.+ holds tokens but no master\.key: put the file back.+\n$/)
    expect(readdirSync(DATA_DIR)).not.toContain('master.key')
  })
})

describe('what keeps it from starting is one line', () => {
  it.each([
    ['PORT', '99999'],
    ['TRUSTED_PROXIES', 'all'],
    ['HALLPASS_SECRET', 'too-short'],
    ['I3D_CLIENT_ID', 'with:colon'],
    ['I3D_SERVICE_ID', '../etc'],
    ['I3D_VHOST', 'UPPER.example.com'],
    ['SPECTER_USERNAME', 'two words'],
    ['DATA8_PASSWORD', 'with\ttab'],
    ['SERVICESTACK_PASSWORD', 'x'.repeat(129)],
  ])('a %s that cannot be', async (name, value) => {
    const { code, stdout, stderr } = await runApp({ DATA_DIR: createDataDir(), [name]: value })
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(new RegExp(`^${name} must .+\\n$`))
    expect(stderr).not.toContain(value)
  })

  it('a port that is taken', async () => {
    const other = createServer().listen(0)
    onTestFinished(() => void other.close())
    await once(other, 'listening')
    const address = other.address()
    const PORT = typeof address === 'object' && address !== null ? String(address.port) : ''
    const { code, stdout, stderr } = await runApp({ DATA_DIR: createDataDir(), PORT })
    expect([code, stdout, stderr]).toEqual([1, '', `PORT ${PORT} is in use: set PORT to another one.\n`])
  })
})

it('an answer to nobody repeats neither path nor token', async () => {
  const { ready, stderr } = await startApp({ DATA_DIR: createDataDir() })
  const { token } = ready.credentials.magicbell
  for (const path of ['', '/i3d', '/specter', '/magicbell', '/data8', '/servicestack']) {
    const answer = await fetch(`${ready.url}${path}/${token}?token=${token}`)
    expect([path, answer.status]).toEqual([path, 404])
    expect(await answer.text()).not.toContain(token)
  }
  expect(stderr()).toBe('')
})
