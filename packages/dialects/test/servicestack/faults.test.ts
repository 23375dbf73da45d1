import { createMemoryStore, type TokenStore } from '@hallpass/core'
import { TooManyAttemptsError } from '@hallpass/http'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { HOSTS } from '../hosts.ts'
import { authenticate, PASSWORD, readPayload, startServiceStack, toBasic } from './start-servicestack.ts'

const SECRET = 'hunter2-in-the-message'

/** A store that fails on demand. */
function createBreakableStore(): { store: TokenStore; breakIt(): void } {
  const whole = createMemoryStore()
  let broken = false
  const fail = (): never => {
    throw new Error(SECRET)
  }
  const store = new Proxy(whole, {
    get: (target, name: keyof TokenStore) => (broken && name !== 'close' ? fail : target[name]),
  })
  const breakIt = (): void => {
    broken = true
  }
  return { store, breakIt }
}

/** Everything that the process says from now on. */
function captureOutput(): () => string {
  let said = ''
  const keep = (chunk: unknown): boolean => {
    said += String(chunk)
    return true
  }
  const out = vi.spyOn(process.stdout, 'write').mockImplementation(keep)
  const err = vi.spyOn(process.stderr, 'write').mockImplementation(keep)
  const consoles = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation((...parts) => void keep(parts.join(' '))),
  )
  const onWarning = (warning: Error): void => void keep(`${warning.name} ${warning.stack}`)
  process.on('warning', onWarning)
  onTestFinished(() => {
    for (const spy of [out, err, ...consoles]) spy.mockRestore()
    process.off('warning', onWarning)
  })
  return () => said
}

describe.each(HOSTS)('servicestack and faults in %s', (_name, startHost) => {
  it('a store that is down is 503 in the asked format on every route', async () => {
    const { store, breakIt } = createBreakableStore()
    const { call, mint } = await startServiceStack(startHost, { store })
    const token = await mint({ Roles: ['Employee'], Permissions: ['CreateJwt'] })
    const bearer = { authorization: `Bearer ${token}` }
    breakIt()
    const message = 'the token store does not answer; try again later'
    const answers = [
      await call('POST', '/jwt', { body: {} }),
      await call('POST', '/jwt', bearer),
      await call('POST', '/api/CreateJwt[]', { body: [{}, {}] }),
      await call('GET', '/hello', bearer),
    ]
    for (const { status, json, headers } of answers) {
      expect([status, json]).toEqual([
        503,
        { responseStatus: { errorCode: 'ServiceUnavailable', message: expect.stringMatching(/store/) } },
      ])
      expect(headers.get('retry-after')).toMatch(/^\d+$/)
      expect(headers.get('cache-control')).toBe('no-store')
    }
    const jsv = await call('GET', '/hello?format=jsv', bearer)
    expect([jsv.status, jsv.text]).toEqual([
      503,
      `{responseStatus:{errorCode:ServiceUnavailable,message:${message}}}`,
    ])
    const xml = await call('POST', '/xml/reply/CreateJwt')
    expect(xml.text).toMatch(/<ErrorCode>ServiceUnavailable<\/ErrorCode>/)
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error(SECRET)
      },
    ],
    ['rejects', () => Promise.reject(new Error(SECRET))],
    ['answers with no principal', () => ({ id: 'manager' }) as never],
    [
      'answers with roles that are no list',
      () => ({ id: 'm', projects: '*', subjects: '*', can: ['issue'], roles: 'Admin' }) as never,
    ],
  ])('an authenticate that %s is 503 with a message, and is reported', async (_how, broken) => {
    const { call, reported } = await startServiceStack(startHost, { authenticate: broken })
    const { status, json } = await call('GET', '/jwt')
    expect([status, json]).toEqual([
      503,
      {
        responseStatus: {
          errorCode: 'ServiceUnavailable',
          message: 'it cannot be found out who you are; try again later',
        },
      },
    ])
    expect(reported).toEqual([{ error: expect.any(Error), where: 'authorize' }])
  })

  it('an authenticate that answers later or too often is waited for, or 429', async () => {
    const { call } = await startServiceStack(startHost, {
      authenticate: async (credentials) => {
        if (credentials.username === 'bob') throw new TooManyAttemptsError(3)
        return authenticate(credentials)
      },
    })
    expect((await call('GET', '/jwt')).status).toBe(200)
    const many = await call('GET', '/jwt', { authorization: toBasic('bob') })
    expect([many.status, many.headers.get('retry-after')]).toEqual([429, '3'])
    expect(many.json).toMatchObject({ responseStatus: { errorCode: 'TooManyRequests' } })
  })

  it('tokens, passwords and the secrets of a session are in no output, header or error', async () => {
    const said = captureOutput()
    const { store, breakIt } = createBreakableStore()
    const { call, mint, hello, reported, service } = await startServiceStack(startHost, { store })
    const session = {
      Roles: ['Employee'],
      RequestTokenSecret: SECRET,
      ProviderOAuthAccess: [{ AccessToken: SECRET, AccessTokenSecret: SECRET, RefreshToken: SECRET }],
    }
    const token = await mint(session)
    expect(JSON.stringify(readPayload(token))).not.toContain(SECRET)
    const records = await service.list({ project: 'default' })
    const heads: string[] = [JSON.stringify(records)]
    const note = ({ headers, text }: Awaited<ReturnType<typeof call>>): void =>
      void heads.push(JSON.stringify([...headers]), text)
    note(
      await call('POST', '/jwt', {
        body: `{"RequestTokenSecret": "${SECRET}`,
        headers: { 'content-type': 'application/json' },
      }),
    )
    note(await call('POST', '/jwt', { body: { ...session, Tag: SECRET, JwtExpiry: SECRET } }))
    note(await call('POST', '/jwt', { body: `<${SECRET}>`, headers: { 'content-type': 'text/xml' } }))
    note(await call('POST', '/jwt', { body: `[${SECRET}`, headers: { 'content-type': 'text/jsv' } }))
    note(await call('GET', `/jwt/${token}`))
    note(await call('GET', `/${token}?token=${token}&format=xml`))
    note(await call('GET', '/jwt', { authorization: toBasic('manager', SECRET) }))
    note(await hello(`${token}x`))
    await service.revoke('default', String(readPayload(token).jti))
    note(await hello(token))
    breakIt()
    note(await call('GET', '/jwt'))
    // Warnings come on a later turn.
    await new Promise((resolve) => setImmediate(resolve))
    const everything = [said(), ...heads, String(reported.map(({ error }) => error))].join('\n')
    const signature = token.split('.')[2] ?? token
    for (const secret of [token, signature, SECRET, PASSWORD, toBasic()]) {
      expect(everything).not.toContain(secret)
    }
  })
})
