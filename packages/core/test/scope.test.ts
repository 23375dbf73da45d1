import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TokenRequestError } from '../src/request-error.ts'
import { grantsScope, parseScope } from '../src/scope.ts'

test('keeps the order and drops what is there already', () => {
  expect(parseScope(['files.read', 'a', 'files.read', 'https://x/y', 'a:b-c_d'])).toEqual([
    'files.read',
    'a',
    'https://x/y',
    'a:b-c_d',
  ])
  expect(parseScope([])).toEqual([])
})

test.each([
  '',
  '.',
  'a.',
  '.a',
  'a..b',
  'a b',
  'a"b',
  'a\\b',
  'a,b',
  '*',
  'a.*',
  'é',
  'a\n',
  'a'.repeat(129),
])('refuses the name %j', (name) => {
  expect(() => parseScope([name])).toThrow(TokenRequestError)
})

test('refuses other lists', () => {
  const refused: unknown[] = ['files', null, [1], [['a']], Array.from({ length: 65 }, () => 'a')]
  for (const values of refused as string[][]) {
    expect(() => parseScope(values, 'grant.scope')).toThrow(
      expect.objectContaining({ code: 'invalid_request', field: 'grant.scope' }),
    )
  }
  expect(parseScope(Array.from({ length: 64 }, (_, at) => `s${at}`))).toHaveLength(64)
  expect(parseScope(['a'.repeat(128)])).toHaveLength(1)
})

test.each([
  [['files'], ['files'], true],
  [['files'], ['files.read'], true],
  [['files'], ['files.read.all'], true],
  [['files'], ['filesystem'], false],
  [['files'], ['Files'], false],
  [['files.read'], ['files'], false],
  [['files.read'], ['files.write'], false],
  [['a', 'b'], ['a', 'b.c'], true],
  [['a'], ['a', 'b'], false],
  [['a'], [], true],
  [[], ['a'], false],
  [[], [], true],
])('%j grants %j: %s', (held, needed, expected) => {
  expect(grantsScope(held, needed)).toBe(expected)
})

test('a name grants itself and what has all its parts in front', () => {
  const name = fc
    .array(fc.constantFrom('a', 'b', 'ab'), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join('.'))
  fc.assert(
    fc.property(fc.array(name, { maxLength: 4 }), fc.array(name, { maxLength: 3 }), (held, needed) => {
      const expected = needed.every((wanted) => {
        const parts = wanted.split('.')
        return parts.some((_, at) => held.includes(parts.slice(0, at + 1).join('.')))
      })
      expect(grantsScope(held, needed)).toBe(expected)
    }),
    { numRuns: 2000 },
  )
})
