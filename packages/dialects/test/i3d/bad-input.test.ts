import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { HOSTS } from '../hosts.ts'
import { type I3dApp, NOW, SERVICE, startI3d, VHOST } from './start-i3d.ts'

describe.each(HOSTS)('i3D requests that cannot be, in %s', (_name, start) => {
  let app: I3dApp

  beforeAll(async () => {
    app = await startI3d(start)
    await app.accessToken()
  })
  beforeEach(() => app.clock.set('2026-11-21T12:00:00Z'))
  afterAll(() => app.close())

  it.each([
    ['..'],
    ['../a'],
    ['videos/../a'],
    ['videos/%2e%2e/a'],
    ['videos/%2E./a'],
    ['videos/..;x/a'],
    ['.'],
    ['a\\b'],
    ['a%5cb'],
    ['a%2fb'],
    ['a\nb'],
    ['a\u0000b'],
    ['a%00b'],
    ['a\u007f'],
    ['a//b'],
    ['https://media.cdn.example/a'],
    ['100%'],
    ['%C3'],
    ['\ud800'],
    [7],
    [null],
    [[]],
    [{}],
    [true],
  ])('refuses the file %j', async (file) => {
    const { status, json } = await app.issue({ file })
    expect([status, json]).toEqual([400, { code: 400, message: expect.stringContaining('file') }])
  })

  it('refuses a file that is longer than 1024 bytes with its vhost', async () => {
    const room = 1024 - `/${VHOST}/`.length
    expect((await app.issue({ file: 'a'.repeat(room) })).status).toBe(200)
    const { status, json } = await app.issue({ file: 'a'.repeat(room + 1) })
    expect([status, json]).toEqual([400, { code: 400, message: expect.stringContaining('file') }])
  })

  it.each([
    0,
    -1,
    NOW,
    NOW - 1,
    1.5,
    1e300,
    2 ** 53,
    253_402_300_800,
    '1',
    String(NOW + 60),
    null,
    [],
    {},
    true,
  ])('refuses the exp %j', async (exp) => {
    const { status, json } = await app.issue({ exp })
    expect([status, json]).toEqual([400, { code: 400, message: expect.stringContaining('exp') }])
  })

  it.each([0, -1, 1.5, '1', null, [], {}, true, 253_402_300_800])('refuses the nbf %j', async (nbf) => {
    const { status, json } = await app.issue({ nbf })
    expect([status, json]).toEqual([400, { code: 400, message: expect.stringContaining('nbf') }])
  })

  it('refuses an nbf that is not before the exp', async () => {
    expect((await app.issue({ nbf: NOW + 60, exp: NOW + 60 })).json).toEqual({
      code: 400,
      message: 'nbf must be earlier than the expiry',
    })
    expect((await app.issue({ nbf: NOW + 59, exp: NOW + 60 })).status).toBe(200)
  })

  it.each([
    '',
    'x',
    '1.2.3',
    '010.1.2.3',
    '1.2.3.4.5',
    '::1%eth0',
    '1.2.3.4/33',
    7,
    null,
    [],
    ['192.0.2.7'],
    {},
  ])('refuses the ip %j', async (ip) => {
    const { status, json } = await app.issue({ ip })
    expect([status, json]).toEqual([400, { code: 400, message: expect.stringContaining('ip') }])
  })

  it.each([
    ['nothing', ''],
    ['no JSON', '{"exp": 1'],
    ['null', 'null'],
    ['an array', '[]'],
    ['a text', '"x"'],
    ['a number', '1'],
    ['a field twice', '{"file":"a","file":"b"}'],
    ['a field twice, once with an escape', '{"file":"a","\\u0066ile":"b"}'],
    ['a number that no double holds', '{"exp":1e400}'],
    ['an unknown field', '{"files":"a"}'],
    ['a field in another case', '{"Exp":1}'],
    ['__proto__', '{"__proto__":{"file":"a"}}'],
    ['constructor', '{"constructor":{}}'],
    ['depth', `{"file":${'['.repeat(9000)}${']'.repeat(9000)}}`],
    ['invalid UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
    ['a byte order mark', '\ufeff{}'],
  ])('refuses a body that holds %s', async (_what, body) => {
    const { status, json } = await app.call(`/service/${SERVICE}/jwt`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    expect([status, json]).toEqual([400, { code: 400, message: expect.any(String) }])
  })

  it('refuses a body of 1 MB, an absent one and other content types', async () => {
    const post = async (type: string | null, body: string | null): Promise<unknown> => {
      const headers: Record<string, string> = type === null ? {} : { 'content-type': type }
      const { status, json } = await app.call(`/service/${SERVICE}/jwt`, { method: 'POST', headers, body })
      return [status, json]
    }
    const big = JSON.stringify({ file: 'a'.repeat(1_000_000) })
    expect(await post('application/json', big)).toEqual([413, { code: 413, message: expect.any(String) }])
    const unsupported = [415, { code: 415, message: expect.any(String) }]
    expect(await post(null, null)).toEqual(unsupported)
    expect(await post('text/plain', '{}')).toEqual(unsupported)
    expect(await post('application/x-www-form-urlencoded', 'file=a')).toEqual(unsupported)
    expect(await post('multipart/form-data; boundary=x', '--x--')).toEqual(unsupported)
    expect(await post('application/json; charset=utf-8', '{}')).toEqual([200, expect.anything()])
  })
})
