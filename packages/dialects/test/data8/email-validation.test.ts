import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isEmailAddress } from '../../src/data8/email-validation.ts'

describe('isEmailAddress', () => {
  it.each([
    'ada@example.com',
    'a@b.co',
    'ada.lovelace+tag@mail.example.co.uk',
    "o'brien@example.ie",
    'x!#$%&*/=?^_`{|}~-@example.com',
    'ADA@EXAMPLE.COM',
    'ada@xn--bcher-kva.example',
    'ada@1.example.x2',
    `${'a'.repeat(64)}@example.com`,
    `a@${'b'.repeat(63)}.com`,
  ])('takes %s', (text) => {
    expect(isEmailAddress(text)).toBe(true)
  })

  it.each([
    '',
    '@',
    'N/A',
    'noone@nowhere',
    'ada@',
    '@example.com',
    'ada@@example.com',
    'a@b@example.com',
    '.ada@example.com',
    'ada.@example.com',
    'a..b@example.com',
    'ada lovelace@example.com',
    '"ada"@example.com',
    'ada@[127.0.0.1]',
    'ada@127.0.0.1',
    'ada@example.123',
    'ada@-example.com',
    'ada@example-.com',
    'ada@.com',
    'ada@example.',
    'ada@example..com',
    'ada@exa_mple.com',
    'ada@bücher.example',
    'äda@example.com',
    'ada@example.com\n',
    '\tada@example.com',
    `${'a'.repeat(65)}@example.com`,
    `a@${'b'.repeat(64)}.com`,
    `a@${'b.'.repeat(126)}com`,
  ])('refuses %j', (text) => {
    expect(isEmailAddress(text)).toBe(false)
  })

  it('takes what fast-check calls an address, where it is short enough', () => {
    fc.assert(
      fc.property(fc.emailAddress(), (text) => {
        expect(isEmailAddress(text)).toBe(text.length <= 254)
      }),
    )
  })

  it('is done at once with long and repetitive text', () => {
    const start = performance.now()
    for (const part of ['a', 'a.', '@', '.', 'a@', '-', 'a-']) isEmailAddress(part.repeat(200_000))
    expect(performance.now() - start).toBeLessThan(500)
  })
})
