import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  decodeCanonicalBase64url,
  decodeCanonicalText,
  encodeBase64url,
  isCanonicalBase64url,
} from '../src/base64url.ts'

test('what was encoded is decoded to the same bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(decodeCanonicalBase64url(encodeBase64url(bytes))).toEqual(Buffer.from(bytes))
    }),
  )
})

test('a view into a larger buffer is encoded alone', () => {
  expect(encodeBase64url(new Uint8Array([1, 2, 3, 4]).subarray(1, 3))).toBe('AgM')
})

test('the empty text is the empty buffer', () => {
  expect(decodeCanonicalBase64url('')).toEqual(Buffer.alloc(0))
})

test('bytes have one text only: any other that Node decodes to them is refused', () => {
  const alphabet = fc.constantFrom(...'ABCxyz019-_+/= \n\t.é\u0000\u0141\u0161\u2041\uff21')
  fc.assert(
    fc.property(fc.string({ unit: alphabet, maxLength: 9 }), (text) => {
      const bytes = decodeCanonicalBase64url(text)
      const strict = /^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?$/
      expect(bytes !== null).toBe(strict.test(text))
      expect(isCanonicalBase64url(text)).toBe(strict.test(text))
      expect(decodeCanonicalText(text)).toBe(bytes === null ? undefined : toUtf8(bytes))
    }),
    { numRuns: 20_000 },
  )
})

/** By another reader; null for what is no UTF-8. */
function toUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

test('a text is what its bytes are in UTF-8, and none when they are not', () => {
  const text = fc
    .string({ unit: fc.constantFrom(...'a{"é€\uFEFF\uFFFD\u{1F600}') })
    .map((value) => Buffer.from(value))
  const broken = fc.uint8Array({ maxLength: 12 }).map((value) => Buffer.from(value))
  fc.assert(
    fc.property(fc.array(fc.oneof(text, broken), { maxLength: 3 }), (parts) => {
      const bytes = Buffer.concat(parts)
      expect(decodeCanonicalText(encodeBase64url(bytes))).toBe(toUtf8(bytes))
    }),
    { numRuns: 5000 },
  )
})

test.each([6143, 6144, 6145, 20_000])('%i bytes are read as one are', (length) => {
  for (const bytes of [Buffer.alloc(length, 'ab'), Buffer.alloc(length, 'é'), Buffer.alloc(length, 0x80)]) {
    expect(decodeCanonicalText(encodeBase64url(bytes))).toBe(toUtf8(bytes))
  }
  expect(decodeCanonicalText(`${encodeBase64url(Buffer.alloc(length, 'ab')).slice(0, -1)}+`)).toBeUndefined()
})
