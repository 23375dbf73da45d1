import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseCustomClaims } from '../src/custom-claims.ts'
import { TokenRequestError } from '../src/request-error.ts'

test('a deep copy, and plain', () => {
  const given = {
    plan: 'pro',
    seats: 5,
    tags: ['a', { b: null }],
    on: true,
    deep: Object.assign(Object.create(null), { x: 1 }),
  }
  const copy = parseCustomClaims(given)
  expect(copy).toEqual({ plan: 'pro', seats: 5, tags: ['a', { b: null }], on: true, deep: { x: 1 } })
  given.tags.push('later')
  expect(copy.tags).toEqual(['a', { b: null }])
  expect(parseCustomClaims({})).toEqual({})
})

test('what JSON can hold within the bounds comes back unchanged', () => {
  const key = fc.string({ unit: fc.constantFrom('a', 'b', 'é', ' ', '/', '1') })
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 6 },
      fc.string({ unit: 'grapheme' }).filter((text) => !/[\0\p{Cs}]/u.test(text)),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(key, tie('value'), { maxKeys: 3 }),
    ),
  }))
  fc.assert(
    fc.property(fc.dictionary(key, value, { maxKeys: 3 }), (given) => {
      const text = JSON.stringify(given)
      fc.pre(Buffer.byteLength(text) <= 4096)
      expect(JSON.stringify(parseCustomClaims(given))).toBe(text)
    }),
  )
})

describe('bounds', () => {
  test('4096 bytes as JSON, counted in UTF-8', () => {
    const room = 4096 - '{"a":""}'.length
    expect(parseCustomClaims({ a: 'x'.repeat(room) })).toBeDefined()
    expect(() => parseCustomClaims({ a: 'x'.repeat(room + 1) })).toThrow(/4096 bytes/)
    expect(() => parseCustomClaims({ a: 'é'.repeat(room / 2 + 1) })).toThrow(/4096 bytes/)
    expect(() => parseCustomClaims({ a: '\n'.repeat(room / 2 + 1) })).toThrow(/4096 bytes/)
  })

  test('8 levels', () => {
    const nest = (levels: number): unknown => (levels === 1 ? {} : { a: nest(levels - 1) })
    const nestArrays = (levels: number): unknown => (levels === 1 ? [] : [nestArrays(levels - 1)])
    expect(parseCustomClaims(nest(8))).toBeDefined()
    expect(() => parseCustomClaims(nest(9))).toThrow(/8 levels/)
    expect(parseCustomClaims({ a: nestArrays(7) })).toBeDefined()
    expect(() => parseCustomClaims({ a: nestArrays(8) })).toThrow(/8 levels/)
  })
})

describe('refuses', () => {
  const loop: Record<string, unknown> = {}
  loop.self = loop
  const wide: unknown[] = []
  for (let at = 0; at < 1000; at++) wide.push(wide)

  test.each([
    ['MGT-08', 'a __proto__ key', JSON.parse('{"__proto__":{"admin":true}}')],
    ['MGT-08', 'a __proto__ key deep inside', JSON.parse('{"a":[{"__proto__":1}]}')],
    ['MGT-08', 'a constructor key', { a: { constructor: 1 } }],
    ['MGT-08', 'a prototype key', { prototype: 1 }],
    ['MGT-09', 'a cycle', loop],
    ['MGT-09', 'a cycle that is wide', { wide }],
    ['MGT-09', 'an array of 2^32 - 1 holes', { a: new Array(2 ** 32 - 1) }],
    ['MGT-09', '100,000 members', Object.fromEntries(Array.from({ length: 1e5 }, (_, at) => [`k${at}`, at]))],
  ])('%s %s', (_id, _what, value) => {
    const start = performance.now()
    expect(() => parseCustomClaims(value)).toThrow(TokenRequestError)
    expect(performance.now() - start).toBeLessThan(1000)
  })

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['an array', []],
    ['a text', 'a'],
    ['a class instance', new Date(0)],
    ['a class instance inside', { a: new Date(0) }],
    ['a Map', { a: new Map() }],
    ['an object with a prototype of its own', Object.create({ a: 1 })],
    ['undefined', { a: undefined }],
    ['a function', { a: () => 1 }],
    ['a toJSON method', { a: { toJSON: () => 'x' } }],
    ['a symbol', { a: Symbol('x') }],
    ['a symbol as a key', { [Symbol('x')]: 1 }],
    ['a big integer', { a: 1n }],
    ['NaN', { a: Number.NaN }],
    ['Infinity', { a: Number.POSITIVE_INFINITY }],
    ['a hole', { a: new Array(1) }],
    ['a NUL', { a: 'x\0' }],
    ['a lone surrogate', { a: '\ud800' }],
    ['a lone surrogate in a key', { '\ud800': 1 }],
    ['a quote in a key', { 'a"b': 1 }],
    ['a backslash in a key', { a: { '\\': 1 } }],
    ['a line break in a key', { 'a\n': 1 }],
  ])('%s', (_what, value) => {
    expect(() => parseCustomClaims(value)).toThrow(TokenRequestError)
  })

  const reserved =
    'iss sub aud exp nbf iat jti client_id scope project ip paths methods metered typ cnf act azp nonce auth_time acr amr sid at_hash c_hash events txn'
  test.each(reserved.split(' '))('the reserved name %s at the top, and names it', (name) => {
    expect(() => parseCustomClaims({ [name]: 1 })).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        field: 'claims',
        message: expect.stringContaining(`"${name}"`),
      }),
    )
    expect(parseCustomClaims({ mine: { [name]: 1 } })).toEqual({ mine: { [name]: 1 } })
  })
})

test('minus zero becomes zero, as in JSON', () => {
  expect(parseCustomClaims({ a: -0 }).a).toBe(0)
})
