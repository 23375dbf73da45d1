import { ConfigurationError, createMemoryStore, createTokenService } from '@hallpass/core'
import { describe, expect, test } from 'vitest'
import { createGuard } from '../src/guard.ts'
import { basicAuth, managementHandler, oauthClients, tokenAuthorizer } from '../src/index.ts'
import { ADMIN, createService } from './management-call.ts'

const service = await createService()

/** Calls a function as callers without types do. */
function call(made: (...given: never[]) => unknown, ...given: readonly unknown[]): () => unknown {
  return () => Reflect.apply(made, undefined, given)
}

/** The message of the ConfigurationError. */
function refusalOf(attempt: () => unknown): string {
  try {
    attempt()
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message
    throw error
  }
  return ''
}

describe('a service', () => {
  const clients = { cdn: { secret: 'pw', principal: ADMIN } }
  const takers = [
    ['createGuard', createGuard, undefined],
    ['managementHandler', managementHandler, { authorize: () => ADMIN }],
    ['tokenAuthorizer', tokenAuthorizer, undefined],
    ['oauthClients', oauthClients, { clients }],
  ] as const

  test.each(takers)('that nobody awaited is refused by %s, which says so', async (_name, taker, options) => {
    const promised = createTokenService({ issuer: 'https://promised.test', store: createMemoryStore() })
    expect(refusalOf(call(taker, promised, options))).toContain('must be awaited')
    await (await promised).close()
  })

  test.each(takers)('that is not there is refused by %s', (_name, taker, options) => {
    for (const none of [undefined, null, 7, {}, () => {}]) {
      expect(refusalOf(call(taker, none, options))).toBe('the service is missing, or is none')
    }
  })
})

test('routes without options have no authorizer', () => {
  for (const options of [undefined, null, {}]) {
    expect(refusalOf(call(managementHandler, service, options))).toBe('authorize is missing')
  }
})

describe('users and clients', () => {
  test('are named when there are none', () => {
    expect(refusalOf(call(basicAuth, {}))).toBe('users is missing')
    expect(refusalOf(call(oauthClients, service, {}))).toBe('clients is missing')
    for (const one of [undefined, null, 'ada']) {
      expect(refusalOf(call(basicAuth, { users: { ada: one } }))).toMatch(/^users: /)
      expect(refusalOf(call(oauthClients, service, { clients: { ada: one } }))).toMatch(/^clients: /)
    }
  })

  test('are named when their secret is missing', () => {
    const principal = ADMIN
    for (const secret of [undefined, null, '']) {
      const users = { root: { password: 'pw', principal }, admin: { password: secret, principal } }
      expect(refusalOf(call(basicAuth, { users }))).toBe('users.admin.password is missing')
      const clients = { cdn: { secret, principal } }
      expect(refusalOf(call(oauthClients, service, { clients }))).toBe('clients.cdn.secret is missing')
    }
  })

  test('are named when their secret is none, which is not repeated', () => {
    const principal = ADMIN
    for (const secret of [7012, ['hunter2'], {}, { scrypt: undefined }, { bcrypt: 'hunter2' }]) {
      const refusal = refusalOf(call(basicAuth, { users: { admin: { password: secret, principal } } }))
      expect(refusal).toMatch(/^users\.admin\.password is a text, or /)
      expect(refusal).not.toMatch(/hunter2|7012/)
    }
  })
})
