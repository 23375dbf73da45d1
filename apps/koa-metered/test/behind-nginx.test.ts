import { randomBytes } from 'node:crypto'
import type { Demo } from '@hallpass/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callTokens, issueToken, readRemaining, send } from './api-client.ts'
import { useDatabases } from './databases.ts'
import { createDataDir, startDemo } from './demo-process.ts'
import { hasNginx, type Nginx, startNginx } from './nginx.ts'

const QUOTE = '/v1/quotes?to=NO&grams=1500'

const databases = useDatabases()

describe.skipIf(!hasNginx())('two processes on one PostgreSQL behind nginx', () => {
  const cleanUps: (() => void | Promise<void>)[] = []
  const atEnd = (cleanUp: () => void | Promise<void>): void => void cleanUps.unshift(cleanUp)
  let demos: { readonly here: Demo; readonly there: Demo }
  let nginx: Nginx
  let origin: string

  beforeAll(async () => {
    const env = {
      DATABASE_URL: await databases.postgres(),
      HALLPASS_SECRET: randomBytes(32).toString('base64url'),
      DATA_DIR: createDataDir(atEnd),
      TRUSTED_PROXIES: '127.0.0.1',
    }
    const [here, there] = await Promise.all([startDemo(env, atEnd), startDemo(env, atEnd)])
    demos = { here, there }
    nginx = await startNginx([new URL(here.origin).port, new URL(there.origin).port])
    atEnd(nginx.stop)
    origin = nginx.origin
  })
  afterAll(async () => {
    for (const cleanUp of cleanUps) await cleanUp()
  })

  it('grant exactly the credits there are, whichever of them is asked', async () => {
    const { token, id } = await issueToken(origin, { credits: 50 })
    const answers = await Promise.all(Array.from({ length: 80 }, () => send(origin, QUOTE, { token })))
    const served = answers.filter(({ status }) => status === 200)
    expect(served).toHaveLength(50)
    expect(answers.filter(({ status }) => status === 402)).toHaveLength(30)
    expect(served.map(({ remaining }) => remaining).sort((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 50 }, (_, index) => index),
    )
    for (const demo of [demos.here, demos.there]) {
      expect(await readRemaining(demo.origin, id)).toBe(0)
      expect(nginx.readLog()).toContain(` 200 127.0.0.1:${new URL(demo.origin).port}\n`)
    }
  })

  it('refuse on the next request what the other one has revoked', async () => {
    const { here, there } = demos
    const { token, id } = await issueToken(origin, { credits: 5 })
    for (const each of [here, there]) expect((await send(each.origin, QUOTE, { token })).status).toBe(200)
    expect((await callTokens(here.origin, `/${id}`, 'DELETE')).status).toBe(200)
    for (const each of [there.origin, here.origin, origin, origin]) {
      expect((await send(each, QUOTE, { token })).error).toBe('token_revoked')
    }
    expect((await callTokens(there.origin, `/${id}`)).body).toContain('"remaining":3')
  })

  it('take the address that nginx saw, whatever the client writes to the left of it', async () => {
    const { token } = await issueToken(origin, { credits: 50, ip: ['127.0.0.2'] })
    const ask = async (
      from: string,
      forwarded: readonly string[] = [],
      at: string = origin,
    ): Promise<string | number> => {
      const headers = forwarded.length === 0 ? {} : { 'x-forwarded-for': forwarded }
      const { status, error } = await send(at, QUOTE, { token, from, headers })
      return error ?? status
    }
    expect(await ask('127.0.0.2')).toBe(200)
    expect(await ask('127.0.0.2', ['203.0.113.9'])).toBe(200)
    expect(await ask('127.0.0.2', ['203.0.113.9', 'garbage'])).toBe(200)
    expect(await ask('127.0.0.3')).toBe('ip_denied')
    expect(await ask('127.0.0.3', ['127.0.0.2'])).toBe('ip_denied')
    expect(await ask('127.0.0.3', ['127.0.0.2', '127.0.0.2, 127.0.0.2'])).toBe('ip_denied')
    // Past nginx, from an address that is not trusted to say whom it speaks for.
    expect(await ask('127.0.0.3', ['127.0.0.2'], demos.here.origin)).toBe('ip_denied')
  })

  it.each([
    '/v1/x/../quotes?to=NO&grams=1500',
    '/v1/x/%2e%2e/quotes?to=NO&grams=1500',
    '/v1//quotes?to=NO&grams=1500',
    '/v1/%71uotes%2f?to=NO&grams=1500',
    '/V1/quotes?to=NO&grams=1500',
  ])('hold the paths of a token to the target as it was sent: %s', async (target) => {
    const { token, id } = await issueToken(origin, { credits: 5, paths: ['/v1/quotes'] })
    const { status } = await send(origin, target, { token })
    expect([400, 403, 404]).toContain(status)
    expect(await readRemaining(origin, id)).toBe(5)
  })

  it('write no query into the access log', async () => {
    const { token } = await issueToken(origin, { credits: 5 })
    await send(origin, `${QUOTE}&token=${token}`, {})
    const log = nginx.readLog()
    expect(log).toContain('"GET /v1/quotes" 401 ')
    expect(log).not.toContain('grams=')
    expect(log).not.toContain(token)
  })

  it('charge a request once at most, also when one of them is killed in the middle', async () => {
    const { token, id } = await issueToken(origin, { credits: 1000 })
    const asking = Array.from({ length: 200 }, () => send(origin, QUOTE, { token }))
    await asking[20]
    await demos.there.stop('SIGKILL')
    const answers = await Promise.all(asking)
    const served = answers.filter(({ status }) => status === 200).length
    const failed = answers.filter(({ status }) => status >= 500).length
    expect(served + failed).toBe(200)
    const spent = 1000 - (await readRemaining(demos.here.origin, id))
    expect(spent).toBeGreaterThanOrEqual(served)
    expect(spent).toBeLessThanOrEqual(served + failed)
    expect((await send(demos.here.origin, QUOTE, { token })).status).toBe(200)
  })
})
