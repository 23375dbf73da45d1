import { expect, test } from 'vitest'
import { SeenTexts, toTextHash } from '../src/signed-texts.ts'

/** Rounds in which every text comes once, until all of them came again as far as is known. */
function roundsUntilSeen(texts: readonly string[]): number {
  const seen = new SeenTexts()
  let unseen = texts
  for (let round = 1; round <= 1000; round++) {
    unseen = unseen.filter((text) => !seen.addAgain(toTextHash(text)))
    if (unseen.length === 0) return round
  }
  throw new Error(`${unseen.length} texts are never seen again`)
}

const toTexts = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => `${n * 7919}`.padStart(12, 'x'))

test('a text is seen when it comes again', () => {
  expect(roundsUntilSeen(['a'])).toBe(2)
  const seen = new SeenTexts()
  expect(['a', 'b', 'b', 'a', 'c'].map((text) => seen.addAgain(toTextHash(text)))).toEqual([
    false,
    false,
    true,
    true,
    false,
  ])
})

test.each([2, 10, 1000, 20_000, 50_000])(
  '%d texts that come in turn are all seen, whichever share a place',
  (count) => {
    expect(roundsUntilSeen(toTexts(count))).toBeLessThan(150)
  },
)

test('of many that come once, few are taken for seen', () => {
  const seen = new SeenTexts()
  const taken = toTexts(200_000).filter((text) => seen.addAgain(toTextHash(text)))
  expect(taken.length).toBeLessThan(200_000 / 15)
})
