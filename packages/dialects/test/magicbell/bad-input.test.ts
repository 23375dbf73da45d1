import { exchange } from '@hallpass/testing'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HOSTS, startExpressWithParsers } from '../hosts.ts'
import { type Bench, startMagicBell } from './start-magicbell.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

/** What every refusal looks like. */
const REFUSAL = {
  errors: [{ code: expect.stringMatching(/^[a-z_]+_error$/), message: expect.any(String) }],
}

describe.each([...HOSTS, ['Express 5 behind parsers', startExpressWithParsers] as const])(
  'MagicBell and bad input on %s',
  (_name, start) => {
    let bench: Bench
    beforeEach(async () => {
      bench = await startMagicBell(start)
    })
    afterEach(async () => {
      const good = await bench.call('POST', '/jwt/user', { json: { external_id: 'after' } })
      expect(good.status).toBe(201)
      await bench.close()
    })

    it('refuses JSON that is no object', async () => {
      for (const json of [[], ['name'], {}]) {
        for (const path of ['/jwt/project', '/jwt/user']) {
          const answer = await bench.call('POST', path, { json })
          expect(answer).toMatchObject({ status: 422, body: REFUSAL })
        }
      }
    })

    it('refuses other media types with 415', async () => {
      for (const type of [
        'application/x-www-form-urlencoded',
        'text/plain',
        'application/xml',
        'multipart/form-data',
      ]) {
        const answer = await bench.call('POST', '/jwt/project', {
          body: 'name=x',
          headers: { 'content-type': type },
        })
        expect([type, answer.status]).toEqual([type, 415])
        expect(answer.body).toMatchObject(REFUSAL)
      }
    })

    it('refuses a missing body', async () => {
      const answer = await bench.call('POST', '/jwt/user', { headers: JSON_TYPE })
      expect(answer.status).toBe(422)
      expect(await bench.call('POST', '/jwt/user')).toMatchObject({ status: 415, body: REFUSAL })
    })

    it('refuses two Authorization headers and two keys', async () => {
      const port = Number(new URL(bench.url).port)
      const bearer = ['authorization', `Bearer ${bench.token}`] as const
      const twice = await exchange(port, {
        method: 'GET',
        target: '/magicbell/v2/jwt/project',
        headers: [bearer, bearer],
      })
      expect(twice.status).toBe(401)
      expect(JSON.parse(twice.body.toString())).toMatchObject(REFUSAL)
      const keys = await exchange(port, {
        method: 'POST',
        target: '/magicbell/v2/jwt/project',
        headers: [
          bearer,
          ['content-type', 'application/json'],
          ['idempotency-key', 'a'],
          ['idempotency-key', 'b'],
        ],
        body: '{"name":"x"}',
      })
      expect(keys.status).toBe(422)
    })

    it('refuses targets that can be read in two ways', async () => {
      const port = Number(new URL(bench.url).port)
      for (const target of [
        '/magicbell/v2/jwt/user/%2e%2e',
        '/magicbell/v2/jwt/user/a%2fb',
        '/magicbell/v2/jwt/user/a%5cb',
        '/magicbell/v2/jwt/user/a%00b',
        '/magicbell/v2/jwt/user/../project',
        '/magicbell/v2/jwt/./project',
      ]) {
        const answer = await exchange(port, {
          method: 'GET',
          target,
          headers: [['authorization', `Bearer ${bench.token}`]],
        })
        expect([target, answer.status]).toEqual([target, expect.toBeOneOf([400, 404])])
        expect(answer.body.toString()).not.toContain('..')
      }
    })

    it('never answers 500, whatever the members are', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom('/jwt/project', '/jwt/user'),
          fc.dictionary(
            fc.constantFrom('name', 'email', 'external_id', 'expiry', '__proto__', 'constructor', 'toString'),
            fc.jsonValue(),
          ),
          async (path, json) => {
            const { status } = await bench.call('POST', path, { json })
            expect([201, 400, 422]).toContain(status)
          },
        ),
        { numRuns: 60 },
      )
    })
  },
)

// A parser that stands before a handler answers what it cannot read by itself, so these have none.
describe.each(HOSTS)('MagicBell and bad bodies on %s', (_name, start) => {
  let bench: Bench
  beforeEach(async () => {
    bench = await startMagicBell(start)
  })
  afterEach(() => bench.close())

  it('refuses what is not JSON, or is JSON that can be read in two ways', async () => {
    for (const body of [
      '',
      '{',
      '"name"',
      'null',
      '1',
      '{"name":"a","name":"b"}',
      '{"name":"a","n\\u0061me":"b"}',
      `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
      '\ufeff{"name":"x"}',
      '{"name":"x","expiry":1e400}',
      '{"name":"\\ud800"}',
    ]) {
      const answer = await bench.call('POST', '/jwt/project', { body, headers: JSON_TYPE })
      expect([body.slice(0, 20), answer.status]).toEqual([body.slice(0, 20), 422])
      expect(answer.body).toMatchObject(REFUSAL)
    }
  })

  it('refuses a body of 1 MB with 413', async () => {
    const body = JSON.stringify({ name: 'x'.repeat(1024 * 1024) })
    expect(await bench.call('POST', '/jwt/project', { body, headers: JSON_TYPE })).toMatchObject({
      status: 413,
      body: REFUSAL,
    })
  })
})
