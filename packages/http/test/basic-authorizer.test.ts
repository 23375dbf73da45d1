import { expect, test, vi } from 'vitest'
import { basicAuth, hashPassword, managementHandler } from '../src/index.ts'
import { ADMIN, createService, send } from './management-call.ts'

const service = await createService()
const PASSWORD = 'p\u00e4ss:word'
const authorize = basicAuth({
  users: {
    ada: { password: PASSWORD, principal: { ...ADMIN, id: 'ada' } },
    bob: {
      password: { scrypt: await hashPassword('hashed') },
      principal: { ...ADMIN, id: 'bob', can: ['list'] },
    },
  },
  realm: 'tokens',
})
const handler = managementHandler(service, { authorize })

function basic(credentials: string): { headers: [string, string][] } {
  return { headers: [['authorization', `Basic ${Buffer.from(credentials).toString('base64')}`]] }
}

test('lets known names with their passwords in', async () => {
  expect(await send(handler, 'POST', '/', { json: {}, ...basic(`ada:${PASSWORD}`) })).toMatchObject({
    status: 201,
    json: { createdBy: 'ada', subject: 'ada' },
  })
  expect(await send(handler, 'GET', '/', basic('bob:hashed'))).toMatchObject({ status: 200 })
  expect(await send(handler, 'POST', '/', { json: {}, ...basic('bob:hashed') })).toMatchObject({
    status: 403,
  })
})

test('asks everybody else to authenticate', async () => {
  for (const sent of [
    {},
    basic('ada:wrong'),
    basic('nobody:x'),
    basic('ada'),
    basic(':'),
    basic(`ADA:${PASSWORD}`),
  ]) {
    const got = await send(handler, 'GET', '/', sent)
    expect(got).toMatchObject({ status: 401, json: { error: 'authentication_required' } })
    expect(got.headers['www-authenticate']).toBe('Basic realm="tokens", charset="UTF-8"')
  }
})

test.each([
  ['SEC-09', 'Bearer YWRhOngK'],
  ['SEC-09', 'Basic'],
  ['SEC-09', 'Basic '],
  ['SEC-09', 'Basic  YWRhOng='],
  ['SEC-09', 'Basic YWRhOng=, Basic YWRhOng='],
  ['SEC-09', 'Basic YWRhOng'],
  ['SEC-09', 'Basic YWRh*Ong='],
  ['SEC-09', `Basic ${Buffer.from([0x61, 0x3a, 0xff]).toString('base64')}`],
  ['SEC-09', `Basic ${Buffer.from('ada:\u0000').toString('base64')}`],
  ['SEC-09', `Basic ${'QUFB'.repeat(3000)}`],
])('%s a header %j is nobody’s', async (_id, authorization) => {
  const got = await send(handler, 'GET', '/', { headers: [['authorization', authorization]] })
  expect(got).toMatchObject({ status: 401 })
})

test('SEC-10 a third guess at once → 429 with Retry-After', async () => {
  const guesses = ['a', 'b', 'c', 'd'].map((guess) => send(handler, 'GET', '/', basic(`ada:${guess}`)))
  const answers = await Promise.all(guesses)
  expect(answers.map(({ status }) => status).toSorted()).toEqual([401, 401, 429, 429])
  const refused = answers.find(({ status }) => status === 429)
  expect(refused).toMatchObject({ json: { error: 'too_many_attempts' }, headers: { 'retry-after': '1' } })
})

test('SEC-11 a password is in no answer and no warning', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const failing = managementHandler(service, {
    async authorize(call) {
      await authorize(call)
      throw new Error(`no luck with ${call.headers.get('authorization')} ${PASSWORD}`)
    },
  })
  const got = await send(failing, 'GET', '/', basic(`ada:${PASSWORD}`))
  expect(got.status).toBe(503)
  const said = JSON.stringify(warn.mock.calls) + got.text + JSON.stringify(got.headers)
  expect(said).toContain('authorize failed (Error)')
  expect(said).not.toContain(PASSWORD)
  expect(said).not.toContain(Buffer.from(`ada:${PASSWORD}`).toString('base64'))
  warn.mockRestore()
})

test('options are checked at once and copied', async () => {
  const user = { password: 'x', principal: ADMIN }
  expect(() => basicAuth({ users: { 'a:b': user } })).toThrow('users')
  expect(() => basicAuth({ users: { '': user } })).toThrow('users')
  expect(() => basicAuth({ users: { 'a\n': user } })).toThrow('users')
  expect(() => basicAuth({ users: { ada: user }, realm: 'a"b' })).toThrow('realm')
  // @ts-expect-error a principal without actions
  expect(() => basicAuth({ users: { ada: { password: 'x', principal: { id: 'x' } } } })).toThrow('users')
  const can: ('list' | 'issue')[] = ['list']
  const copied = basicAuth({ users: { eve: { password: 'x', principal: { ...ADMIN, can } } } })
  can.push('issue')
  const own = managementHandler(service, { authorize: copied })
  expect(await send(own, 'POST', '/', { json: {}, ...basic('eve:x') })).toMatchObject({ status: 403 })
})
