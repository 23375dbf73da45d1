import { once } from 'node:events'
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describeDemo, PASSWORD, runShell } from '@hallpass/testing'
import { describe, expect, it } from 'vitest'
import { createDataDir, DEMO, runDemo, START, startDemo } from './demo-process.ts'
import { callTokens, issueToken, send } from './token-client.ts'

const REPORT = '/files/reports/2026-q1.txt'

describe('the start lines', () => {
  it('work when pasted, with the password that was made', async () => {
    const demo = await startDemo({ DATA_DIR: createDataDir(), ADMIN_PASSWORD: '' })
    const printed = await runShell(`${demo.line('TOKEN=')}\n${demo.line('curl ')}`)
    expect(printed).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n/)
    expect(printed).toContain('Northwind Ferries: report for the first quarter')
  })

  it('SEC-50: work when pasted with a chosen password, which is not printed', async () => {
    const demo = await startDemo({ DATA_DIR: createDataDir() })
    const lines = `${demo.line('TOKEN=')}\n${demo.line('curl ')}`
    expect(await runShell(lines, { ADMIN_PASSWORD: PASSWORD })).toContain('Northwind Ferries')
    expect(demo.output()).not.toContain(PASSWORD)
  })

  it('hold a link that opens its file, and that file alone', async () => {
    const demo = await startDemo({ DATA_DIR: createDataDir() })
    const link = new URL(demo.line('http'))
    const opened = await fetch(link)
    expect(opened.status).toBe(200)
    expect(await opened.text()).toContain('Northwind Ferries')
    expect(opened.headers.get('referrer-policy')).toBe('no-referrer')
    expect(opened.headers.get('cache-control')).toBe('private, no-cache')
    const other = await send(demo.origin, `/files/reports/measurements.csv${link.search}`)
    expect([other.status, other.error]).toEqual([403, 'path_denied'])
  })

  it('come at most 3 s before the first answer', async () => {
    const demo = await startDemo({ DATA_DIR: createDataDir() })
    const before = performance.now()
    expect((await fetch(demo.origin)).status).toBe(200)
    expect(performance.now() - before).toBeLessThan(3000)
  })
})

describe('the data folder', () => {
  it('keeps tokens, their credits and keys over a restart', async () => {
    const env = { DATA_DIR: createDataDir() }
    const first = await startDemo(env)
    const { token, id } = await issueToken(first.origin, { credits: 5 })
    const keys = await (await fetch(`${first.origin}/tokens/jwks.json`)).text()
    expect((await send(first.origin, REPORT, { token })).status).toBe(200)
    await first.stop()

    const second = await startDemo(env)
    expect(await (await fetch(`${second.origin}/tokens/jwks.json`)).text()).toBe(keys)
    expect((await send(second.origin, REPORT, { token })).status).toBe(200)
    expect(await (await callTokens(second.origin, `/${id}`)).json()).toMatchObject({
      status: 'active',
      credits: { limit: 5, remaining: 3 },
    })
    await second.stop()

    const { origin } = await startDemo({ ...env, ISSUER: 'urn:another' })
    expect((await send(origin, REPORT, { token })).error).toBe('issuer_denied')
  })

  it('may be shared by three that start at once on nothing', async () => {
    const DATA_DIR = join(createDataDir(), 'made', 'by', 'them')
    const demos = await Promise.all([1, 2, 3].map(() => startDemo({ DATA_DIR })))
    const [a, b, c] = demos
    if (a === undefined || b === undefined || c === undefined) throw new Error('three were started')
    const { token } = await issueToken(a.origin)
    for (const { origin } of demos) expect((await send(origin, REPORT, { token })).status).toBe(200)
    expect(new Set(demos.map(({ origin }) => origin)).size).toBe(3)
    expect(readdirSync(DATA_DIR).filter((name) => name.startsWith('master.key'))).toEqual(['master.key'])
  })

  it('SEC-51: has a master key that only its owner can read', async () => {
    const DATA_DIR = createDataDir()
    await startDemo({ DATA_DIR })
    const file = join(DATA_DIR, 'master.key')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(file, 'utf8')).toMatch(/^[\w-]{43}\n$/)
  })

  it('SEC-52: with another master secret does not start, and stays as it is', async () => {
    const DATA_DIR = createDataDir()
    await (await startDemo({ DATA_DIR })).stop()
    const key = readFileSync(join(DATA_DIR, 'master.key'), 'utf8')
    const HALLPASS_SECRET = Buffer.alloc(32, 7).toString('base64url')
    const { code, stderr, stdout } = await runDemo({ DATA_DIR, HALLPASS_SECRET })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^Cannot start on .+masterSecret does not open the keys.+\.\n$/)
    expect(stderr + stdout).not.toContain(HALLPASS_SECRET)
    expect(readFileSync(join(DATA_DIR, 'master.key'), 'utf8')).toBe(key)
  })

  it('SEC-53: without its master key does not start, and gets no new one', async () => {
    const DATA_DIR = createDataDir()
    await (await startDemo({ DATA_DIR })).stop()
    rmSync(join(DATA_DIR, 'master.key'))
    const { code, stderr } = await runDemo({ DATA_DIR })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^.+ holds tokens but no master\.key: put the file back.+\n$/)
    expect(readdirSync(DATA_DIR)).not.toContain('master.key')
  })

  it('SEC-54: with a spoilt master key does not start, and does not show it', async () => {
    const DATA_DIR = createDataDir()
    writeFileSync(join(DATA_DIR, 'master.key'), 'half-a-secret\n')
    const { code, stderr } = await runDemo({ DATA_DIR })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^.+master\.key must hold 32 random bytes in base64url.+\n$/)
    expect(stderr).not.toContain('half-a-secret')
  })
})

describeDemo(DEMO, {
  starts: [START],
  wrong: [
    ['PORT', '99999'],
    ['HALLPASS_SECRET', 'too-short-a-secret'],
  ],
})

describe('what keeps it from starting is one line', () => {
  it('a setting that cannot be', async () => {
    const { stderr } = await runDemo({ DATA_DIR: createDataDir(), PORT: '99999' })
    expect(stderr).toBe('PORT must be a number from 0 to 65535; 0 takes any free port.\n')
  })

  it('a range that only the service finds wrong', async () => {
    const { code, stderr } = await runDemo({ DATA_DIR: createDataDir(), TRUSTED_PROXIES: '10.0.0.1/8' })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^Cannot start on .+trustedProxies.+\.\n$/)
  })
})

describe('the end', () => {
  it('waits for a request that has begun, and takes no other', async () => {
    const demo = await startDemo({ DATA_DIR: createDataDir() })
    const body = JSON.stringify({ paths: ['/files/reports/'] })
    const socket = connect(Number(new URL(demo.origin).port), 'localhost')
    socket.write(
      `POST /tokens HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic ${btoa(`admin:${PASSWORD}`)}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`,
    )
    // From `100 Continue` on the server knows of the request.
    await once(socket, 'data')
    const stopped = demo.stop()
    await untilRefused(demo.origin)
    socket.write(body)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 201 /)
    expect((await stopped).code).toBe(0)
  })

  it('loses no count that was pending', async () => {
    const env = { DATA_DIR: createDataDir() }
    const demo = await startDemo(env)
    const { token, id } = await issueToken(demo.origin)
    await send(demo.origin, REPORT, { token })
    await demo.stop()
    const { origin } = await startDemo(env)
    const usage = await (await callTokens(origin, '/usage?by=token')).json()
    expect(usage).toMatchObject({ usage: expect.arrayContaining([{ key: id, calls: 1, credits: 0 }]) })
  })
})

/** The signal and a new connection race; what counts is that connections are refused in the end. */
async function untilRefused(origin: string): Promise<void> {
  for (;;) {
    const refused = await send(origin, '/').then(
      () => false,
      () => true,
    )
    if (refused) return
  }
}
