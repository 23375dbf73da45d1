import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  coversPath,
  matchesPath,
  type PathPattern,
  parsePathPattern,
  parsePathPatterns,
} from '../src/path-pattern.ts'
import { TokenRequestError } from '../src/request-error.ts'
import { parseRequestPath, type RequestPath } from '../src/request-path.ts'

function toPath(target: string): RequestPath {
  const path = parseRequestPath(target)
  if (path === null) throw new Error('a target without fault was expected')
  return path
}
const matches = (pattern: string, target: string): boolean =>
  matchesPath(parsePathPattern(pattern), toPath(target))
const covers = (outer: string, inner: string): boolean =>
  coversPath(parsePathPattern(outer), parsePathPattern(inner))

describe('the grammar', () => {
  test.each([
    ['/files/', '/files/', true],
    ['/files/', '/files/a/b.pdf', true],
    ['/files/', '/files/a/', true],
    ['/files/', '/files', false],
    ['/files/', '/filesystem', false],
    ['/files/', '/Files/a', false],
    ['/files/', '/x/files/a', false],
    ['/', '/', true],
    ['/', '/a/b', true],
    ['/files/a', '/files/a', true],
    ['/files/a', '/files/a/', false],
    ['/files/a', '/files/ab', false],
    ['/files/*', '/files/a', true],
    ['/files/*', '/files/a/b', false],
    ['/files/*', '/files/', true],
    ['/files/*', '/files', false],
    ['/files/*.pdf', '/files/a.pdf', true],
    ['/files/*.pdf', '/files/.pdf', true],
    ['/files/*.pdf', '/files/a.pdf.exe', false],
    ['/files/*.pdf', '/files/a/b.pdf', false],
    ['/*/a', '/x/a', true],
    ['/*/a', '/x/y/a', false],
    ['/a/**', '/a', true],
    ['/a/**', '/a/', true],
    ['/a/**', '/a/b/c', true],
    ['/a/**', '/ab', false],
    ['/a/**/z', '/a/z', true],
    ['/a/**/z', '/a/b/c/z', true],
    ['/a/**/z', '/a/b/z/c', false],
    ['/a/**/z', '/az', false],
    ['/**/*.pdf', '/x.pdf', true],
    ['/**/*.pdf', '/a/b/x.pdf', true],
    ['/a/*/', '/a/b/', true],
    ['/a/*/', '/a/b/c', true],
    ['/a/*/', '/a/b', false],
    ['/a*b*c', '/axbxc', true],
    ['/a*b*c', '/abc', true],
    ['/a*b*c', '/acb', false],
    ['/a*a', '/a', false],
    ['/a**b', '/axb', true],
    ['/a**b', '/a/b', false],
    ['/(a)[b]{c}!', '/(a)[b]{c}!', true],
    ['/[ab]', '/a', false],
    ['/a?', '/ab', false],
    ['/a?', '/a%3F', true],
    ['/%2A', '/*', true],
    ['/%2A', '/a', false],
    ['/%2A%2A', '/a', false],
    ['/%61', '/a', true],
    ['/é', '/%C3%A9', true],
    ['/%c3%a9', '/%C3%A9', true],
    ['/é', '/e%CC%81', false],
    ['/a%20b', '/a%20b', true],
    ['/a;v=1', '/a;v=1', true],
    ['/a', '/a;v=1', false],
  ])('%s and %s: %s', (pattern, target, expected) => {
    expect(matches(pattern, target)).toBe(expected)
  })
})

test.each([
  ['/files/é €', null],
  ['/files/é%20€', '/files/%C3%A9%20%E2%82%AC'],
  ['/%7euser/%2a', '/~user/%2A'],
  ['/[a]{b}?#"<>^`|', '/%5Ba%5D%7Bb%7D%3F%23%22%3C%3E%5E%60%7C'],
  ["/(a)!$&'+,;=:@-._~", "/(a)!$&'+,;=:@-._~"],
  ['/a***b', '/a*b'],
  ['/a/**/**/b', '/a/**/b'],
  ['/a/**/', '/a/'],
  ['/**/', '/'],
  ['/**', '/'],
  ['/*', '/*'],
  ['/***', '/*'],
  ['/.*', '/.*'],
  ['/.a/..b', '/.a/..b'],
])('the canonical text of %s is %s', (given, expected) => {
  if (expected === null) expect(() => parsePathPattern(given)).toThrow(TokenRequestError)
  else expect(parsePathPattern(given).text).toBe(expected)
})

describe('refuses the pattern', () => {
  test.each([
    ['PTH-38', 'without a slash in front', 'files/'],
    ['PTH-38', 'that is empty', ''],
    ['PTH-39', 'with an empty segment', '/a//b'],
    ['PTH-39', 'of two slashes', '//'],
    ['PTH-40', 'with a dot segment', '/a/../b'],
    ['PTH-40', 'with an encoded dot segment', '/a/%2e%2E'],
    ['PTH-40', 'with a dot segment before a semicolon', '/a/..;x/b'],
    ['PTH-40', 'with a single dot', '/./'],
    ['PTH-41', 'with a backslash', '/a\\b'],
    ['PTH-41', 'with an encoded backslash', '/a%5cb'],
    ['PTH-41', 'with an encoded slash', '/a%2fb'],
    ['PTH-41', 'with an encoded percent sign', '/a%25'],
    ['PTH-42', 'with a space', '/a b'],
    ['PTH-42', 'with a line break', '/a\n'],
    ['PTH-42', 'with an encoded NUL', '/a%00'],
    ['PTH-42', 'with a C1 control character', '/a\u0085'],
    ['PTH-42', 'with an encoded C1 control character', '/a%C2%85'],
    ['PTH-42', 'with DEL', '/a\x7f'],
    ['PTH-43', 'with a bad percent sign', '/a%'],
    ['PTH-43', 'with bytes that are not UTF-8', '/%ff'],
    ['PTH-43', 'with an overlong slash', '/a%c0%af'],
    ['PTH-43', 'with a character cut in two by a star', '/%C3*%A9'],
    ['PTH-43', 'with a lone surrogate', '/\ud800'],
    ['PTH-44', 'of more than 64 segments', '/a'.repeat(65)],
    ['PTH-44', 'of more than 1024 bytes', `/${'a'.repeat(1024)}`],
    ['PTH-44', 'of more than 1024 bytes, encoded', `/${'%61'.repeat(1023)}aa`],
    ['PTH-44', 'of more than 1024 bytes, stars and slashes included', `/${'é'.repeat(510)}/*b/`],
    ['PTH-44', 'of 1 MB', `/${'*'.repeat(2 ** 20)}`],
  ])('%s %s', (_id, _what, text) => {
    expect(() => parsePathPattern(text)).toThrow(TokenRequestError)
  })

  test('and no further: 64 segments and 1024 bytes are fine', () => {
    expect(parsePathPattern('/a'.repeat(64)).text).toBe('/a'.repeat(64))
    expect(parsePathPattern(`${'/a'.repeat(64)}/`).text).toBe(`${'/a'.repeat(64)}/`)
    expect(parsePathPattern(`/${'a'.repeat(1023)}`).text).toHaveLength(1024)
    const longest = parsePathPattern(`/${'é'.repeat(510)}/*/`)
    expect(parsePathPattern(longest.text)).toEqual(longest)
  })

  test('and says which field, not which pattern', () => {
    for (const run of [
      () => parsePathPattern('/secret//', 'grant.paths'),
      () => parsePathPatterns([], 'grant.paths'),
    ]) {
      try {
        run()
        expect.unreachable()
      } catch (error) {
        expect(error).toBeInstanceOf(TokenRequestError)
        expect(error).toMatchObject({ code: 'invalid_request', field: 'grant.paths' })
        expect(String(error)).not.toContain('secret')
      }
    }
  })
})

test('a list holds 1 to 32 patterns, and texts only', () => {
  expect(parsePathPatterns(['/a', '/b/']).map(({ text }) => text)).toEqual(['/a', '/b/'])
  expect(parsePathPatterns(Array.from({ length: 32 }, () => '/a'))).toHaveLength(32)
  const refused: unknown[] = [[], Array.from({ length: 33 }, () => '/a'), '/a', null, [1], [null], [['/a']]]
  for (const texts of refused as string[][]) expect(() => parsePathPatterns(texts)).toThrow(TokenRequestError)
})

// A tiny alphabet, so that patterns and paths meet often.
const segmentText = fc.string({ unit: fc.constantFrom('a', 'b', '*', '*'), minLength: 1, maxLength: 5 })
const patternText = fc
  .tuple(fc.array(fc.oneof(segmentText, fc.constant('**')), { maxLength: 5 }), fc.boolean())
  .map(([segments, below]) => (segments.length === 0 ? '/' : `/${segments.join('/')}${below ? '/' : ''}`))
const targetText = fc
  .tuple(
    fc.array(fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 6 }), { maxLength: 6 }),
    fc.boolean(),
  )
  .map(([segments, slash]) => (segments.length === 0 ? '/' : `/${segments.join('/')}${slash ? '/' : ''}`))

/** The grammar said once more, as a regular expression. */
function toOracle(pattern: string): RegExp {
  const below = pattern.endsWith('/')
  const segments = pattern.replace(/^\/|\/$/g, '').split('/')
  const source = segments
    .filter((segment) => segment !== '')
    .map((segment) => (segment === '**' ? '(?:/[^/]*)*' : `/${segment.replaceAll(/\*+/g, '[^/]*')}`))
    .join('')
  return new RegExp(`^${source}${below ? '/.*' : ''}$`)
}

test('any pattern opens what the oracle says', () => {
  fc.assert(
    fc.property(patternText, targetText, (pattern, target) => {
      expect(matches(pattern, target)).toBe(toOracle(pattern).test(target))
    }),
    { numRuns: 20_000 },
  )
})

test('the canonical text is a fixed point and means the same', () => {
  fc.assert(
    fc.property(patternText, targetText, (text, target) => {
      const pattern = parsePathPattern(text)
      const again = parsePathPattern(pattern.text)
      expect(again).toEqual(pattern)
      expect(matchesPath(again, toPath(target))).toBe(matchesPath(pattern, toPath(target)))
    }),
    { numRuns: 5000 },
  )
})

test('any text is refused, or becomes a pattern whose text is a fixed point', () => {
  const unit = fc.constantFrom(...'/a.*%2AfF;é€?[ ', '%2A', '%C3%A9', '**', '/', '\u{1F600}')
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 10 }), (rest) => {
      let pattern: PathPattern
      try {
        pattern = parsePathPattern(`/${rest}`)
      } catch (error) {
        expect(error).toBeInstanceOf(TokenRequestError)
        return
      }
      expect(pattern.text).toMatch(/^[!-~]+$/)
      expect(parsePathPattern(pattern.text)).toEqual(pattern)
    }),
    { numRuns: 5000 },
  )
})

describe('covering', () => {
  test.each([
    ['/', '/', true],
    ['/', '/a/**/b', true],
    ['/a/', '/a/b', true],
    ['/a/', '/a/', true],
    ['/a/', '/a', false],
    ['/a/', '/a/*', true],
    ['/a/', '/a/**', false],
    ['/a/', '/a/**/b', true],
    ['/a/', '/ab/', false],
    ['/a/', '/*/', false],
    ['/a/**', '/a', true],
    ['/a/**', '/a/', true],
    ['/a/**', '/a/b/', true],
    ['/a/*', '/a/b', true],
    ['/a/*', '/a/b*', true],
    ['/a/*', '/a/', false],
    ['/a/*/**', '/a/', true],
    ['/a/', '/a/**/*', true],
    ['/a/b*', '/a/*', false],
    ['/a/*.pdf', '/a/x*.pdf', true],
    ['/a/*.pdf', '/a/*', false],
    ['/a/*.pdf', '/a/%2A.pdf', true],
    ['/a/%2A', '/a/*', false],
    ['/**/*.pdf', '/x/**/y.pdf', true],
    ['/**/*.pdf', '/x/', false],
    ['/a', '/a', true],
    ['/a', '/a/', false],
    ['/*/b', '/a/b', true],
    ['/*/b', '/**/b', false],
    ['/**/b', '/*/b', true],
    ['/**/b', '/**/b', true],
    ['/**/a/**', '/x/a/y/', true],
  ])('%s over %s: %s', (outer, inner, expected) => {
    expect(covers(outer, inner)).toBe(expected)
  })

  test('is right whenever it says yes', () => {
    fc.assert(
      fc.property(patternText, patternText, targetText, (outer, inner, target) => {
        fc.pre(covers(outer, inner) && matches(inner, target))
        expect(matches(outer, target)).toBe(true)
      }),
      { numRuns: 3000, maxSkipsPerRun: 1000 },
    )
  })

  test('is right when it says no, but for ** before the end: there is a path that shows it', () => {
    const simple = fc
      .tuple(
        fc.array(
          segmentText.filter((text) => text !== '**'),
          { minLength: 1, maxLength: 4 },
        ),
        fc.constantFrom('', '/', '/**'),
      )
      .map(([segments, end]) => `/${segments.join('/')}${end}`)
    fc.assert(
      fc.property(simple, simple, (outer, inner) => {
        if (covers(outer, inner)) return
        // A letter that no pattern has stands for what a star takes.
        const text = inner.replace(/\/\*\*$/, '').replaceAll(/\*+/g, 'z')
        const open = inner.endsWith('/') || inner.endsWith('/**')
        const slash = text.endsWith('/') ? text : `${text}/`
        const witnesses = open ? [text, slash, `${slash}z`, `${slash}${'z/'.repeat(10)}z`] : [text]
        // Stars may also take nothing, which matters where a segment is one star and the last.
        witnesses.push(...witnesses.map((witness) => witness.replace(/\/z$/, '/')))
        const seen = witnesses.filter(
          (witness) => parseRequestPath(witness) !== null && matches(inner, witness),
        )
        expect(seen.some((witness) => !matches(outer, witness))).toBe(true)
      }),
      { numRuns: 5000 },
    )
  })

  test('every pattern covers itself', () => {
    fc.assert(
      fc.property(patternText, (text) => {
        expect(covers(text, text)).toBe(true)
      }),
    )
  })
})

describe('hostile work', () => {
  const long = 'a'.repeat(8190)
  const rows: [string, string, string, string][] = [
    ['PTH-45', 'many stars in a segment', `/${'*a'.repeat(500)}b`, `/${long}`],
    [
      'PTH-46',
      'a long piece between stars that almost fits everywhere',
      `/*b${'a'.repeat(1000)}*`,
      `/${long}`,
    ],
    ['PTH-46', 'the same the other way round', `/*${'a'.repeat(1000)}b*`, `/${long}`],
    ['PTH-46', 'periodic pieces', `/*${'ab'.repeat(400)}aa*`, `/${'ab'.repeat(4095)}`],
    ['PTH-47', 'many ** with segments between them', `${'/**/a'.repeat(31)}/**/b`, '/a'.repeat(128)],
    ['PTH-47', 'a long run of segments behind **', `/**${'/*a*'.repeat(62)}/b`, '/a'.repeat(128)],
    ['PTH-47', 'a long run of segments between two **', `/**${'/*a*'.repeat(60)}/b/**`, '/a'.repeat(128)],
    ['PTH-48', 'both', `/**${'/*a*a*b*'.repeat(60)}/**`, `/${'a'.repeat(30)}`.repeat(128)],
    [
      'PTH-48',
      'the run as long as half of the target',
      `/**${'/*a*a*a*'.repeat(60)}/b/**`,
      `/${'a'.repeat(30)}`.repeat(128),
    ],
    ['PTH-49', 'encoded bytes', `/**${'/%C3%A9*%C3%A9'.repeat(60)}/b/**`, '/%C3%A9%C3%A9'.repeat(128)],
  ]
  test.each(rows)(
    '%s %s: as many of them as a token can hold are refused within 50 ms',
    (_id, _what, text, target) => {
      const length = Math.min(32, Math.floor(6144 / text.length))
      const patterns = parsePathPatterns(Array.from({ length }, () => text))
      // The fastest of some runs: other processes share the machine.
      const times = [1, 2, 3, 4].map(() => {
        const start = performance.now()
        const path = toPath(target)
        expect(patterns.some((pattern) => matchesPath(pattern, path))).toBe(false)
        return performance.now() - start
      })
      expect(Math.min(...times)).toBeLessThan(50)
    },
  )
})
