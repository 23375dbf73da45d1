import { expect, test, vi } from 'vitest'
import { memoize, memoizeLast } from '../src/memoize.ts'

test('what was made of a text is made once, until there are too many', () => {
  const make = vi.fn((text: string) => ({ text }))
  const read = memoize(make, 3)
  const first = read('a')
  expect([read('a'), read('b'), read('c'), read('a')]).toEqual([
    { text: 'a' },
    { text: 'b' },
    { text: 'c' },
    { text: 'a' },
  ])
  expect(read('a')).toBe(first)
  expect(make).toHaveBeenCalledTimes(3)
  read('d')
  expect(read('a')).not.toBe(first)
  expect(make).toHaveBeenCalledTimes(5)
})

test('what throws is tried again', () => {
  const make = vi.fn((text: string): object => {
    throw new Error(text)
  })
  const read = memoize(make, 3)
  expect(() => read('a')).toThrow('a')
  expect(() => read('a')).toThrow('a')
  expect(make).toHaveBeenCalledTimes(2)
})

test('what UTF-8 cannot write is made each time, from the text itself', () => {
  const make = vi.fn((text: string) => ({ text }))
  const read = memoize(make, 3)
  expect([read('\ud800'), read('\ud800')]).toEqual([{ text: '\ud800' }, { text: '\ud800' }])
  expect(make).toHaveBeenCalledTimes(2)
})

test('of texts that come one after the other the last is remembered', () => {
  const make = vi.fn((text: string) => ({ text }))
  const read = memoizeLast(make)
  const first = read('a')
  expect(read('a')).toBe(first)
  expect([read('b'), read('a')]).toEqual([{ text: 'b' }, { text: 'a' }])
  expect(make).toHaveBeenCalledTimes(3)
  expect(memoizeLast(() => null)('')).toBeNull()
})
