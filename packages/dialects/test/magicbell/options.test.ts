import { createTestService } from '@hallpass/core/testing'
import { createClock } from '@hallpass/testing'
import { describe, expect, it } from 'vitest'
import { createProjectToken, type MagicBellWire } from '../../src/index.ts'
import { startExpress } from '../hosts.ts'
import { startMagicBell } from './start-magicbell.ts'

describe('createProjectToken', () => {
  it('makes the first token of a project, which never expires unless it is told', async () => {
    const service = await createTestService({ now: createClock().now })
    const first = await createProjectToken(service)
    expect(first.record).toMatchObject({ project: 'default', name: 'project token', expiresAt: null })
    const second = await createProjectToken(service, { project: 'acme', name: 'ci', expiresIn: '90 days' })
    expect(second.record).toMatchObject({ project: 'acme', name: 'ci', remainingSeconds: 90 * 86_400 })
  })

  it('gives the same token again under an idempotency key, so that a start script can print it', async () => {
    const service = await createTestService()
    const options = { project: 'acme', idempotencyKey: 'first-token' }
    const { token } = await createProjectToken(service, options)
    expect((await createProjectToken(service, options)).token).toBe(token)
  })
})

describe('magicbell options', () => {
  it('give tokens without an expiry a life', async () => {
    const bench = await startMagicBell(startExpress, { magicbell: { defaultExpirySeconds: 3600 } })
    for (const json of [{ external_id: 'user-1' }, { external_id: 'user-1', expiry: null }]) {
      const { body } = await bench.call('POST', '/jwt/user', { json })
      expect(body).toMatchObject({ expires_at: '2026-11-21T13:00:00.000Z' })
    }
    const { body } = await bench.call('POST', '/jwt/user', { json: { external_id: 'user-1', expiry: 60 } })
    expect(body).toMatchObject({ expires_at: '2026-11-21T12:01:00.000Z' })
    await bench.close()
  })

  it('hold to the longest life of the service', async () => {
    const bench = await startMagicBell(startExpress, {
      service: { limits: { maxLifeSeconds: 3600 } },
      expiresIn: 3600,
    })
    for (const json of [{ name: 'x' }, { name: 'x', expiry: 3601 }]) {
      const { status, body } = await bench.call('POST', '/jwt/project', { json })
      expect(status).toBe(422)
      expect(body).toMatchObject({ errors: [{ message: expect.stringMatching(/^expiry\b/) }] })
    }
    expect((await bench.call('POST', '/jwt/project', { json: { name: 'x', expiry: 3600 } })).status).toBe(201)
    await bench.close()
  })

  it('make links absolute', async () => {
    const baseUrl = 'https://tokens.example/magicbell/v2'
    const bench = await startMagicBell(startExpress, { magicbell: { baseUrl } })
    for (const name of ['a', 'b']) await bench.call('POST', '/jwt/project', { json: { name } })
    const { body } = await bench.call('GET', '/jwt/project?limit=1')
    const { links } = body as MagicBellWire.TokenListJson
    expect(links.first).toBe(`${baseUrl}/jwt/project?limit=1`)
    expect(links.next).toMatch(`${baseUrl}/jwt/project?limit=1&starting_after=`)
    const document = await bench.call('GET', '/openapi.json', { token: null })
    expect(document.body).toMatchObject({ servers: [{ url: baseUrl }] })
    await bench.close()
  })
})
