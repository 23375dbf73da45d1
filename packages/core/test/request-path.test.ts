import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_TARGET_LENGTH, parseRequestPath, rebaseTarget } from '../src/request-path.ts'

const bytesOf = (target: string): string | undefined => parseRequestPath(target)?.bytes
const latin1 = (text: string): string => Buffer.from(text).toString('latin1')

test.each([
  ['/', '/'],
  ['/a', '/a'],
  ['/a/b/', '/a/b/'],
  ['/files/report.pdf?token=x&y=/../', '/files/report.pdf'],
  ['/?', '/'],
  ['/.well-known/x', '/.well-known/x'],
  ['/...', '/...'],
  ['/..a', '/..a'],
  ['/a;v=1', '/a;v=1'],
  ['/A%61~!$&\'()*+,;=:@"<>[]^`{|}', '/Aa~!$&\'()*+,;=:@"<>[]^`{|}'],
  ['/a%20b%3Fc%23d%2A', '/a b?c#d*'],
  ['/%C3%A9/%e2%82%AC', `/${latin1('é')}/${latin1('€')}`],
  ['/e%CC%81', `/${latin1('e\u0301')}`],
  ['/a?b\\c', '/a'],
])('%s is read as %s', (target, bytes) => {
  expect(bytesOf(target)).toBe(bytes)
})

describe('refuses', () => {
  test.each([
    ['PTH-01', 'absolute-form', 'http://localhost/files/a'],
    ['PTH-02', 'the asterisk-form', '*'],
    ['PTH-03', 'authority-form', 'localhost:80'],
    ['PTH-04', 'a control character', '/a\u0001b'],
    ['PTH-05', 'a space', '/a b'],
    ['PTH-06', 'raw characters beyond ASCII', '/é'],
    ['PTH-07', 'a backslash', '/a\\b'],
    ['PTH-08', 'a fragment', '/a#b'],
    ['PTH-09', 'a percent sign with one digit', '/a%2'],
    ['PTH-10', 'a percent sign with a letter that is no digit', '/a%2g'],
    ['PTH-11', 'a byte that is not UTF-8', '/%ff'],
    ['PTH-12', 'an overlong slash', '/a%c0%afb'],
    ['PTH-13', 'an overlong dot', '/%c0%ae%c0%ae/b'],
    ['PTH-14', 'a surrogate in UTF-8', '/%ed%a0%80'],
    ['PTH-15', 'an encoded NUL', '/a%00.pdf'],
    ['PTH-16', 'an encoded line break', '/a%0d%0ab'],
    ['PTH-17', 'an encoded DEL', '/a%7f'],
    ['PTH-18', 'an encoded slash', '/a%2fb'],
    ['PTH-19', 'an encoded backslash', '/a%5Cb'],
    ['PTH-20', 'an encoded percent sign', '/a%252e%252e/b'],
    ['PTH-21', 'an empty segment', '/a//b'],
    ['PTH-22', 'two slashes in front', '//a'],
    ['PTH-23', 'two slashes at the end', '/a//'],
    ['PTH-24', 'a dot segment', '/a/../b'],
    ['PTH-25', 'a single dot', '/a/./b'],
    ['PTH-26', 'a dot segment at the end', '/a/..'],
    ['PTH-27', 'an encoded dot segment', '/a/%2e%2E/b'],
    ['PTH-28', 'a half encoded dot segment', '/a/.%2e/b'],
    ['PTH-29', 'a dot segment before a semicolon', '/a/..;/b'],
    ['PTH-30', 'the same with a parameter', '/a/..;x=1/b'],
    ['PTH-31', 'the same with an encoded semicolon', '/a/..%3bx/b'],
    ['PTH-32', 'a single dot before a semicolon', '/a/.;/b'],
    ['PTH-33', 'a query without a path', '?a'],
    ['PTH-34', 'nothing', ''],
    ['PTH-35', 'a tab in the query', '/a?b\tc'],
    ['PTH-36', 'a fragment in the query', '/a?b#c'],
  ])('%s %s', (_id, _what, target) => {
    expect(parseRequestPath(target)).toBeNull()
  })

  test('PTH-37 more than 8192 characters, the query included', () => {
    const room = MAX_TARGET_LENGTH - 3
    expect(parseRequestPath(`/a?${'b'.repeat(room)}`)).not.toBeNull()
    expect(parseRequestPath(`/a?${'b'.repeat(room + 1)}`)).toBeNull()
    expect(parseRequestPath('/'.repeat(65_536))).toBeNull()
  })
})

test('PTH-37 more than 128 segments', () => {
  expect(parseRequestPath('/a'.repeat(128))).not.toBeNull()
  expect(parseRequestPath(`${'/a'.repeat(127)}/`)).not.toBeNull()
  expect(parseRequestPath('/a'.repeat(129))).toBeNull()
  expect(parseRequestPath('/%61'.repeat(129))).toBeNull()
})

test('beside a decoder of another make: every target is refused, or decoded as the platform decodes it', () => {
  const unit = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...'/a.;%2eEfF5C3A9c0?#\\ ') },
    { weight: 2, arbitrary: fc.constantFrom('%2e', '%2F', '%C3%A9', '%20', '/', '..', '%E2%82%AC', '%80') },
  )
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 12 }), (rest) => {
      const target = `/${rest}`
      const path = target.split('?')[0] ?? ''
      let expected: string | undefined
      try {
        const segments = path.slice(1).split('/').map(decodeURIComponent)
        const isFine = segments.every(
          (text, at) =>
            (text !== '' || at === segments.length - 1) &&
            !/[\0-\x1f\x7f/\\%]/.test(text) &&
            !['.', '..'].includes(text.split(';')[0] ?? ''),
        )
        if (isFine && !/[\\# ]/.test(path) && !/[# ]/.test(target)) expected = `/${segments.join('/')}`
      } catch {
        expected = undefined
      }
      expect(bytesOf(target)).toBe(expected === undefined ? undefined : latin1(expected))
    }),
    { numRuns: 20_000 },
  )
})

test('the segments of a path', () => {
  expect(parseRequestPath('/')?.segments).toEqual([''])
  expect(parseRequestPath('/a/b/')?.segments).toEqual(['a', 'b', ''])
})

describe('a target on another base', () => {
  test.each([
    ['/i3d/cdn/videos/a.mp4?x', { strip: '/i3d/cdn', prepend: '/vhost' }, '/vhost/videos/a.mp4?x'],
    ['/i3d/cdn/videos/a.mp4', { strip: '/i3d/cdn/', prepend: '/vhost/' }, '/vhost/videos/a.mp4'],
    ['/i3d/cdn/videos/a.mp4', { strip: 'i3d/cdn', prepend: 'vhost' }, '/vhost/videos/a.mp4'],
    ['/a/b', { prepend: 'vhost' }, '/vhost/a/b'],
    ['/a/b', { strip: '/a' }, '/b'],
    ['/a/b', { strip: '/', prepend: '/' }, '/a/b'],
    ['/a', { strip: '/a' }, '/'],
    ['/a?q=1', { strip: '/a' }, '/?q=1'],
    ['/a?q=1', { strip: '/a', prepend: '/v' }, '/v?q=1'],
    ['/a/', { strip: '/a', prepend: '/v' }, '/v/'],
    ['/a/b', {}, '/a/b'],
    ['/a/b?c=/x', { strip: '/a/b/c' }, null],
    ['/ab', { strip: '/a' }, null],
    ['/A/b', { strip: '/a' }, null],
    ['/%61/b', { strip: '/a' }, null],
    ['http://x/a/b', { strip: '/a' }, null],
    ['?a', {}, null],
    ['', {}, null],
  ])('%s %j', (target, base, expected) => {
    expect(rebaseTarget(target, base)).toBe(expected)
  })

  test('what was doubtful before is doubtful still', () => {
    for (const target of ['/a//b', '/a/../b', '/a/%2e%2e/b', '/a//']) {
      const rebased = rebaseTarget(target, { strip: '/a', prepend: '/v' })
      expect(rebased).not.toBeNull()
      expect(parseRequestPath(rebased ?? '/')).toBeNull()
    }
  })
})
