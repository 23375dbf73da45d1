import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeCanonicalBase64url, encodeBase64url, isCanonicalBase64url } from '../src/base64url.ts'

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
    }),
    { numRuns: 20_000 },
  )
})
