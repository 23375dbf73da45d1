import { describe, expect, test } from 'vitest'
import { parseLabel } from '../src/label.ts'
import { TokenRequestError } from '../src/request-error.ts'

const limits = { max: 255 }

test.each([
  'a',
  'Build server 7',
  'é',
  '日本 語',
  'x'.repeat(255),
  '\u{1F600}'.repeat(255),
  'a\u200db',
  "'; DROP TABLE--",
  '__proto__',
])('takes %j as it is', (text) => {
  expect(parseLabel(text, 'name', limits)).toBe(text)
})

describe('refuses', () => {
  test.each([
    ['MGT-05', 'a NUL', 'a\0b'],
    ['MGT-05', 'a line break', 'a\nb'],
    ['MGT-05', 'a C1 control character', 'a\u0085b'],
    ['MGT-05', 'DEL', 'a\x7f'],
    ['MGT-05', 'a line separator', 'a\u2028b'],
    ['MGT-05', 'a paragraph separator', 'a\u2029b'],
    ['MGT-06', 'an override of the direction', 'a\u202egpj.exe'],
    ['MGT-06', 'an isolate', 'a\u2066b\u2069'],
    ['MGT-06', 'a direction mark', 'a\u200fb'],
    ['MGT-06', 'an Arabic letter mark', 'a\u061cb'],
    ['MGT-07', 'one character too many', 'x'.repeat(256)],
    ['MGT-07', 'one character too many, of two units each', '\u{1F600}'.repeat(256)],
    ['MGT-07', '1 MB', 'x'.repeat(2 ** 20)],
  ])('%s %s', (_id, _what, text) => {
    expect(() => parseLabel(text, 'name', limits)).toThrow(TokenRequestError)
  })

  test.each(['', ' ', ' a', 'a ', '\u00a0a', 'a\u3000', '\ufeffa', 'a\ud800', '\udc00a'])('%j', (text) => {
    expect(() => parseLabel(text, 'name', limits)).toThrow(TokenRequestError)
  })

  test.each([[undefined], [null], [1], [['a']], [{ toString: () => 'a' }]])(
    'what is no text: %s',
    (value) => {
      expect(() => parseLabel(value, 'name', limits)).toThrow(TokenRequestError)
    },
  )

  test('and names the field, not the text', () => {
    expect(() => parseLabel('secret\n', 'subject', limits)).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        field: 'subject',
        message: expect.not.stringContaining('secret'),
      }),
    )
  })
})
