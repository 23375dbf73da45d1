import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { TokenService } from '@hallpass/core'
import { createTestService, issueTestToken } from '@hallpass/core/testing'
import type { ExecutionContext } from '@nestjs/common'
import { beforeEach, describe, expect, test } from 'vitest'
import { RequireToken, readAuth, TokenDeniedException, TokenGuard } from '../src/index.ts'
import { createContext } from './execution-context.ts'

class Gateway {
  @RequireToken({ scope: ['chat'] })
  say(): void {}

  @RequireToken({ cost: 1 })
  pay(): void {}
}

/** As a gateway's user writes it: the token comes with each message. */
class MessageGuard extends TokenGuard {
  override getRequest(context: ExecutionContext): unknown {
    const { token } = context.switchToWs().getData<{ token: string }>()
    return { headers: { authorization: `Bearer ${token}` } }
  }
}

/** The request that opened the connection, handed over as it is. */
class HandshakeGuard extends TokenGuard {
  override getRequest(context: ExecutionContext): unknown {
    return context.switchToWs().getClient<{ request: unknown }>().request
  }
}

let service: TokenService
beforeEach(async () => {
  service = await createTestService()
})

function message(token: string, method = 'say'): ExecutionContext {
  return createContext('ws', [{}, { token }], Gateway, method)
}

async function denialOf(outcome: () => unknown): Promise<string> {
  try {
    await outcome()
    return 'none'
  } catch (error) {
    if (error instanceof TokenDeniedException) return error.code
    throw error
  }
}

describe('a guard of messages', () => {
  test('lets a good token in, and says whose it is', async () => {
    const { token } = await issueTestToken(service, { scope: ['chat'] })
    const context = message(token)
    expect(await new MessageGuard(service).canActivate(context)).toBe(true)
    expect(readAuth(context)?.token.subject).toBe('test-subject')
  })

  test('asks for what the decorator says', async () => {
    const { token } = await issueTestToken(service, { scope: ['mail'] })
    expect(await denialOf(() => new MessageGuard(service).canActivate(message(token)))).toBe('scope_denied')
  })

  test.each([
    ['CAR-60', 'an address', { ip: ['0.0.0.0/0', '::/0'] }, 'ip_denied'],
    ['CAR-61', 'paths', { paths: ['/**'] }, 'path_denied'],
    ['CAR-62', 'methods', { httpMethods: ['GET', 'POST'] }, 'method_denied'],
  ])('%s a token that is bound to %s opens no message', async (_id, _what, limits, code) => {
    const { token } = await issueTestToken(service, { scope: ['chat'], ...limits })
    expect(await denialOf(() => new MessageGuard(service).canActivate(message(token)))).toBe(code)
  })

  test('CAR-63 the target, method and address of the handshake are not those of a message', async () => {
    const headers = (token: string): object => ({
      rawHeaders: ['Authorization', `Bearer ${token}`],
      url: '/socket',
      method: 'GET',
      socket: { remoteAddress: '127.0.0.1' },
    })
    const open = await issueTestToken(service, { scope: ['chat'] })
    const bound = await issueTestToken(service, { scope: ['chat'], paths: ['/socket'] })
    const context = (token: string): ExecutionContext =>
      createContext('ws', [{ request: headers(token) }, {}], Gateway, 'say')
    const guard = new HandshakeGuard(service)
    expect(await guard.canActivate(context(open.token))).toBe(true)
    expect(await denialOf(() => guard.canActivate(context(bound.token)))).toBe('path_denied')
  })

  test('CAR-64 what carries no headers carries no token', async () => {
    for (const request of [
      undefined,
      null,
      'text',
      7,
      {},
      { headers: null },
      { headers: { authorization: 7 } },
    ]) {
      const context = createContext('ws', [{ request }, {}], Gateway, 'say')
      expect(await denialOf(() => new HandshakeGuard(service).canActivate(context))).toBe('token_missing')
    }
    const context = createContext('ws', [{}, {}], Gateway, 'say')
    expect(await denialOf(() => new TokenGuard(service).canActivate(context))).toBe('token_missing')
  })

  test('CAR-65 two Authorization headers of a message are ambiguous', async () => {
    const { token } = await issueTestToken(service, { scope: ['chat'] })
    const request = { headers: { authorization: [`Bearer ${token}`, `Bearer ${token}`] } }
    const context = createContext('ws', [{ request }, {}], Gateway, 'say')
    expect(await denialOf(() => new HandshakeGuard(service).canActivate(context))).toBe('request_ambiguous')
  })

  test('CAR-66 every message over one connection is charged', async () => {
    const { token } = await issueTestToken(service, { credits: 2 })
    const guard = new MessageGuard(service)
    const client = {}
    const data = { token }
    const pay = (): unknown => guard.canActivate(createContext('ws', [client, data], Gateway, 'pay'))
    expect([await denialOf(pay), await denialOf(pay), await denialOf(pay)]).toEqual([
      'none',
      'none',
      'credits_exhausted',
    ])
  })

  test('calls and operations keep their token where their kind has a place for it', async () => {
    const { token } = await issueTestToken(service, { scope: ['chat'] })
    class ArgumentGuard extends TokenGuard {
      override getRequest(): unknown {
        return { headers: { authorization: `Bearer ${token}` } }
      }
    }
    const guard = new ArgumentGuard(service)
    const call = createContext('rpc', [{}, {}], Gateway, 'say')
    const operation = createContext('graphql', [null, {}, {}, {}], Gateway, 'say')
    const nowhere = createContext('rpc', ['data', null], Gateway, 'say')
    for (const context of [call, operation, nowhere]) expect(await guard.canActivate(context)).toBe(true)
    expect(
      [readAuth(call), readAuth(operation), readAuth(nowhere)].map((auth) => auth?.token.subject),
    ).toEqual(['test-subject', 'test-subject', undefined])
  })

  test('a GraphQL operation has the target of the request it came with', async () => {
    const { token } = await issueTestToken(service, { scope: ['chat'], paths: ['/graphql'] })
    class OperationGuard extends TokenGuard {
      override getRequest(context: ExecutionContext): unknown {
        return context.getArgByIndex<{ req: unknown }>(2).req
      }
    }
    const req = {
      rawHeaders: ['Authorization', `Bearer ${token}`],
      url: '/graphql?x',
      method: 'POST',
      socket: { remoteAddress: '127.0.0.1' },
    }
    const guard = new OperationGuard(service)
    const operation = (url: string): ExecutionContext =>
      createContext('graphql', [null, {}, { req: { ...req, url } }, {}], Gateway, 'say')
    expect(await guard.canActivate(operation('/graphql?x'))).toBe(true)
    expect(await denialOf(() => guard.canActivate(operation('/other')))).toBe('path_denied')
  })
})

class Items {
  @RequireToken({})
  read(): void {}
}

test('CAR-85 a request that is made of an admitted one is decided on by itself', async () => {
  const { token } = await issueTestToken(service, { paths: ['/items/1'] })
  const guard = new TokenGuard(service)
  const admitted = toRequest('/items/1', token)
  const ask = (request: IncomingMessage): Promise<string> => {
    const response = Object.assign(new ServerResponse(request), { header: () => {} })
    return denialOf(() => guard.canActivate(createContext('http', [request, response], Items, 'read')))
  }
  const other = { url: '/items/2', originalUrl: '/items/2' }
  expect(await ask(admitted)).toBe('none')
  expect(await ask(Object.assign(Object.create(admitted), other))).toBe('path_denied')
  expect(await ask(Object.assign(toRequest('/items/2', token), admitted, other))).toBe('path_denied')
  expect(await ask(admitted)).toBe('none')
})

function toRequest(url: string, token: string): IncomingMessage {
  const request = new IncomingMessage(new Socket())
  request.rawHeaders.push('Authorization', `Bearer ${token}`)
  return Object.assign(request, { method: 'GET', url, originalUrl: url })
}
