import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parsePairs, RouteError } from '../src/index.ts'

describe('parsePairs', () => {
  test('gives names and values in their order, repeated ones and all', () => {
    expect(parsePairs('a=1&b=x+y&a=%C3%B6%3D&c&=&d==&&__proto__=e')).toEqual([
      ['a', '1'],
      ['b', 'x y'],
      ['a', 'ö='],
      ['c', ''],
      ['', ''],
      ['d', '='],
      ['__proto__', 'e'],
    ])
    expect(parsePairs('')).toEqual([])
  })

  test.each(['a=%', 'a=%2', 'a=%zz', '%ff=a', 'a=%c0%af'])('refuses %s', (query) => {
    expect(() => parsePairs(query)).toThrow(RouteError)
  })

  test('reads back what URLSearchParams writes', () => {
    const text = fc.string({ unit: 'grapheme' })
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text)), (pairs) => {
        expect(parsePairs(new URLSearchParams(pairs).toString())).toEqual(pairs)
      }),
    )
  })
})
