import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createDataDir, shareDemo, startDemo } from './demo-process.ts'
import { send } from './token-client.ts'

const demo = shareDemo()

describe('the page at /', () => {
  it('names a file, says how to reach it and loads nothing from anywhere', async () => {
    const { origin } = demo
    const { status, headers, body } = await send(origin, '/')
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(body).toContain('<html lang="en">')
    expect(body).toContain('href="/files/reports/2026-q1.txt"')
    expect(body).toContain(`${origin}/tokens`)
    expect(body.match(/(?:src|href)="(?!\/|data:,)[^"]*"/g)).toBeNull()
    expect((await send(origin, '/files/reports/2026-q1.txt')).error).toBe('token_missing')
  })

  it('SEC-59: runs no script and can be framed by nobody; its one style is known by its hash', async () => {
    const { origin } = demo
    const { headers, body } = await send(origin, '/')
    const style = /<style>([\s\S]*?)<\/style>/.exec(body)?.[1] ?? ''
    const hash = createHash('sha256').update(style).digest('base64')
    const policy = String(headers['content-security-policy']).split('; ')
    expect(policy).toEqual(
      expect.arrayContaining(["default-src 'none'", `style-src 'sha256-${hash}'`, "frame-ancestors 'none'"]),
    )
    expect(policy.join()).not.toContain('unsafe')
    expect(body).not.toContain('<script')
    expect(body).not.toMatch(/\s(?:style|on\w+)="/)
    expect(headers['x-content-type-options']).toBe('nosniff')
  })

  it('SEC-60: holds neither the password nor the signed link', async () => {
    const { origin, line } = await startDemo({ DATA_DIR: createDataDir(), ADMIN_PASSWORD: '' })
    const password = line('ADMIN_PASSWORD=').replace('ADMIN_PASSWORD=', '')
    expect(password).toMatch(/^[\w-]{24}$/)
    const { body } = await send(origin, '/')
    expect(body).not.toContain(password)
    expect(body).not.toContain('token=')
  })

  it('is for reading only', async () => {
    const { origin } = demo
    expect((await send(origin, '/', { method: 'POST' })).error).toBe('not_found')
    expect((await send(origin, '/', { method: 'HEAD' })).status).toBe(200)
  })
})
