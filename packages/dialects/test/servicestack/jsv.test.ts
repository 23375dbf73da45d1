import { RouteError } from '@hallpass/http'
import { JSV } from '@servicestack/client'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type JsvValue, parseJsv } from '../../src/servicestack/jsv-reader.ts'
import { writeJsv } from '../../src/servicestack/jsv-writer.ts'

/** Without the prototypes of objects, which are null. */
function read(text: string): unknown {
  return JSON.parse(JSON.stringify(parseJsv(text)))
}

function refusalOf(text: string): string {
  try {
    parseJsv(text)
  } catch (error) {
    if (error instanceof RouteError && error.code === 'invalid_request') return error.message
    throw error
  }
  return 'accepted'
}

describe('parseJsv', () => {
  it.each([
    ['', ''],
    ['text', 'text'],
    [' a b ', 'a b'],
    ['""', ''],
    ['"a ""b"", c"', 'a "b", c'],
    ['{}', {}],
    ['[]', []],
    ['[a,b]', ['a', 'b']],
    ['["a,b",c]', ['a,b', 'c']],
    ['{a:1,b:x y}', { a: '1', b: 'x y' }],
    ['{a:,b:1}', { a: '', b: '1' }],
    ['{a:[x,[y]],b:{c:d}}', { a: ['x', ['y']], b: { c: 'd' } }],
    ['{"a,b":c,"d""e":f}', { 'a,b': 'c', 'd"e': 'f' }],
    ['{a:2030-01-01T00:00:00Z}', { a: '2030-01-01T00:00:00Z' }],
    ['{a:x]y}', { a: 'x]y' }],
    ['[x}y]', ['x}y']],
    ['[a,]', ['a', '']],
    ['{__proto__:a,constructor:b}', JSON.parse('{"__proto__":"a","constructor":"b"}')],
  ])('reads %s', (text, value) => {
    expect(read(text)).toEqual(value)
  })

  it('reads the pretty-printed sample of the documentation', () => {
    const sample =
      '{\n\tJwtExpiry: 0001-01-01,\n\tUserAuthId: String,\n\tRoles: \n\t[\n\t\tString\n\t],\n\tProviderOAuthAccess: \n\t[\n\t\t{\n\t\t\tProvider: String,\n\t\t\tItems: \n\t\t\t{\n\t\t\t\tString: String\n\t\t\t}\n\t\t}\n\t]\n}\r\n'
    expect(read(sample)).toEqual({
      JwtExpiry: '0001-01-01',
      UserAuthId: 'String',
      Roles: ['String'],
      ProviderOAuthAccess: [{ Provider: 'String', Items: { String: 'String' } }],
    })
  })

  it.each([
    '{',
    '[',
    '"',
    '"a',
    '{a',
    '{a}',
    '{a:',
    '{a:1',
    '{a:1,',
    '{a:1,}',
    '{,}',
    '{a:1}b',
    '{a:1}}',
    '[a',
    '[a]]',
    '[a}',
    '{a:"b"c}',
    '["b"c]',
    '{{}:a}',
    '{a{b:c}',
    '{a:{b:c}d}',
  ])('refuses %s', (text) => {
    expect(refusalOf(text)).toBe('the JSV is malformed')
  })

  it('refuses a name that is there twice, and repeats nothing', () => {
    expect(refusalOf('{secret:1,secret:2}')).toBe('the JSV holds a name twice in one object')
    expect(refusalOf('{__proto__:1,__proto__:2}')).toBe('the JSV holds a name twice in one object')
  })

  it('refuses what is nested deeper than its limit, in linear time', () => {
    for (const open of ['[', '{a:', '[{a:']) {
      expect(refusalOf(open.repeat(10_000))).toBe('the JSV is nested too deeply')
    }
    expect(refusalOf(`${'['.repeat(33)}${']'.repeat(33)}`)).toBe('the JSV is nested too deeply')
    expect(refusalOf(`${'['.repeat(32)}${']'.repeat(32)}`)).toBe('accepted')
    const started = performance.now()
    for (const text of ['"', '""', '{a:"', 'x,', ' ', '{:', ':', '"a"']) {
      refusalOf(`[${text.repeat(200_000)}`)
      refusalOf(`{a:${text.repeat(200_000)}`)
    }
    expect(performance.now() - started).toBeLessThan(5000)
  })

  it('reads or refuses whatever it is given', () => {
    const parts = fc.array(fc.constantFrom('{', '}', '[', ']', ',', ':', '"', 'a', ' ', '\n', '\u00a0'))
    fc.assert(
      fc.property(parts, (text) => {
        expect(['accepted', 'the JSV is malformed', 'the JSV holds a name twice in one object']).toContain(
          refusalOf(text.join('')),
        )
      }),
    )
  })
})

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.constantFrom('"', ',', ':', '{', '}', '[', ']', '\r', '\n', ' ', 'a', '\u2028'), {
      maxLength: 6,
    })
    .map((a) => a.join('')),
)
const { value: values } = fc.letrec<{ value: JsvValue }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, text, fc.array(tie('value')), fc.dictionary(text, tie('value'))),
}))

describe('writeJsv', () => {
  it.each([
    ['a', 'a'],
    ['', '""'],
    [' a', '" a"'],
    ['a"b', '"a""b"'],
    ['a\nb', '"a\nb"'],
    [true, 'True'],
    [false, 'False'],
    [-1.5, '-1.5'],
    [null, ''],
    [{ token: 'a.b.c', responseStatus: null }, '{token:a.b.c}'],
    [[{ a: 'b:c' }, []], '[{a:"b:c"},[]]'],
  ])('writes %j', (value, written) => {
    expect(writeJsv(value)).toBe(written)
  })

  it('writes nothing that is read back as something else', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(read(writeJsv(value))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })
})

describe("JSV of ServiceStack's client", () => {
  /** What the client leaves of a value: empty texts and nulls in objects and lists are left out. */
  function kept(value: JsvValue): unknown {
    if (typeof value === 'string') return value
    if (isList(value)) return value.filter((one) => one !== '').map(kept)
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, member]) => member !== '')
        .map(([name, member]) => [name, kept(member)]),
    )
  }

  function isList(value: JsvValue): value is readonly JsvValue[] {
    return Array.isArray(value)
  }

  // The client does not quote what has blanks around it, and the format has no other way to keep them.
  // Nor does it double a quote that a text begins with, which leaves `""a"` for `"a`.
  const trimmed = text.map((one) => one.replace(/^["\s]+/, '').trim())
  // It asks objects for their constructor.
  const names = trimmed.filter((one) => !['__proto__', 'constructor'].includes(one))
  const plain = { noNullPrototype: true }
  const { value: sent } = fc.letrec<{ value: JsvValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      trimmed,
      fc.array(tie('value')),
      fc.dictionary(names, tie('value'), plain),
    ),
  }))

  it('is read as what went into it', () => {
    fc.assert(
      fc.property(sent, (value) => {
        const written = JSV.stringify(value)
        expect(read(written)).toEqual(JSON.parse(JSON.stringify(kept(value))))
      }),
    )
  })

  it('is read or refused, whatever went into it', () => {
    expect(JSV.stringify('"a')).toBe('""a"')
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        let written: string
        try {
          written = String(JSV.stringify(value) ?? '')
        } catch {
          // A member called `constructor` is too much for it.
          return
        }
        expect(refusalOf(written)).toMatch(/^(?:accepted|the JSV (?:is malformed|holds a name twice))/)
      }),
    )
  })

  it('is what we write as well', () => {
    // The client has no reader for JSV, so the texts are compared.
    const filled = trimmed.filter((one) => one !== '')
    fc.assert(
      fc.property(fc.dictionary(names, filled, plain), (value) => {
        expect(writeJsv(value)).toBe(JSV.stringify(value))
      }),
    )
  })
})
