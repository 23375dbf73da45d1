import { expect, test, vi } from 'vitest'
import { createUuidV7, isUuid } from '../src/uuid.ts'

const toMs = (id: string): number => Number.parseInt(id.slice(0, 13).replace('-', ''), 16)

test('has the form of RFC 9562 and holds the time', () => {
  const now = new Date('2031-05-06T07:08:09.123Z')
  const id = createUuidV7(now)
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(toMs(id)).toBe(now.getTime())
})

test('each is greater than the one before, within one millisecond and over a clock that steps back', () => {
  let before = ''
  const start = Date.UTC(2032, 0, 1)
  for (let at = 0; at < 30_000; at++) {
    const ms = at < 20_000 ? start : start + (at % 7) - 5000
    const id = createUuidV7(new Date(ms))
    expect(id > before).toBe(true)
    before = id
  }
  expect(toMs(before)).toBeLessThanOrEqual(start + 6)
})

test('a clock that is set back far is followed', () => {
  createUuidV7(new Date(Date.UTC(2033, 0, 1)))
  const past = Date.UTC(2026, 0, 1)
  expect(toMs(createUuidV7(new Date(past)))).toBe(past)
})

test.each([new Date(-1e12), new Date(2 ** 48), new Date(Number.NaN)])('is not made for %s', (moment) => {
  // A module of its own: in this one the latest time is kept.
  vi.resetModules()
  return expect(import('../src/uuid.ts').then((fresh) => fresh.createUuidV7(moment))).rejects.toThrow(
    RangeError,
  )
})

test('a clock that shows no time makes no id, also after others were made', () => {
  createUuidV7(new Date())
  expect(() => createUuidV7(new Date(Number.NaN))).toThrow(RangeError)
})

test('the tail is random', () => {
  const now = new Date(Date.UTC(2034, 0, 1))
  const tails = new Set(Array.from({ length: 2000 }, () => createUuidV7(now).slice(-12)))
  expect(tails.size).toBe(2000)
})

test('more ids in one millisecond than the counter holds go on in the next', () => {
  const now = new Date(Date.UTC(2035, 0, 1))
  let before = createUuidV7(now)
  for (let at = 0; at < 2 ** 18; at++) {
    const id = createUuidV7(now)
    if (id <= before) expect.unreachable()
    before = id
  }
  expect(toMs(before)).toBe(now.getTime() + 1)
})

test.each([
  ['01a1ff76-fb9a-70a0-8c8e-6a7bb3b81bb2', true],
  ['00000000-0000-0000-0000-000000000000', true],
  ['01A1FF76-FB9A-70A0-8C8E-6A7BB3B81BB2', false],
  ['01a1ff76fb9a70a08c8e6a7bb3b81bb2', false],
  ['{01a1ff76-fb9a-70a0-8c8e-6a7bb3b81bb2}', false],
  ['01a1ff76-fb9a-70a0-8c8e-6a7bb3b81bb2\n', false],
  ['01a1ff76-fb9a-70a0-8c8e-6a7bb3b81bbg', false],
  ['', false],
])('%j is a UUID: %s', (text, expected) => {
  expect(isUuid(text)).toBe(expected)
})
