import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { parseUniqueJson, readUniqueJson } from '../src/unique-json.ts'

const parse = (text: string, maxDepth?: number): unknown => parseUniqueJson(Buffer.from(text), maxDepth)

test('reads what was written', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), fc.constantFrom(undefined, 1, '\t'), (value, space) => {
      const text = JSON.stringify(value, null, space)
      expect(JSON.stringify(parse(text), null, space)).toBe(text)
    }),
    { numRuns: 1000 },
  )
})

test('takes and refuses what JSON.parse takes and refuses', () => {
  const unit = fc.constantFrom(
    ...'{}[]",:\\',
    ...'01-+.eE',
    ' ',
    '\n',
    '\f',
    'true',
    'null',
    'false',
    '"a"',
    '"\\u00',
    '\u2028',
    '\0',
  )
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 8 }), (text) => {
      let expected: unknown
      try {
        expected = JSON.parse(text)
      } catch {
        expected = undefined
      }
      // Within so few characters no key can stand twice, and no number is beyond a double without an exponent.
      if (!/\d[eE]/.test(text)) expect(parse(text)).toEqual(expected)
    }),
    { numRuns: 20_000 },
  )
})

test.each(['-0', '1E2', '1e-2', '0.5', '-1.5e+3', '123456789012345678901234567890'])(
  'reads the number %s',
  (text) => {
    expect(parse(text)).toBe(JSON.parse(text))
  },
)

/** Several are written shorter or longer than JavaScript would: no length of theirs may make up for a key that was dropped. */
const NUMBERS = [
  '0',
  '-0',
  '-1',
  '1e3',
  '1000',
  '17e8',
  '1700000000',
  '1001',
  '9e15',
  '1e21',
  '5e-7',
  '0.5',
  '1.0',
]

test('a key that stands twice in any object is refused, wherever it stands', () => {
  // A naive printer that may print a key twice, and a naive judge of whether it did.
  type Node = string | readonly Node[] | { readonly members: readonly (readonly [string, Node])[] }
  const names: Record<string, string> = {
    a: 'a',
    b: 'b',
    '\\u0061': 'a',
    '\\u005C': '\\',
    '\\\\': '\\',
    '\\"': '"',
    '\\/': '/',
    ':': ':',
    '{': '{',
  }
  const key = fc.constantFrom(...Object.keys(names))
  const { node } = fc.letrec<{ node: Node }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom('1', '":"', '"\\"{,:"', 'true', 'null', '"\\\\"', ...NUMBERS),
      fc.array(tie('node'), { maxLength: 3 }),
      fc.record({ members: fc.array(fc.tuple(key, tie('node')), { maxLength: 3 }) }),
    ),
  }))
  const print = (value: Node, blank: string): string => {
    if (typeof value === 'string') return value
    if (!('members' in value)) return `[${value.map((item) => print(item, blank)).join()}]`
    const members = value.members.map(([name, item]) => `"${name}":${blank}${print(item, blank)}`)
    return `{${members.join(`${blank},`)}}`
  }
  const isUnique = (value: Node): boolean => {
    if (typeof value === 'string') return true
    if (!('members' in value)) return value.every(isUnique)
    const seen = new Set(value.members.map(([name]) => names[name]))
    return seen.size === value.members.length && value.members.every(([, item]) => isUnique(item))
  }
  const toValue = (value: Node): unknown => {
    if (typeof value === 'string') return JSON.parse(value)
    if (!('members' in value)) return value.map(toValue)
    return Object.fromEntries(value.members.map(([name, item]) => [names[name], toValue(item)]))
  }
  fc.assert(
    fc.property(node, fc.constantFrom('', ' '), (value, blank) => {
      expect(parse(print(value, blank), 100)).toEqual(isUnique(value) ? toValue(value) : undefined)
    }),
    { numRuns: 2000 },
  )
})

test.each([
  ['{"a":1,"a":1e20}', 'one that is shorter than its digits'],
  ['{"a":1000000000,"a":1e9}', 'as long together as a number is'],
  ['{"n":1e12,"a":1,"a":2}', 'made up for by another'],
  ['{"n":[1e3,1e3,1e3,1e3,1e3,1e3],"a":1,"a":2}', 'by several'],
  ['{"n":0.0000001,"a":1,"a":2}', 'by a fraction'],
])('TXT-103 a key that stands twice is found, whatever the numbers are: %s, %s', (text) => {
  expect(parse(text)).toBeUndefined()
})

test('TXT-103 a key that stands twice is found, also where a prototype has as much as was dropped', () => {
  Object.defineProperty(Object.prototype, 'z', { value: 1, enumerable: true, configurable: true })
  const value = parse('{"a":1,"a":2}')
  Reflect.deleteProperty(Object.prototype, 'z')
  expect(value).toBeUndefined()
})

test('TXT-27 a key with an escape is read as it is written, also where JSON.parse was made to read it as another', () => {
  JSON.parse('{"\\\\":1}')
  expect(parse('{"\\\\":1}')).toEqual({ '\\': 1 })
  expect(parse('{"\\u0061":1}')).toEqual({ a: 1 })
  expect(parse('{"\\u0061":1,"\\u0061":2}')).toBeUndefined()
})

describe('JSON.parse is not asked', () => {
  const asked = (read: () => unknown): boolean => {
    const spy = vi.spyOn(JSON, 'parse')
    try {
      read()
      // A single text in quotes is no object.
      return spy.mock.calls.some(([text]) => !text.startsWith('"'))
    } finally {
      spy.mockRestore()
    }
  }

  test('TXT-101 where a text has more brackets than it may be deep, which take it quadratic time to write again', () => {
    const deep = '['.repeat(3000) + ']'.repeat(3000)
    expect(asked(() => expect(parse(deep)).toBeUndefined())).toBe(false)
    expect(asked(() => expect(parse(`${'{"a":'.repeat(33)}1${'}'.repeat(33)}`)).toBeUndefined())).toBe(false)
    expect(asked(() => expect(parse('['.repeat(64_000))).toBeUndefined())).toBe(false)
    expect(asked(() => expect(parse('[[],[],{}]', 3)).toEqual([[], [], {}]))).toBe(false)
    expect(asked(() => expect(parse('[[],[]]', 3)).toEqual([[], []]))).toBe(true)
  })

  test('TXT-102 where a key has an escape, which would make it misread the keys of others from then on', () => {
    const text = '{"h":[],"\\\\u00":0}'
    expect(asked(() => expect(parse(text)).toEqual({ h: [], '\\u00': 0 }))).toBe(false)
  })

  test('for what anybody may send', () => {
    expect(asked(() => expect(readUniqueJson(Buffer.from('{"a":[1]}'), 2)).toEqual({ a: [1] }))).toBe(false)
    expect(readUniqueJson(Buffer.from('{"a":1,"a":1}'), 2)).toBeUndefined()
    expect(readUniqueJson(Buffer.from([0xff]), 2)).toBeUndefined()
  })
})

describe('refuses', () => {
  test.each([
    ['TXT-26', 'a number that no double holds', '{"exp":1e400}'],
    ['TXT-26', 'the same, negative and in an array', '[[-1e999]]'],
    ['TXT-36', 'text behind the value', '{"a":1}{"a":2}'],
  ])('%s %s', (_id, _what, text) => {
    expect(parse(text)).toBeUndefined()
  })

  test.each([
    ['an empty text', ''],
    ['a lone quote with a backslash at the end', '"\\'],
    ['more closing than opening brackets', '}]{}'],
    ['a literal NaN', '{"exp":NaN}'],
    ['a comment', '{"a":1/*:*/}'],
  ])('%s', (_what, text) => {
    expect(parse(text)).toBeUndefined()
  })

  test('TXT-22 a byte order mark', () => {
    expect(parse('\ufeff{"a":1}')).toBeUndefined()
    expect(parse('{"a":1}')).toEqual({ a: 1 })
  })

  test.each([
    ['TXT-23', 'a lone continuation byte', [0x80]],
    ['TXT-43', 'an overlong slash', [0xc0, 0xaf]],
    ['TXT-44', 'a surrogate in UTF-8', [0xed, 0xa0, 0x80]],
    ['TXT-45', 'a character that is cut off', [0xe2, 0x82]],
  ])('%s invalid UTF-8: %s', (_id, _what, bytes) => {
    expect(parseUniqueJson(Buffer.from([0x22, ...bytes, 0x22]))).toBeUndefined()
    expect(parseUniqueJson(Buffer.from('"é"'))).toBe('é')
  })
})

test('the depth is counted in objects and arrays, not in brackets of strings', () => {
  expect(parse('[[]]', 2)).toEqual([[]])
  expect(parse('[[[]]]', 2)).toBeUndefined()
  expect(parse('{"[[[":{"a":"[[[["}}', 2)).toEqual({ '[[[': { a: '[[[[' } })
  expect(parse('[[],[],[]]', 2)).toEqual([[], [], []])
  expect(parse('1', 0)).toBe(1)
  expect(parse(`${'['.repeat(32)}${']'.repeat(32)}`)).toBeDefined()
  expect(parse(`${'['.repeat(33)}${']'.repeat(33)}`)).toBeUndefined()
})

test('TXT-35 a __proto__ key is a member like any other and reaches no prototype', () => {
  const value = parse('{"__proto__":{"admin":true},"constructor":1}')
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  expect(Object.hasOwn(Object(value), '__proto__')).toBe(true)
  expect(Object.prototype).not.toHaveProperty('admin')
  expect(parse('{"__proto__":1,"__proto__":2}')).toBeUndefined()
})

test('TXT-24 20,000 levels of nesting are refused without a deep stack', () => {
  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
  const objects = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`
  expect(fastest(() => parse(deep))).toBeLessThan(50)
  expect(parse(deep)).toBeUndefined()
  expect(parse(objects)).toBeUndefined()
})

test('TXT-25 1 MB of members takes linear time, with and without a doubled key at the end', () => {
  const members = Array.from({ length: 80_000 }, (_, at) => `"k${at}":${at}`).join()
  const once = Buffer.from(`{${members}}`)
  const twice = Buffer.from(`{${members},"k0":0}`)
  expect(once.length).toBeGreaterThan(1_000_000)
  expect(parseUniqueJson(once)).toBeDefined()
  expect(parseUniqueJson(twice)).toBeUndefined()
  expect(fastest(() => parseUniqueJson(twice))).toBeLessThan(500)
})

/** Milliseconds of the fastest of three runs: other processes share the machine. */
function fastest(run: () => unknown): number {
  const times = [1, 2, 3].map(() => {
    const start = performance.now()
    run()
    return performance.now() - start
  })
  return Math.min(...times)
}
