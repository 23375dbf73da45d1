import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createTokenReader, type FoundToken, type TokenPlace } from '../src/token-source.ts'
import { createIncoming } from './incoming-message.ts'

const EVERYWHERE: readonly TokenPlace[] = ['header', { query: 't' }, { cookie: 'c' }]

type Lines = readonly (readonly [string, string])[]

function read(lines: Lines, target: string = '/', from: readonly TokenPlace[] = EVERYWHERE): FoundToken {
  return createTokenReader(from)(createIncoming(lines), target)
}

const shown = (found: FoundToken): string => (found.outcome === 'found' ? found.token : found.outcome)
const header = (value: string): string => shown(read([['Authorization', value]], '/', ['header']))
const query = (target: string): string => shown(read([], target, [{ query: 't' }]))
const cookie = (...values: string[]): string =>
  shown(
    read(
      values.map((value) => ['Cookie', value] as const),
      '/',
      [{ cookie: 'c' }],
    ),
  )

describe('the header', () => {
  test.each([
    ['Bearer abc', 'abc'],
    ['bearer abc', 'abc'],
    ['BEARER a.b-c_d~e+f/g==', 'a.b-c_d~e+f/g=='],
    ['', 'missing'],
    ['abc', 'missing'],
    ['Basic Bearer', 'missing'],
    ['Bearerx abc', 'missing'],
    ['Bearer=abc', 'missing'],
    ['Bear abc', 'missing'],
    ['Bearer', 'ambiguous'],
    ['Bearer ', 'ambiguous'],
    ['Bearer  abc', 'ambiguous'],
    ['Bearer\tabc', 'ambiguous'],
    ['Bearer,abc', 'ambiguous'],
    ['Bearer abc ', 'ambiguous'],
    ['Bearer abc def', 'ambiguous'],
    ['Bearer abc,def', 'ambiguous'],
    ['Bearer abc\tdef', 'ambiguous'],
    ['Bearer abc\u00a0def', 'abc\u00a0def'],
  ])('%j → %s', (value, expected) => {
    expect(header(value)).toBe(expected)
  })

  test('CAR-41 two lines are ambiguous, whatever they hold and however they are spelt', () => {
    for (const [first, second] of [
      ['Bearer a', 'Bearer a'],
      ['Basic x', 'Bearer a'],
      ['', ''],
    ] as const) {
      expect(
        shown(
          read(
            [
              ['Authorization', first],
              ['aUTHORIZATION', second],
            ],
            '/',
            ['header'],
          ),
        ),
      ).toBe('ambiguous')
    }
  })

  test('a line that only resembles it is not it', () => {
    expect(shown(read([['Authorizatiom', 'Bearer a']], '/', ['header']))).toBe('missing')
  })
})

describe('the query', () => {
  test.each([
    ['/', 'missing'],
    ['/?', 'missing'],
    ['/?x=1&T=2&tt=3&xt=4', 'missing'],
    ['/?t=abc', 'abc'],
    ['/?x=1&t=abc&y', 'abc'],
    ['/?%74=abc', 'abc'],
    ['/?t=a%62c', 'abc'],
    ['/?t=a=b', 'a=b'],
    ['/?t=a?b', 'a?b'],
    ['/?t=%zz', '%zz'],
    ['/?%zz=1&t=a', 'a'],
    ['/?t=a+b', 'a+b'],
    ['/?t', ''],
    ['/?t=', ''],
    ['/?t=a&t=b', 'ambiguous'],
    ['/?t=a&t=a', 'ambiguous'],
    ['/?t=&t', 'ambiguous'],
    ['/?t=a&%74=b', 'ambiguous'],
    ['/?t[]=a', 'ambiguous'],
    ['/?t[x]=a', 'ambiguous'],
    ['/?t%5b%5d=a', 'ambiguous'],
    ['/?t=a&t[1]=b', 'ambiguous'],
    ['http://host/?t=a', 'a'],
  ])('%s → %s', (target, expected) => {
    expect(query(target)).toBe(expected)
  })
})

describe('the cookie', () => {
  test.each([
    [['c=abc'], 'abc'],
    [['a=1; c=abc; b=2'], 'abc'],
    [['a=1;c=abc;b'], 'abc'],
    [['c="abc"'], '"abc"'],
    [['c=a%62c'], 'a%62c'],
    [['c=a=b'], 'a=b'],
    [['c='], ''],
    [['c'], 'missing'],
    [['C=abc; cc=1; xc=2'], 'missing'],
    [[''], 'missing'],
    [['c=a; c=b'], 'ambiguous'],
    [['c=a', 'c=a'], 'ambiguous'],
    [['x=1', 'c=a'], 'a'],
  ])('%j → %s', (values, expected) => {
    expect(cookie(...values)).toBe(expected)
  })
})

test('CAR-42 a token in any two places is ambiguous, and a place that is not named is not looked at', () => {
  const inHeader = ['Authorization', 'Bearer a'] as const
  const inCookie = ['Cookie', 'c=a'] as const
  expect(shown(read([inHeader], '/?t=a'))).toBe('ambiguous')
  expect(shown(read([inHeader, inCookie]))).toBe('ambiguous')
  expect(shown(read([inCookie], '/?t=a'))).toBe('ambiguous')
  expect(shown(read([inHeader, inCookie], '/?t=a'))).toBe('ambiguous')
  expect(shown(read([inHeader, inCookie], '/?t=a', ['header']))).toBe('a')
  expect(shown(read([['Authorization', 'Basic x'], inCookie]))).toBe('a')
})

const token = fc.stringMatching(/^[\w-]{1,20}$/)

test('property: exactly one token among any other parameters and cookies is found, two never are', () => {
  const noise = fc.array(fc.stringMatching(/^[a-bd-su-z]{1,3}=[a-z%]{0,3}$/), { maxLength: 4 })
  fc.assert(
    fc.property(token, noise, noise, fc.nat(4), fc.boolean(), (text, before, after, copies, inQuery) => {
      const name = inQuery ? 't' : 'c'
      const pairs = [...before, ...Array.from({ length: copies }, () => `${name}=${text}`), ...after]
      const found = inQuery ? read([], `/a?${pairs.join('&')}`) : read([['Cookie', pairs.join('; ')]])
      expect(shown(found)).toBe(copies === 0 ? 'missing' : copies === 1 ? text : 'ambiguous')
    }),
  )
})

test('CAR-43 property: no header value and no query makes the reader throw', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }),
      (value, cookies, rest) => {
        const found = read(
          [
            ['authorization', value],
            ['cookie', cookies],
          ],
          `/?${rest}`,
        )
        expect(['found', 'missing', 'ambiguous']).toContain(found.outcome)
      },
    ),
  )
})
