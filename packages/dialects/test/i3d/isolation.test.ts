import type { TokenProfile } from '@hallpass/core'
import { requireToken } from '@hallpass/express'
import express from 'express'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { I3D_PROFILE, i3d } from '../../src/i3d.ts'
import { SPECTER_PROFILE } from '../../src/specter.ts'
import { listen, startExpress, startExpressWithParsers } from '../hosts.ts'
import {
  CLIENTS,
  createI3d,
  type I3dApp,
  NOW,
  OTHER_SERVICE,
  read,
  readPart,
  requestAccessToken,
  SECRET,
  SERVICE,
  SERVICES,
  startI3d,
  VHOST,
} from './start-i3d.ts'

/** Another API's kind of token, with the same claims. */
const OTHER_PROFILE: TokenProfile = { ...I3D_PROFILE, name: 'other-api' }

let app: I3dApp
beforeAll(async () => {
  app = await startI3d(startExpress)
  await app.accessToken()
})
afterAll(() => app.close())

describe('a token opens nothing elsewhere', () => {
  const issue = async (input: Parameters<I3dApp['service']['issue']>[0]): Promise<string> => {
    const file = `${VHOST}/`
    const { token } = await app.service.issue({
      subject: SERVICE,
      claims: { file },
      paths: [`/${file}`],
      ...input,
    })
    return token
  }

  it('opens no file with a token of another kind or project', async () => {
    const own = await issue({ project: 'i3d', profile: I3D_PROFILE })
    expect((await app.call(`/cdn/videos/a.mp4?token=${own}`)).status).toBe(200)
    for (const [token, status] of [
      [await issue({ project: 'i3d' }), 401],
      [await issue({ project: 'i3d', profile: OTHER_PROFILE }), 401],
      [await issue({ project: 'i3d', profile: SPECTER_PROFILE, name: 'x' }), 401],
      [await issue({ project: 'other', profile: I3D_PROFILE }), 403],
      [await issue({}), 401],
      [await app.accessToken(), 401],
    ] as const) {
      const answer = await app.call(`/cdn/videos/a.mp4?token=${token}`)
      expect([answer.status, answer.json.code]).toEqual([status, status])
      const verified = await app.verify(token)
      expect([verified.status, verified.json]).toEqual([201, { token, valid: false }])
    }
  })

  it('verifies a token of another service with claims, and as not valid', async () => {
    const token = await issue({ project: 'i3d', profile: I3D_PROFILE, subject: OTHER_SERVICE })
    const { status, json } = await app.verify(token)
    expect([status, json]).toEqual([201, { claims: readPart(token), token, valid: false }])
  })

  it('is nothing to the native guard', async () => {
    const token = await app.token()
    const facts = { address: null, target: `/${VHOST}/videos/a.mp4`, method: 'GET' }
    expect(await app.service.authorize(token, facts)).toMatchObject({ code: 'token_type_denied' })
    expect(await app.service.authorize(await app.accessToken(), facts)).toMatchObject({
      code: 'token_type_denied',
    })
    const other = { ...facts, profiles: [OTHER_PROFILE] }
    expect(await app.service.authorize(token, other)).toMatchObject({ code: 'token_type_denied' })
  })

  it('has a secret for each project: callers and tokens of one are strangers to the other', async () => {
    const handler = createI3d(app.service, { project: 'second' })
    const host = await startExpress([{ path: '/second', handler }])
    try {
      const url = `${host.url}/second`
      const access = await requestAccessToken(url, 'shop', SECRET)
      const headers = { authorization: `Bearer ${access}`, 'content-type': 'application/json' }
      const issued = await read(
        await fetch(`${url}/service/${SERVICE}/jwt`, { method: 'POST', headers, body: '{}' }),
      )
      const token = String(issued.json.token)
      expect(readPart(token, 0).kid).not.toBe(readPart(await app.token(), 0).kid)
      // The first project's API takes neither the second's caller nor its token.
      const refused = await app.call(`/service/${SERVICE}/jwt/${token}`, {
        headers: { authorization: headers.authorization },
      })
      expect([refused.status, refused.json.code]).toEqual([403, 403])
      expect((await app.verify(token)).json).toEqual({ token, valid: false })
      expect((await app.call(`/cdn/videos/a.mp4?token=${token}`)).status).toBe(403)
    } finally {
      await host.close()
    }
  })

  it('keeps a client to its own services', async () => {
    const access = await requestAccessToken(app.url, 'other-shop', 'another secret')
    const headers = { authorization: `Bearer ${access}`, 'content-type': 'application/json' }
    const issue = async (id: string): Promise<number> =>
      (await app.call(`/service/${id}/jwt`, { method: 'POST', headers, body: '{}' })).status
    expect([await issue(OTHER_SERVICE), await issue(SERVICE)]).toEqual([200, 404])
  })
})

describe('beside what an application has already', () => {
  it('reads a body that a parser has read before it', async () => {
    const parsed = await startI3d(startExpressWithParsers)
    try {
      const { status, json } = await parsed.issue({ file: 'a', exp: NOW + 60 })
      expect([status, json.file, json.exp]).toEqual([200, `${VHOST}/a`, NOW + 60])
      for (const body of [[], { exp: null }, { files: 1 }, { ['__proto__']: 1 }]) {
        const refused = await parsed.issue(body)
        expect([refused.status, refused.json.code]).toEqual([400, 400])
      }
      const form = await parsed.call(`/service/${SERVICE}/jwt`, {
        method: 'POST',
        body: new URLSearchParams({ file: 'a' }),
      })
      expect([form.status, form.json.code]).toEqual([415, 415])
    } finally {
      await parsed.close()
    }
  })

  it('guards the files of express.static, ranges and all', async () => {
    const files = express()
    const guard = requireToken(app.service, {
      profiles: [I3D_PROFILE],
      project: 'i3d',
      from: [{ query: 'token' }],
      target: { strip: '/i3d/cdn', prepend: `/${VHOST}` },
      requirePaths: true,
    })
    files.use('/i3d/cdn', guard, express.static(import.meta.dirname))
    const host = await listen(files)
    try {
      const token = await app.token({ file: 'cdn.test.ts' })
      const ask = (file: string): Promise<Response> =>
        fetch(`${host.url}/i3d/cdn/${file}?token=${token}`, { headers: { range: 'bytes=0-5' } })
      const part = await ask('cdn.test.ts')
      expect([part.status, await part.text()]).toEqual([206, 'import'])
      expect((await ask('start-i3d.ts')).status).toBe(403)
    } finally {
      await host.close()
    }
  })
})

describe('options that cannot be right are refused at once', () => {
  it.each([
    ['a vhost with a path', { services: { a: { vhost: 'cdn.example/x' } }, clients: {} }],
    ['a vhost in capitals', { services: { a: { vhost: 'CDN.example' } }, clients: {} }],
    ['one vhost twice', { services: { a: { vhost: 'c' }, b: { vhost: 'c' } }, clients: {} }],
    ['a service id with a slash', { services: { 'a/b': { vhost: 'c' } }, clients: {} }],
    ['a service id of dots', { services: { '..': { vhost: 'c' } }, clients: {} }],
    ['no service', { services: {}, clients: {} }],
    ['a client of no service that is there', { clients: { x: { secret: 's', services: ['none'] } } }],
    ['a client without a secret', { clients: { x: { secret: '', services: [SERVICE] } } }],
    ['a project with a space', { project: 'a b' }],
    ['a public URL that is none', { publicUrl: 'cdn.example' }],
    ['an edge of no service', { cdn: { service: 'none', directory: '.' } }],
    ['an edge without a directory', { cdn: { service: SERVICE, directory: '/does/not/exist' } }],
  ])('%s', (_what, options) => {
    expect(() => i3d(app.service, { clients: CLIENTS, services: SERVICES, ...options })).toThrow(
      expect.objectContaining({ name: 'ConfigurationError' }),
    )
  })
})

describe('secrets stay where they are', () => {
  afterEach(() => vi.restoreAllMocks())

  it('no token, secret or path with a token gets into output, warnings, errors or headers', async () => {
    const output: string[] = []
    const keep = (text: unknown): boolean => {
      output.push(String(text))
      return true
    }
    vi.spyOn(process.stdout, 'write').mockImplementation(keep)
    vi.spyOn(process.stderr, 'write').mockImplementation(keep)
    vi.spyOn(process, 'emitWarning').mockImplementation((warning) => void keep(warning))
    for (const level of ['log', 'info', 'warn', 'error', 'debug'] as const) {
      vi.spyOn(console, level).mockImplementation((...said) => void keep(said.join(' ')))
    }
    const access = await app.accessToken()
    const token = await app.token()
    const answers = [
      await app.call(`/nowhere/${token}`),
      await app.call(`/service/${SERVICE}/jwt/${token}/more`),
      await app.call(`/service/none/jwt/${token}`),
      await app.call(`/service/${SERVICE}/jwt/${token}`, { method: 'DELETE' }),
      await app.call(`/service/${SERVICE}/jwt/%2f${token}`),
      await app.call(`/cdn/none?token=${token}`),
      await app.call(`/cdn/none?token=${token}x`),
      await app.call(`/service/${SERVICE}/jwt`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ file: `..${token}`, [token]: 1 }),
      }),
    ]
    app.setStoreDown(true)
    answers.push(
      await app.verify(token),
      await app.call(`/cdn/videos/a.mp4?token=${token}`),
      await app.issue({}),
    )
    app.setStoreDown(false)
    for (const { status, text, headers } of answers) {
      expect(status).toBeGreaterThanOrEqual(400)
      output.push(text, JSON.stringify([...headers]))
    }
    const [, , signature = ''] = token.split('.')
    const said = output.join('\n')
    for (const secret of [token, signature, access, SECRET, access.split('.')[2] ?? '', '10.0.0.7']) {
      expect(said.includes(secret)).toBe(false)
    }
  })
})
