import { ConfigurationError, createMemoryStore, createTokenService, isCost } from '@hallpass/core'
import { expect, test } from 'vitest'
import { type GuardOptions, parseGuardOptions } from '../src/guard-options.ts'

test('the defaults', () => {
  expect(parseGuardOptions({})).toMatchObject({
    fixed: {},
    cost: 1,
    target: null,
    optional: false,
    address: null,
    realm: undefined,
  })
})

/** As JavaScript callers write them. */
function parseUntyped(options: unknown): unknown {
  const parse: (options: never) => unknown = parseGuardOptions
  return Reflect.apply(parse, undefined, [options])
}

test.each([
  ['null', null],
  ['a string', 'files.read'],
  ['an option that does not exist', { scopes: ['a'] }],
  ['a scope that is text', { scope: 'a b' }],
  ['a scope name with a space', { scope: ['a b'] }],
  ['a scope name with a quote', { scope: ['a"'] }],
  ['an empty scope name', { scope: [''] }],
  ['a scope name that is a number', { scope: [1] }],
  ['a negative cost', { cost: -1 }],
  ['a cost that is NaN', { cost: Number.NaN }],
  ['a cost of a fraction', { cost: 0.1 }],
  ['a cost over a million', { cost: 1_000_001 }],
  ['a cost that is text', { cost: '1' }],
  ['an empty project', { project: '' }],
  ['a project that is a list', { project: ['a'] }],
  ['no profiles', { profiles: [] }],
  ['profiles that are text', { profiles: 'native' }],
  ['a profile by another name', { profiles: ['specter'] }],
  ['requirePaths that is text', { requirePaths: 'yes' }],
  ['optional that is a number', { optional: 1 }],
  ['no places', { from: [] }],
  ['places that are text', { from: 'header' }],
  ['a place that does not exist', { from: ['body'] }],
  ['a place of two kinds', { from: [{ query: 'a', cookie: 'a' }] }],
  ['a query name with brackets', { from: [{ query: 'a[]' }] }],
  ['an empty query name', { from: [{ query: '' }] }],
  ['a cookie name with a semicolon', { from: [{ cookie: 'a;b' }] }],
  ['the same place twice', { from: ['header', 'header'] }],
  ['the same parameter twice', { from: [{ query: 'a' }, { query: 'a' }] }],
  ['an address that is no function', { address: '127.0.0.1' }],
  ['a realm with a quote', { realm: 'a"b' }],
  ['a realm with a line break', { realm: 'a\r\nb' }],
  ['a target that is text', { target: '/cdn' }],
  ['an empty target', { target: {} }],
  ['a target without a slash', { target: { strip: 'cdn' } }],
  ['a target with a query', { target: { prepend: '/a?b' } }],
])('%s is refused at once', (_title, options) => {
  expect(() => parseUntyped(options)).toThrow(ConfigurationError)
})

test.each<[string, GuardOptions<unknown>]>([
  [
    'every option',
    {
      scope: ['files.read'],
      cost: 1_000_000,
      project: 'acme',
      profiles: ['native'],
      requirePaths: true,
      from: ['header', { query: 'token' }, { query: 'access_token' }, { cookie: '__Host-pass' }],
      target: { strip: '/a', prepend: '/b' },
      optional: true,
      address: () => null,
      realm: 'files and folders',
    },
  ],
  ['a target that only strips', { target: { strip: '/cdn' } }],
  ['a target that only prepends', { target: { prepend: '/vhost' } }],
])('%s is accepted', (_title, options) => {
  expect(parseGuardOptions(options)).toHaveProperty('readToken')
})

test('what can be charged', () => {
  expect([0, 1, 1e6].every(isCost)).toBe(true)
  expect([-0.5, 1e6 + 1, Number.NaN, Number.POSITIVE_INFINITY, '1', null, undefined, 1n].some(isCost)).toBe(
    false,
  )
})

test('a guard asks for the scopes that a token can hold, and for no other', async () => {
  const service = await createTokenService({ issuer: 'https://scopes.test', store: createMemoryStore() })
  const names = 'a a.b a..b .a a. files.* * a:b/c-d_e a+b a=b a? ~ é a\nb'.split(' ')
  const scopes = [...names.map((name) => [name]), ['x'.repeat(128)], ['x'.repeat(129)], [], ['a', 'a']]
  const many = [64, 65].map((length) => Array.from({ length }, (_, i) => `n${i}`))
  const accepted: string[] = []
  for (const scope of [...scopes, ...many]) {
    const issued = await service.issue({ scope }).catch(() => null)
    const asked = (): unknown => parseGuardOptions({ scope })
    if (issued === null) {
      expect(asked, String(scope)).toThrow(ConfigurationError)
    } else {
      expect(asked, String(scope)).not.toThrow()
      accepted.push(scope[0] ?? 'none')
    }
  }
  expect(accepted).toEqual(['a', 'a.b', 'a:b/c-d_e', 'x'.repeat(128), 'none', 'a', 'n0'])
})
