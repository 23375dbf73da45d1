import { exchange } from '@hallpass/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { I3D_PROFILE } from '../../src/i3d.ts'
import { HOSTS } from '../hosts.ts'
import { type Answer, type I3dApp, NOW, readPart, SERVICE, startI3d, VHOST } from './start-i3d.ts'

describe.each(HOSTS)('the i3D edge in %s', (_name, start) => {
  let app: I3dApp

  beforeAll(async () => {
    app = await startI3d(start)
    await app.accessToken()
  })
  beforeEach(() => app.clock.set('2026-11-21T12:00:00Z'))
  afterAll(() => app.close())

  const get = (file: string, token: string, init: RequestInit = {}): Promise<Answer> =>
    app.call(`/cdn/${file}?token=${token}`, { ...init, anonymous: true })

  it('serves the bytes of its own file, and of no other', async () => {
    const token = await app.token({ file: 'videos/a.mp4' })
    const { status, text, headers } = await get('videos/a.mp4', token)
    expect([status, text]).toEqual([200, 'bytes of a'])
    expect(headers.get('content-type')).toBe('video/mp4')
    expect(headers.get('content-length')).toBe('10')
    expect(headers.get('cache-control')).toBe('private, no-cache')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    for (const other of ['videos/b.mp4', 'videos/a.mp4/', 'videos/', 'videos/a.mp', 'videos/a.mp4x']) {
      const refused = await get(other, token)
      expect([other, refused.status, refused.json]).toEqual([
        other,
        403,
        { code: 403, message: expect.any(String) },
      ])
    }
    // Another spelling of the same path is the same file.
    expect((await get('videos/%61.mp4', token)).text).toBe('bytes of a')
    const head = await get('videos/a.mp4', token, { method: 'HEAD' })
    expect([head.status, head.text, head.headers.get('content-length')]).toEqual([200, '', '10'])
  })

  it('serves a folder, or everything, where that is what the token is for', async () => {
    const folder = await app.token({ file: 'videos/' })
    const more = await app.token({ file: 'videos/more/' })
    const all = await app.token({})
    for (const [file, token, status] of [
      ['videos/a.mp4', folder, 200],
      ['videos/more/my%20film*.mp4', folder, 200],
      ['videos/more/my%20film%2A.mp4', more, 200],
      ['videos/a.mp4', more, 403],
      ['videos/b.mp4', all, 200],
      ['videos/none.mp4', all, 404],
      ['videos/', all, 404],
      ['videos', all, 404],
      ['.env', all, 404],
      ['videos/link.txt', all, 404],
      ['videos/a.mp4/b', all, 404],
      [`videos/${'x'.repeat(300)}`, all, 404],
    ] as const) {
      const answer = await get(file, token)
      expect([file, answer.status]).toEqual([file, status])
      if (status !== 200) expect(answer.json).toEqual({ code: status, message: expect.any(String) })
    }
  })

  it('takes a star in a file for a star', async () => {
    expect((await get('videos/a.mp4', await app.token({ file: 'videos/*.mp4' }))).status).toBe(403)
    expect((await get('videos/a.mp4', await app.token({ file: '**' }))).status).toBe(403)
    const exact = await app.token({ file: 'videos/more/my film*.mp4' })
    expect((await get('videos/more/my%20film*.mp4', exact)).text).toBe('bytes of my film')
  })

  it('opens only at its time, and not once it is revoked', async () => {
    const token = await app.token({ nbf: NOW + 60, exp: NOW + 120 })
    expect((await get('videos/a.mp4', token)).status).toBe(401)
    app.clock.advance(60)
    expect((await get('videos/a.mp4', token)).status).toBe(200)
    app.clock.advance(60)
    const late = await get('videos/a.mp4', token)
    expect([late.status, late.json]).toEqual([401, { code: 401, message: 'the access token has expired' }])
    const other = await app.token({})
    expect((await get('videos/a.mp4', other)).status).toBe(200)
    await app.service.revoke('i3d', String(readPart(other).jti))
    const revoked = await get('videos/a.mp4', other)
    expect([revoked.status, revoked.json.code]).toEqual([401, 401])
  })

  it('opens only for its address', async () => {
    const token = await app.token({ ip: '192.0.2.7' })
    const from = (address: string) => get('videos/a.mp4', token, { headers: { 'x-forwarded-for': address } })
    expect((await from('192.0.2.7')).status).toBe(200)
    expect((await from('192.0.2.8')).json).toEqual({ code: 403, message: expect.any(String) })
    expect((await get('videos/a.mp4', token)).status).toBe(403)
  })

  it('takes the token from the query, once, and from nowhere else', async () => {
    const token = await app.token({})
    const ask = async (path: string, init: RequestInit = {}): Promise<number> =>
      (await app.call(path, { ...init, anonymous: true })).status
    expect(await ask('/cdn/videos/a.mp4')).toBe(401)
    expect(await ask('/cdn/videos/a.mp4?token=')).toBe(401)
    expect(await ask('/cdn/videos/a.mp4', { headers: { authorization: `Bearer ${token}` } })).toBe(401)
    expect(await ask(`/cdn/videos/a.mp4?token=${token}&token=${token}`)).toBe(400)
    expect(await ask(`/cdn/videos/a.mp4?token[]=${token}`)).toBe(401)
    expect(await ask(`/cdn/videos/a.mp4?x=1&token=${token}&y=`)).toBe(200)
    expect(await ask(`/cdn/videos/a.mp4?token=${token}`, { method: 'POST', body: 'x' })).toBe(405)
    expect(await ask(`//cdn/videos/a.mp4?token=${token}`)).toBe(200)
  })

  it('never leaves its directory, whatever the path looks like', async () => {
    const token = await app.token({})
    const { port } = new URL(app.url)
    for (const path of [
      '/i3d/cdn/../../../etc/passwd',
      '/i3d/cdn/videos/../../secret',
      '/i3d/cdn/%2e%2e/%2e%2e/etc/passwd',
      '/i3d/cdn/..%2f..%2fetc%2fpasswd',
      '/i3d/cdn/..;/etc/passwd',
      '/i3d/cdn/videos\\..\\..\\x',
      '/i3d/cdn/videos/a.mp4%00.txt',
      '/i3d/cdn//etc/passwd',
      '/i3d/cdn/videos//a.mp4',
      '/i3d/cdn/videos/%C0%AE%C0%AE/a',
      '/i3d/cdn/%252e%252e/a',
      '/i3d/cdn/videos/a.mp4#x',
    ]) {
      const answer = await exchange(Number(port), { method: 'GET', target: `${path}?token=${token}` })
      expect([path, answer.status >= 400 && answer.status < 500]).toEqual([path, true])
      expect(answer.body.toString()).not.toMatch(/root:|bytes of/)
    }
  })

  it('answers 503 when the store is down', async () => {
    const token = await app.token({})
    app.setStoreDown(true)
    try {
      const { status, json, headers } = await get('videos/a.mp4', token)
      expect([status, json]).toEqual([503, { code: 503, message: expect.any(String) }])
      expect(headers.get('retry-after')).not.toBeNull()
    } finally {
      app.setStoreDown(false)
    }
  })

  it('binds a token to the vhost of its service', async () => {
    const { token } = await app.service.issue({
      profile: I3D_PROFILE,
      project: 'i3d',
      subject: SERVICE,
      claims: { file: 'other.cdn.example/' },
      paths: ['/other.cdn.example/'],
    })
    expect((await get('videos/a.mp4', token)).status).toBe(403)
    expect((await get(`${VHOST}/videos/a.mp4`, await app.token({}))).status).toBe(404)
  })
})
