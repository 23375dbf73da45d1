import { createTestService } from '@hallpass/core/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createProjectToken, magicbell } from '../../src/index.ts'
import { HOSTS, startExpress } from '../hosts.ts'
import { createFaultyStore, startMagicBell } from './start-magicbell.ts'

const ID = '019b1b1e-7b1b-7b1b-8b1b-1b1b1b1b1b1b'

afterEach(() => {
  vi.restoreAllMocks()
})

describe.each(HOSTS)('MagicBell on %s', (_name, start) => {
  it('answers 503 in its own form while the store is down, and works again afterwards', async () => {
    const faulty = createFaultyStore()
    const bench = await startMagicBell(start, {
      service: { store: faulty.store, hooks: { onError: () => {} } },
    })
    const user = await bench.call('POST', '/jwt/user', { json: { external_id: 'user-1' } })
    const { token } = user.body as { token: string }
    faulty.down = true
    for (const [method, path, call] of [
      ['GET', '/jwt/project', {}],
      ['POST', '/jwt/project', { json: { name: 'x' } }],
      ['DELETE', `/jwt/project/${ID}`, {}],
      ['POST', '/jwt/user', { json: { email: 'ada@example.com' } }],
      ['DELETE', `/jwt/user/${ID}`, {}],
      ['GET', '/jwt/user/ada', {}],
      ['GET', '/me', { token }],
    ] as const) {
      const answer = await bench.call(method, path, call)
      expect(answer).toMatchObject({
        status: 503,
        body: {
          errors: [{ code: 'api_error', message: 'the token store does not answer; try again later' }],
        },
      })
      expect(answer.headers.get('retry-after')).toMatch(/^[1-9]$/)
    }
    faulty.down = false
    expect((await bench.call('GET', '/jwt/project')).status).toBe(200)
    expect((await bench.call('GET', '/me', { token })).status).toBe(200)
    await bench.close()
  })
})

describe('MagicBell', () => {
  it('answers 503 where the store fails between the check and the issue', async () => {
    const faulty = createFaultyStore()
    const bench = await startMagicBell(startExpress, {
      service: {
        store: faulty.store,
        revocation: { mode: 'bounded', maxStalenessMs: 60_000 },
        hooks: { onError: () => {} },
      },
    })
    faulty.down = true
    expect(await bench.call('POST', '/jwt/project', { json: { name: 'x' } })).toMatchObject({
      status: 503,
      body: { errors: [{ code: 'api_error' }] },
    })
    faulty.down = false
    await bench.close()
  })

  it('writes no token, key or fault into logs, warnings, headers or errors', async () => {
    const written: string[] = []
    const record = (chunk: unknown): boolean => {
      written.push(String(chunk))
      return true
    }
    vi.spyOn(process.stdout, 'write').mockImplementation(record)
    vi.spyOn(process.stderr, 'write').mockImplementation(record)
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation((warning) => {
      written.push(String(warning))
    })
    const faulty = createFaultyStore()
    const bench = await startMagicBell(startExpress, { service: { store: faulty.store } })
    const shown: string[] = []
    const call: typeof bench.call = async (method, path, more) => {
      const answer = await bench.call(method, path, more)
      shown.push(JSON.stringify([[...answer.headers], answer.status < 400 ? null : answer.body]))
      return answer
    }
    const headers = { 'idempotency-key': 'secret-idempotency-key' }
    const made = await call('POST', '/jwt/user', { json: { external_id: 'user-1' }, headers })
    const { token, token_id } = made.body as { token: string; token_id: string }
    await call('POST', '/jwt/user', { json: { external_id: 'user-2' }, headers })
    await call('GET', '/jwt/project', { token })
    await call('GET', '/me', { token: `${token}x` })
    await call('GET', `/jwt/${token}`)
    await call('DELETE', `/jwt/user/${token}`)
    await call('DELETE', `/jwt/user/${token_id}`)
    await call('GET', '/me', { token })
    faulty.down = true
    await call('POST', '/jwt/user', { json: { external_id: 'user-1' } })
    faulty.down = false
    await bench.close()
    vi.restoreAllMocks()
    expect(warn).toHaveBeenCalled()
    const all = [...written, ...shown].join('\n')
    for (const secret of [token, bench.token, 'secret-idempotency-key', 'hunter2', 'ECONNREFUSED']) {
      expect(all).not.toContain(secret)
      expect(all).not.toContain(secret.split('.').at(-1))
    }
  })

  it('answers 500 without detail and reports a fault that nobody foresaw', async () => {
    const service = await createTestService()
    const { token } = await createProjectToken(service)
    const faults: [string, string][] = []
    const broken = {
      ...service,
      issue() {
        throw new TypeError('hunter2')
      },
    }
    const handler = magicbell(broken, {
      onError: (error, where) => faults.push([error instanceof Error ? error.message : '', where]),
    })
    const host = await startExpress([{ path: '/magicbell', handler }])
    const answer = await fetch(`${host.url}/magicbell/v2/jwt/project`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: '{"name":"x"}',
    })
    expect(answer.status).toBe(500)
    expect(await answer.json()).toEqual({
      errors: [{ code: 'api_error', message: 'something went wrong here' }],
    })
    expect(faults).toEqual([['hunter2', 'magicbell']])
    await host.close()
  })
})
