import { createMemoryStore, type TokenStore } from '@hallpass/core'
import { TooManyAttemptsError } from '@hallpass/http'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { HOSTS } from '../hosts.ts'
import { authenticate, startSpecter, TOKENS, toBasic } from './start-specter.ts'

const ORDER = { jwt_token_description: 'in a fault', jwt_token_life: '1 hour' }
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

describe.each(HOSTS)('specter and faults in %s', (_name, startHost) => {
  it('a store that is down is 503 with a message on every route', async () => {
    const { store, breakIt } = createBreakableStore()
    const { call, create, whoami } = await startSpecter(startHost, { store })
    const { id, token } = await create('before')
    breakIt()
    const answers = [
      await call('POST', TOKENS, { body: ORDER }),
      await call('GET', TOKENS),
      await call('GET', `${TOKENS}/${id}`),
      await call('DELETE', `${TOKENS}/${id}`),
      await whoami(token),
    ]
    for (const { status, body, headers } of answers) {
      expect(status).toBe(503)
      expect(body).toEqual({ message: expect.stringMatching(/store/) })
      expect(headers.get('retry-after')).toMatch(/^\d+$/)
      expect(JSON.stringify(body)).not.toContain(SECRET)
    }
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error(SECRET)
      },
    ],
    ['rejects', () => Promise.reject(new Error(SECRET))],
    ['answers with no principal', () => ({ id: 'admin' }) as never],
  ])('an authenticate that %s is 503 with a message, and is reported', async (_how, broken) => {
    const { call, reported } = await startSpecter(startHost, { authenticate: broken })
    const { status, body } = await call('GET', TOKENS)
    expect([status, body]).toEqual([503, { message: 'it cannot be found out who you are; try again later' }])
    expect(reported).toEqual([{ error: expect.any(Error), where: 'authorize' }])
  })

  it('an authenticate that answers later or too often is waited for, or 429', async () => {
    const { call } = await startSpecter(startHost, {
      authenticate: async (credentials) => {
        if (credentials.username === 'bob') throw new TooManyAttemptsError(3)
        return authenticate(credentials)
      },
    })
    expect((await call('GET', TOKENS)).status).toBe(404)
    const many = await call('GET', TOKENS, { user: 'bob' })
    expect([many.status, many.headers.get('retry-after')]).toEqual([429, '3'])
    expect(many.body).toEqual({ message: expect.stringMatching(/try again later/) })
  })

  it('tokens and passwords are in no output, header or error', async () => {
    const said = captureOutput()
    const { store, breakIt } = createBreakableStore()
    const { call, create, whoami, url, reported } = await startSpecter(startHost, { store })
    const { id, token } = await create('secret')
    const heads: string[] = []
    const note = ({ headers, body }: Awaited<ReturnType<typeof call>>): void =>
      void heads.push(JSON.stringify([...headers]), JSON.stringify(body))
    note(await call('GET', TOKENS))
    note(await call('GET', `${TOKENS}/${token}`))
    note(await call('POST', `${TOKENS}/${token}`))
    note(await call('GET', `/${token}`))
    note(await call('POST', TOKENS, { body: `{"password": "${SECRET}"` }))
    note(await call('GET', TOKENS, { user: null, headers: { authorization: toBasic('admin', SECRET) } }))
    note(await whoami(`${token}x`))
    note(await call('DELETE', `${TOKENS}/${id}`))
    note(await whoami(token))
    await fetch(`${url}/${token}?token=${token}`)
    breakIt()
    note(await call('GET', TOKENS))
    // Warnings come on a later turn.
    await new Promise((resolve) => setImmediate(resolve))
    const everything = [said(), ...heads, String(reported.map(({ error }) => error))].join('\n')
    const signature = token.split('.')[2] ?? token
    for (const secret of [token, signature, SECRET, 'password', toBasic('admin')]) {
      expect(everything).not.toContain(secret)
    }
  })
})
