import { randomUUID } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { APP_FOLDER, createDataDir, shareDemo, startDemo } from './demo-process.ts'
import { callTokens, issueToken, readRemaining, send } from './token-client.ts'

const REPORT = '/files/reports/2026-q1.txt'
const CSV = '/files/reports/measurements.csv'
const PRIVATE = '/files/private/payroll-2026.txt'
const SECRET_WORDS = 'payroll 2026'

const demo = shareDemo({ TRUSTED_PROXIES: '127.0.0.1, ::1' })

describe('files', () => {
  it('are served whole and in part, byte for byte', async () => {
    const { origin } = demo
    const { token } = await issueToken(origin)
    const file = readFileSync(join(APP_FOLDER, CSV), 'utf8')
    expect((await send(origin, CSV, { token })).body).toBe(file)
    const part = await send(origin, CSV, { token, headers: { range: 'bytes=100-299' } })
    expect([part.status, part.body]).toEqual([206, file.slice(100, 300)])
    expect(part.headers['content-range']).toBe(`bytes 100-299/${file.length}`)
    const beyond = await send(origin, CSV, { token, headers: { range: 'bytes=99999999-' } })
    expect([beyond.status, beyond.error]).toEqual([416, 'range_not_satisfiable'])
    expect(beyond.headers['content-range']).toBe(`bytes */${file.length}`)
  })

  it('SEC-55: are kept from shared caches, and run no scripts', async () => {
    const { origin } = demo
    const { token } = await issueToken(origin)
    for (const answer of [
      await send(origin, REPORT, { token }),
      await send(origin, `${REPORT}?token=${token}`),
    ]) {
      expect(answer.status).toBe(200)
      expect(answer.headers['cache-control']).toBe('private, no-cache')
      expect(answer.headers['content-security-policy']).toContain("script-src 'none'")
      expect(answer.headers['x-content-type-options']).toBe('nosniff')
      expect(answer.headers['x-powered-by']).toBeUndefined()
    }
  })

  it('SEC-56: whose name begins with a dot are not served', async () => {
    const { origin } = demo
    const { token } = await issueToken(origin)
    const name = `.${randomUUID()}`
    const file = join(APP_FOLDER, 'files/reports', name)
    writeFileSync(file, SECRET_WORDS)
    onTestFinished(() => rmSync(file))
    const answer = await send(origin, `/files/reports/${name}`, { token })
    expect([answer.status, answer.error]).toEqual([404, 'not_found'])
  })

  it('are refused without a token, with another kind of token, and with none for paths', async () => {
    const { origin } = demo
    const unbound = await issueToken(origin, { paths: null })
    expect(await errorOf(send(origin, REPORT))).toEqual([401, 'token_missing'])
    expect(await errorOf(send(origin, REPORT, { token: 'a.b.c' }))).toEqual([401, 'token_malformed'])
    expect(await errorOf(send(origin, REPORT, { token: unbound.token }))).toEqual([403, 'path_denied'])
    const { token } = await issueToken(origin)
    expect(await errorOf(send(origin, `${REPORT}?token=${token}`, { token }))).toEqual([
      400,
      'request_ambiguous',
    ])
  })

  it('are only read', async () => {
    const { origin } = demo
    const { token, id } = await issueToken(origin, { credits: 5 })
    const answer = await send(origin, REPORT, { token, method: 'DELETE' })
    expect([answer.status, answer.error, answer.headers.allow]).toEqual([
      405,
      'method_not_allowed',
      'GET, HEAD',
    ])
    expect(await readRemaining(origin, id)).toBe(5)
  })

  it('follow the limits of the token', async () => {
    const { origin } = demo
    const notBefore = new Date(Date.now() + 60_000).toISOString()
    const cases = [
      { limits: { notBefore }, expected: [401, 'token_not_yet_valid'] },
      { limits: { httpMethods: ['POST'] }, expected: [403, 'method_denied'] },
      { limits: { ip: ['203.0.113.7'] }, expected: [403, 'ip_denied'] },
      { limits: { paths: ['/files/private/'] }, expected: [403, 'path_denied'] },
    ]
    for (const { limits, expected } of cases) {
      const { token } = await issueToken(origin, limits)
      expect(await errorOf(send(origin, REPORT, { token }))).toEqual(expected)
    }
    const { token } = await issueToken(origin, { ip: ['203.0.113.7'] })
    const headers = { 'x-forwarded-for': '203.0.113.7' }
    expect((await send(origin, REPORT, { token, headers })).status).toBe(200)
  })

  it('are refused on the very next request after a revocation in another process', async () => {
    const here = demo
    const there = await startDemo({ DATA_DIR: demo.dataDir })
    const { token, id } = await issueToken(here.origin)
    expect((await send(there.origin, REPORT, { token })).status).toBe(200)
    expect((await callTokens(here.origin, `/${id}`, 'DELETE')).status).toBe(200)
    expect(await errorOf(send(there.origin, REPORT, { token }))).toEqual([401, 'token_revoked'])
    expect(await errorOf(send(here.origin, REPORT, { token }))).toEqual([401, 'token_revoked'])
  })
})

describe('credits', () => {
  it('CRD-50: five credits are five downloads, then 402', async () => {
    const { origin } = demo
    const { token, id } = await issueToken(origin, { credits: 5 })
    for (let i = 0; i < 5; i++) expect((await send(origin, REPORT, { token })).status).toBe(200)
    expect(await errorOf(send(origin, REPORT, { token }))).toEqual([402, 'credits_exhausted'])
    expect(await readRemaining(origin, id)).toBe(0)
  })

  it('CRD-51: forty requests at once in two processes on five credits are five downloads', async () => {
    const demos = [demo, await startDemo({ DATA_DIR: demo.dataDir })]
    const { token } = await issueToken(demo.origin, { credits: 5 })
    const answers = await Promise.all(
      demos.flatMap(({ origin }) => Array.from({ length: 20 }, () => send(origin, REPORT, { token }))),
    )
    const count = (status: number): number => answers.filter((answer) => answer.status === status).length
    expect([count(200), count(402)]).toEqual([5, 35])
  })

  it('CRD-52: refused requests, HEAD, files and parts that are not there cost nothing; a part costs one', async () => {
    const { origin } = demo
    const { token, id } = await issueToken(origin, { credits: 5 })
    await send(origin, PRIVATE, { token })
    await send(origin, '/files/reports/..%2fprivate/payroll-2026.txt', { token })
    await send(origin, `${REPORT}?token=${token}`, { token })
    expect((await send(origin, REPORT, { token, method: 'HEAD' })).status).toBe(200)
    expect(await errorOf(send(origin, '/files/reports/none.txt', { token }))).toEqual([404, 'not_found'])
    const beyond = await send(origin, CSV, { token, headers: { range: 'bytes=99999999-' } })
    expect([beyond.status, beyond.error]).toEqual([416, 'range_not_satisfiable'])
    expect(await readRemaining(origin, id)).toBe(5)
    expect((await send(origin, CSV, { token, headers: { range: 'bytes=0-9' } })).status).toBe(206)
    expect(await readRemaining(origin, id)).toBe(4)
  })
})

describe('a target that leads elsewhere', () => {
  it.each([
    { id: 'PTH-80', target: '/files/reports/../private/payroll-2026.txt' },
    { id: 'PTH-81', target: '/files/reports/..%2fprivate/payroll-2026.txt' },
    { id: 'PTH-82', target: '/files/reports/%2e%2e/private/payroll-2026.txt' },
    { id: 'PTH-83', target: '/files/reports/.%2E/private/payroll-2026.txt' },
    { id: 'PTH-84', target: '/files/reports/..%5cprivate%5cpayroll-2026.txt' },
    { id: 'PTH-85', target: '/files/reports/..\\private\\payroll-2026.txt' },
    { id: 'PTH-86', target: '/files/reports//../../private/payroll-2026.txt' },
    { id: 'PTH-87', target: '/files/reports/%252e%252e%252fprivate%252fpayroll-2026.txt' },
    { id: 'PTH-88', target: '/files/reports/..;/private/payroll-2026.txt' },
    { id: 'PTH-89', target: 'http://localhost/files/private/payroll-2026.txt' },
  ])('$id: $target opens nothing', async ({ target }) => {
    const { origin } = demo
    const { token } = await issueToken(origin)
    const answer = await send(origin, target, { token })
    expect([answer.status, answer.error]).toEqual([403, 'path_denied'])
    expect(answer.body).not.toContain(SECRET_WORDS)
    // The same file opens for a token that names it, so the refusals above are the guard's.
    const allowed = await issueToken(origin, { paths: ['/files/private/'] })
    expect((await send(origin, PRIVATE, { token: allowed.token })).body).toContain(SECRET_WORDS)
  })
})

describe('answers and logs', () => {
  it('SEC-57: no answer repeats a path or a token', async () => {
    const { origin } = demo
    const { token } = await issueToken(origin)
    const mark = 'look-for-this'
    const targets = [
      `/files/reports/${mark}?token=${token}`,
      `/files/${mark}?token=${token}`,
      `/files/reports?token=${token}`,
      `/${mark}/${token}`,
      `/tokens/${mark}/${token}`,
      `/FILES/reports/${mark}?token=${token}`,
    ]
    for (const target of targets) {
      const { status, error, body, headers } = await send(origin, target)
      expect(error, target).not.toBeNull()
      expect(status, target).toBeGreaterThanOrEqual(400)
      const all = body + JSON.stringify(headers)
      expect(all).not.toContain(mark)
      expect(all).not.toContain(token)
      expect(all).not.toContain('reports')
    }
  })

  it('SEC-58: requests are not logged, so no ?token= is', async () => {
    const { origin, output, stop } = await startDemo({ DATA_DIR: createDataDir() })
    const printed = output()
    const { token } = await issueToken(origin)
    await send(origin, `${REPORT}?token=${token}`)
    await send(origin, `/files/none?token=${token}`)
    await send(origin, `${CSV}?token=${token}`, { headers: { range: 'bytes=99999999-' } })
    await stop()
    expect(output()).toBe(printed)
  })
})

async function errorOf(answer: ReturnType<typeof send>): Promise<[number, string | null]> {
  const { status, error } = await answer
  return [status, error]
}
