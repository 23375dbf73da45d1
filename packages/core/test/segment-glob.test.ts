import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ANY_SEGMENT, createSegmentGlob, matchesSegment, toSample } from '../src/segment-glob.ts'

const pieces = fc.array(fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 6 }), {
  minLength: 1,
  maxLength: 4,
})
const segment = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 24 })

test('a segment fits when the pieces stand in it, in order, the first and the last at its ends', () => {
  fc.assert(
    fc.property(pieces, segment, (given, text) => {
      const expected = new RegExp(`^${given.join('.*')}$`).test(text)
      expect(matchesSegment(createSegmentGlob(given), text)).toBe(expected)
    }),
    { numRuns: 20_000 },
  )
})

test('a piece is found behind a beginning of itself', () => {
  for (const [piece, text] of [
    ['aab', 'aaab'],
    ['abab', 'aabab'],
    ['aabaaab', 'aabaabaaab'],
    ['abcabd', 'abcabcabd'],
  ] as const) {
    const glob = createSegmentGlob(['', piece, ''])
    expect(matchesSegment(glob, text)).toBe(true)
    expect(matchesSegment(glob, `x${text}x`)).toBe(true)
    expect(matchesSegment(glob, text.slice(0, -1))).toBe(false)
  }
})

test('stars side by side are one, and alone they are any segment', () => {
  expect(createSegmentGlob(['', '', '', ''])).toBe(ANY_SEGMENT)
  expect(createSegmentGlob(['a', '', '', 'b']).pieces).toEqual(['a', 'b'])
  expect(matchesSegment(ANY_SEGMENT, '')).toBe(true)
})

describe('covering', () => {
  test('is exact: a segment with a letter that no pattern has shows every no', () => {
    fc.assert(
      fc.property(
        pieces,
        pieces,
        fc.string({ unit: fc.constantFrom('a', 'b', 'z'), maxLength: 3 }),
        (a, b, star) => {
          const [outer, inner] = [createSegmentGlob(a), createSegmentGlob(b)]
          const covers = matchesSegment(outer, toSample(inner))
          expect(matchesSegment(inner, b.join('z'))).toBe(true)
          expect(matchesSegment(outer, b.join('z'))).toBe(covers)
          if (covers) expect(matchesSegment(outer, b.join(star))).toBe(true)
        },
      ),
      { numRuns: 5000 },
    )
  })
})
