import { createMemoryStore, type TokenStore } from '@hallpass/core'
import { createReportError, TooManyAttemptsError } from '@hallpass/http'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { HOSTS, startExpress } from '../hosts.ts'
import {
  API_KEY,
  authenticate,
  createAccount,
  createParameters,
  GET_JWT,
  IS_VALID,
  PASSWORD,
  readClaims,
  SOAP,
  startData8,
  toFailed,
} from './start-data8.ts'

const DIRECTORY_DOWN = 'S3cret down'

/** A memory store that can be taken down. */
function createFailingStore(): { readonly store: TokenStore; down: boolean } {
  const memory = createMemoryStore()
  const failing = {
    down: false,
    store: new Proxy(memory, {
      get(target, name, receiver) {
        const member: unknown = Reflect.get(target, name, receiver)
        if (typeof member !== 'function' || name === 'close') return member
        return (...args: unknown[]) => {
          if (failing.down) throw new Error(`S3cret of the driver at ${String(name)}`)
          return Reflect.apply(member, target, args)
        }
      },
    }),
  }
  return failing
}

describe.each(HOSTS)('data8 and faults in %s', (_name, startHost) => {
  it('a store that is down is 503 in the documented form, and costs nothing', async () => {
    const failing = createFailingStore()
    const { post, issue, isValid, service } = await startData8(startHost, { store: failing.store })
    const token = await issue({ maxCredits: 5 })
    expect((await isValid(token)).body.Status?.Success).toBe(true)
    failing.down = true
    const message = 'the token store does not answer; try again later'
    for (const answer of [await post(GET_JWT, createParameters()), await isValid(token)]) {
      expect([answer.status, answer.body]).toEqual([503, toFailed(message)])
      expect(answer.headers.get('retry-after')).toMatch(/^\d+$/)
    }
    const soap = await post(
      SOAP,
      `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><GetJWT \
xmlns="http://webservices.data-8.co.uk/"><username>ada</username><password>S3cret &lt;&amp;&gt; Pässwort</password>\
<expiresAt>2026-11-21T13:00:00Z</expiresAt></GetJWT></e:Body></e:Envelope>`,
      { 'content-type': 'text/xml' },
    )
    expect([soap.status, soap.headers.get('retry-after')]).toEqual([503, '2'])
    expect(soap.text).toContain(`<Success>false</Success><ErrorMessage>${message}</ErrorMessage>`)
    failing.down = false
    expect((await isValid(token)).body.Status?.CreditsRemaining).toBe(3)
    expect((await service.findPool('default', 'ada'))?.remaining).toBe(98)
  })

  it('an authenticate that fails or answers nonsense is 503 and reported', async () => {
    const answers: readonly (() => unknown)[] = [
      () => {
        throw new Error('S3cret of the directory')
      },
      () => Promise.reject(new Error('S3cret of the directory')),
      () => 'ada',
      () => ({ id: 'ada', company: 'Ada Ltd' }),
      () => ({ ...createAccount('ada'), company: undefined }),
      () => ({ ...createAccount('ada'), projects: 'default' }),
    ]
    for (const answer of answers) {
      const { post, reported } = await startData8(startHost, {
        authenticate: () => answer() as ReturnType<typeof createAccount>,
      })
      const { status, body } = await post(GET_JWT, createParameters())
      expect([status, body]).toEqual([503, toFailed('it cannot be found out who you are; try again later')])
      expect(reported.map(({ where }) => where)).toEqual(['authorize'])
    }
  })

  it('too many attempts at once are refused with HTTP 200 and the reason', async () => {
    const { post } = await startData8(startHost, {
      authenticate: () => Promise.reject(new TooManyAttemptsError(1)),
    })
    const { status, body } = await post(GET_JWT, createParameters())
    const message = 'too many credentials are being checked at once; try again later'
    expect([status, body]).toEqual([200, toFailed(message)])
  })
})

describe('data8 and secrets', () => {
  const written: string[] = []
  const keep = (chunk: unknown): boolean => {
    written.push(String(chunk))
    return true
  }
  const keepWarning = (warning: Error): void => void written.push(String(warning.stack))
  beforeEach(() => {
    written.length = 0
    for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockImplementation(keep)
    for (const name of ['log', 'info', 'warn', 'error', 'debug'] as const) {
      vi.spyOn(console, name).mockImplementation((...args) => void written.push(args.map(String).join(' ')))
    }
    process.on('warning', keepWarning)
  })
  afterEach(() => {
    process.off('warning', keepWarning)
    vi.restoreAllMocks()
  })

  it('passwords, API keys and tokens appear in no log line, warning, header or error', async () => {
    const failing = createFailingStore()
    const { post, issue, isValid, service } = await startData8(startExpress, {
      store: failing.store,
      apiKeys: true,
      // As it is without the option: a process warning.
      onError: createReportError(undefined),
      authenticate: (credentials) => {
        if (credentials.password === DIRECTORY_DOWN) throw new Error(`S3cret ${JSON.stringify(credentials)}`)
        return authenticate(credentials)
      },
    })
    const token = await issue()
    const said: string[] = []
    const note = async (answer: ReturnType<typeof post>): Promise<void> => {
      const { headers, text } = await answer
      said.push(text, JSON.stringify([...headers]))
    }
    const everything = async (): Promise<void> => {
      await note(post(GET_JWT, createParameters({ password: `${PASSWORD}!` })))
      await note(post(GET_JWT, createParameters({ username: API_KEY, password: PASSWORD })))
      await note(post(GET_JWT, createParameters({ expiresAt: PASSWORD, username: API_KEY })))
      await note(post(GET_JWT, createParameters({ [PASSWORD]: 1 })))
      await note(post(GET_JWT, createParameters({ options: PASSWORD, clientIp: PASSWORD })))
      await note(post(GET_JWT, createParameters({ password: DIRECTORY_DOWN })))
      await note(post(GET_JWT, `{"password": "${PASSWORD}"`))
      await note(post(SOAP, `<x password="${API_KEY}">${PASSWORD}`))
      await note(post(`/${token}`, {}))
      await note(post(`${IS_VALID}?token=${token}`, {}))
      await note(isValid(`${token}x`))
      await note(isValid(token, { email: 5 }))
      await note(isValid(token, { level: token, email: token }))
    }
    await everything()
    failing.down = true
    await everything()
    failing.down = false
    await service.revoke('default', String(readClaims(token).jti))
    await note(isValid(token))
    await new Promise((resolve) => setImmediate(resolve))
    expect(said).toHaveLength(54)
    expect(written.join('')).toContain('HallpassWarning')
    const all = [...said, ...written].join('\n')
    for (const secret of [PASSWORD, API_KEY, token, token.split('.')[2] ?? '', 'S3cret']) {
      expect(all).not.toContain(secret)
    }
  })
})
