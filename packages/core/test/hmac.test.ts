import { createHmac, createSecretKey, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createHmacOf, type HmacDigest } from '../src/hmac.ts'

const DIGESTS: readonly HmacDigest[] = ['sha256', 'sha384', 'sha512']

describe.each(DIGESTS)('the HMAC with %s', (digest) => {
  const oracle = (secret: Buffer, text: string): string =>
    createHmac(digest, secret).update(text).digest('base64url')

  test('is that of node:crypto, for any key and any text', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 300 }),
        fc.array(fc.string({ unit: 'binary', maxLength: 400 }), { maxLength: 5 }),
        (secret, texts) => {
          const toMac = createHmacOf(digest, createSecretKey(secret))
          for (const text of texts) expect(toMac(text)).toBe(oracle(Buffer.from(secret), text))
        },
      ),
    )
  })

  test.each([
    ['a block', 'x'.repeat(64)],
    ['the longest that lies in place', 'x'.repeat(8192)],
    ['one byte more', 'x'.repeat(8193)],
    ['as many bytes in fewer characters', `${'€'.repeat(2730)}xx`],
    ['and one more', `${'€'.repeat(2730)}xxx`],
    ['far more', 'é'.repeat(100_000)],
    ['half a character', '\ud800'],
    ['nothing', ''],
  ])('of %s', (_name, text) => {
    const secret = randomBytes(32)
    const toMac = createHmacOf(digest, createSecretKey(secret))
    // What was there before, longer and shorter, leaves nothing behind.
    for (const each of ['y'.repeat(8192), text, 'y', text]) expect(toMac(each)).toBe(oracle(secret, each))
  })

  test('keys take turns', () => {
    const secrets = [1, 32, 63, 64, 65, 127, 128, 129, 200].map((length) => randomBytes(length))
    const makers = secrets.map((secret) => createHmacOf(digest, createSecretKey(secret)))
    for (let turn = 0; turn < 3; turn++) {
      for (const [at, toMac] of makers.entries()) {
        const text = `${turn}.${at}`
        expect(toMac(text)).toBe(oracle(secrets[at] ?? Buffer.alloc(0), text))
      }
    }
  })
})

test('RFC 4231, test case 2', () => {
  const toMac = createHmacOf('sha256', createSecretKey(Buffer.from('Jefe')))
  const hex = Buffer.from(toMac('what do ya want for nothing?'), 'base64url').toString('hex')
  expect(hex).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843')
})
