import {
  type AccessRequest,
  ConfigurationError,
  createMemoryStore,
  createTokenService,
  type IssueInput,
  type TokenService,
} from '@hallpass/core'
import { beforeAll, describe, expect, expectTypeOf, test, vi } from 'vitest'
import { type Auth, createGuard, type Guard, type GuardOptions, type GuardResult } from '../src/guard.ts'
import { createIncoming } from './incoming-message.ts'

let service: TokenService
beforeAll(async () => {
  service = await createTokenService({ issuer: 'https://guard.test', store: createMemoryStore() })
})

interface Request {
  readonly lines?: readonly (readonly [string, string])[]
  readonly method?: string
  readonly target?: string | null
  readonly native?: string
}

function ask(options: GuardOptions<string>, request: Request): GuardResult | Promise<GuardResult> {
  const { lines = [], method = 'GET', target = '/files/a.txt', native = 'native' } = request
  return createGuard<string>(service, options)(createIncoming(lines, { method }), target, native)
}

async function askWithToken(
  input: IssueInput,
  options: GuardOptions<string>,
  request: Request = {},
): Promise<GuardResult> {
  const { token } = await service.issue(input)
  return ask(options, { ...request, lines: [...(request.lines ?? []), ['Authorization', `Bearer ${token}`]] })
}

const seen = (result: GuardResult): string => (result.pass ? 'pass' : result.denial.code)

describe('a guard', () => {
  test('answers without a promise where the store does', async () => {
    const { token } = await service.issue({ subject: 'ada' })
    const result = ask({}, { lines: [['Authorization', `Bearer ${token}`]] })
    expect(result).not.toBeInstanceOf(Promise)
    expect(result).toMatchObject({
      pass: true,
      auth: { token: { subject: 'ada' }, spend: null },
      headers: {},
    })
  })

  test('hands over token, claims, record and spend, and nothing else', async () => {
    const result = await askWithToken({ credits: 5 }, { cost: 2 })
    expect(result.pass && Object.keys(result.auth ?? {})).toEqual(['token', 'claims', 'record', 'spend'])
    expect(result).toMatchObject({ auth: { spend: { cost: 2, remaining: 3 } } })
  })

  test('asks the service with the facts of the request and the rules of its options', async () => {
    const asked: AccessRequest[] = []
    const watched: TokenService = {
      ...service,
      authorize(token, request) {
        asked.push(request)
        return service.authorize(token, request)
      },
    }
    const guard = createGuard<string>(watched, {
      scope: ['a', 'b'],
      project: 'acme',
      profiles: ['native'],
      requirePaths: true,
      cost: (native) => native.length,
      address: () => '203.0.113.9',
      target: { strip: '/cdn', prepend: '/host' },
    })
    guard(createIncoming([['Authorization', 'Bearer x']], { method: 'POST' }), '/cdn/a?b', 'seven77')
    guard(createIncoming([['Authorization', 'Bearer x']], { method: 'PUT' }), '/other', '')
    guard(createIncoming([['Authorization', 'Bearer x']], { method: 'PUT' }), null, '')
    const fixed = { scope: ['a', 'b'], project: 'acme', profiles: ['native'], requirePaths: true }
    const facts = { address: '203.0.113.9' }
    expect(asked).toEqual([
      { ...fixed, ...facts, target: '/host/a?b', method: 'POST', cost: 7 },
      { ...fixed, ...facts, target: '', method: 'PUT', cost: 0 },
      { ...fixed, ...facts, target: null, method: 'PUT', cost: 0 },
    ])
  })

  test('waits for a store that answers with promises', async () => {
    const slow: TokenService = {
      ...service,
      authorize: async (token, request) => service.authorize(token, request),
    }
    const { token } = await service.issue({})
    const result = createGuard<null>(slow)(createIncoming([['Authorization', `Bearer ${token}`]]), '/', null)
    expect(result).toBeInstanceOf(Promise)
    expect(await result).toMatchObject({ pass: true })
  })

  test('refuses a token that is bound to a path, an address or a method where the host knows none', async () => {
    expect(seen(await askWithToken({ paths: ['/**'] }, {}, { target: null }))).toBe('path_denied')
    expect(seen(await askWithToken({}, {}, { target: null }))).toBe('pass')
    const { token } = await service.issue({ httpMethods: ['GET'] })
    const incoming = createIncoming([['Authorization', `Bearer ${token}`]])
    delete incoming.method
    expect(createGuard<null>(service)(incoming, '/', null)).toMatchObject({
      denial: { code: 'method_denied' },
    })
    expect(seen(await askWithToken({ ip: ['127.0.0.1'] }, { address: () => null }))).toBe('ip_denied')
    // As Express's `req.ip` is, when the client has gone.
    expect(seen(await askWithToken({ ip: ['127.0.0.1'] }, { address: () => undefined }))).toBe('ip_denied')
    expect(seen(await askWithToken({}, { address: () => undefined }))).toBe('pass')
  })

  test('puts its realm into every challenge', async () => {
    const bare = await ask({ realm: 'files' }, {})
    const bad = await ask({ realm: 'files' }, { lines: [['Authorization', 'Bearer x']] })
    expect(
      [bare, bad].map((result) => (result.pass ? null : result.response.headers['www-authenticate'])),
    ).toEqual(['Bearer realm="files"', 'Bearer realm="files", error="invalid_token"'])
  })

  test('copies its options', async () => {
    const scope = ['reports']
    const from: ('header' | { query: string })[] = ['header']
    const guard = createGuard<null>(service, { scope, from })
    scope.length = 0
    from[0] = { query: 'token' }
    const { token } = await service.issue({})
    const incoming = createIncoming([['Authorization', `Bearer ${token}`]])
    expect(guard(incoming, '/', null)).toMatchObject({
      denial: { code: 'scope_denied', details: { scope: ['reports'] } },
    })
  })
})

describe('the place of the token', () => {
  const from: GuardOptions<string>['from'] = ['header', { query: 'token' }, { cookie: 'pass' }]

  test.each([
    ['header', {}],
    ['query', { 'referrer-policy': 'no-referrer', 'cache-control': 'private, no-cache' }],
    ['cookie', { 'cache-control': 'private, no-cache' }],
  ])('%s says which headers the answer gets', async (place, headers) => {
    const { token } = await service.issue({})
    const lines: Record<string, [string, string][]> = {
      header: [['Authorization', `Bearer ${token}`]],
      cookie: [['Cookie', `pass=${token}`]],
    }
    const target = place === 'query' ? `/a?token=${token}` : '/a'
    expect(await ask({ from }, { lines: lines[place] ?? [], target })).toMatchObject({ pass: true, headers })
  })

  test('SEC-31 a refused token of the query is kept out of the referrer, and out of the answer', async () => {
    const { token } = await service.issue({ paths: ['/other'] })
    const result = await ask({ from }, { target: `/a?token=${token}` })
    expect(result).toMatchObject({
      denial: { code: 'path_denied' },
      response: { headers: { 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' } },
    })
    expect(JSON.stringify(result)).not.toContain(token)
  })

  test('CAR-40 an ambiguous request whose guard reads the query is kept out of the referrer', async () => {
    const result = await ask({ from }, { target: '/a?token=x&token=y' })
    expect(result).toMatchObject({
      denial: { code: 'request_ambiguous' },
      response: { status: 400, headers: { 'referrer-policy': 'no-referrer' } },
    })
  })

  test('an optional guard passes nothing but the absence of a token', async () => {
    expect(await ask({ optional: true }, {})).toEqual({ pass: true, auth: null, headers: null })
    expect(await ask({ optional: true }, { lines: [['Authorization', 'Bearer x']] })).toMatchObject({
      pass: false,
    })
    expect(await ask({ optional: true }, { lines: [['Authorization', 'Bearer']] })).toMatchObject({
      pass: false,
    })
  })
})

describe('the cost', () => {
  const spent = async (options: GuardOptions<string>, method: string): Promise<unknown> => {
    const result = await askWithToken({ credits: 1000 }, options, { method })
    return result.pass && (result.auth?.spend?.cost ?? 0)
  }

  test('is one credit unless something else is said, and nothing for HEAD and OPTIONS', async () => {
    expect(await Promise.all(['GET', 'POST', 'HEAD', 'OPTIONS'].map((method) => spent({}, method)))).toEqual([
      1, 1, 0, 0,
    ])
    expect(await Promise.all(['GET', 'HEAD'].map((method) => spent({ cost: 7 }, method)))).toEqual([7, 0])
    expect(await Promise.all(['GET', 'HEAD'].map((method) => spent({ cost: () => 7 }, method)))).toEqual([
      7, 7,
    ])
    expect(await spent({ cost: 0 }, 'GET')).toBe(0)
  })

  test.each([
    ['CRD-31 NaN', Number.NaN],
    ['CRD-32 infinity', Number.POSITIVE_INFINITY],
    ['CRD-33 a negative number', -1],
    ['CRD-34 a fraction', 1.5],
    ['CRD-35 more than a million', 1_000_001],
    ['CRD-36 nothing', undefined],
    ['CRD-37 null', null],
    ['CRD-38 a number as text', '1'],
    ['CRD-39 a promise', Promise.resolve(1)],
    ['CRD-40 a big integer', 1n],
  ])('%s from a cost function never lets pass', async (_title, value: unknown) => {
    const authorize = vi.fn(service.authorize)
    const cost: () => number = vi.fn().mockReturnValue(value)
    const guard = createGuard<null>({ ...service, authorize }, { cost })
    expect(() => guard(createIncoming([['Authorization', 'Bearer x']]), '/', null)).toThrow(
      ConfigurationError,
    )
    expect(authorize).not.toHaveBeenCalled()
  })

  test('CRD-41 what a cost function throws goes on unchanged', async () => {
    const fault = new Error('the price list is gone')
    const cost = (): number => {
      throw fault
    }
    expect(() => ask({ cost }, { lines: [['Authorization', 'Bearer x']] })).toThrow(fault)
  })
})

test('SEC-32 neither a denial nor its response holds the token', async () => {
  const { token } = await service.issue({ scope: ['a'] })
  const changed = `${token.slice(0, -6)}AAAAAA`
  for (const text of [token, changed, `${token}.x`]) {
    const result = await ask({ scope: ['b'] }, { lines: [['Authorization', `Bearer ${text}`]] })
    expect(result.pass).toBe(false)
    expect(JSON.stringify(result)).not.toContain(text)
  }
})

test('types: the native request of the host reaches its functions, and a general guard fits every host', () => {
  expectTypeOf(createGuard<string>).returns.toEqualTypeOf<Guard<string>>()
  expectTypeOf<GuardOptions<string>['cost']>().toEqualTypeOf<
    number | ((native: string) => number) | undefined
  >()
  expectTypeOf<GuardOptions<unknown>>().toExtend<GuardOptions<string>>()
  expectTypeOf<GuardOptions<string>>().not.toExtend<GuardOptions<unknown>>()
  expectTypeOf<Auth['token']['subject']>().toEqualTypeOf<string>()
  expectTypeOf<Extract<GuardResult, { pass: false }>>().toHaveProperty('response')
  // @ts-expect-error a misspelt limit is no option
  expect(() => createGuard(service, { scopes: ['a'] })).toThrow('no option `scopes`')
})
