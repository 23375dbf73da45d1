import { isIP, isIPv4, isIPv6 } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  containsIp,
  coversIpRange,
  type IpRange,
  parseIp,
  parseIpRange,
  parseIpRanges,
} from '../src/ip-range.ts'
import { TokenRequestError } from '../src/request-error.ts'

const contains = (range: string, address: string): boolean => {
  const ip = parseIp(address)
  return ip !== null && containsIp(parseIpRange(range), ip)
}

describe('an address in its canonical text', () => {
  test.each([
    ['1.2.3.4', '1.2.3.4'],
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['::', '::'],
    ['::1', '::1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['1:0:0:2:2:0:0:1', '1::2:2:0:0:1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['fe80::', 'fe80::'],
    ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
    ['::1.2.3.4', '::102:304'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['::FFFF:102:304', '1.2.3.4'],
    ['0:0:0:0:0:ffff:1.2.3.4', '1.2.3.4'],
  ])('%s is %s', (text, canonical) => {
    expect(parseIp(text)?.text).toBe(canonical)
  })
})

describe('refuses the address', () => {
  test.each([
    ['ADR-01', 'in octal', '010.1.2.3'],
    ['ADR-02', 'in hex', '0x7f.0.0.1'],
    ['ADR-03', 'in a short form', '127.1'],
    ['ADR-04', 'as an integer', '2130706433'],
    ['ADR-05', 'with a zone', 'fe80::1%eth0'],
    ['ADR-06', 'with an octet above 255', '1.2.3.256'],
    ['ADR-07', 'with five octets', '1.2.3.4.5'],
    ['ADR-08', 'with an empty octet', '1..2.3'],
    ['ADR-09', 'with a port', '1.2.3.4:80'],
    ['ADR-10', 'in brackets', '[::1]'],
    ['ADR-11', 'with white space', ' 1.2.3.4'],
    ['ADR-12', 'with two ::', '1::2::3'],
    ['ADR-13', 'with a group too long', '12345::'],
    ['ADR-14', 'with eight groups and ::', '1::2:3:4:5:6:7:8'],
    ['ADR-15', 'with an octal IPv4 part', '::ffff:01.2.3.4'],
    ['ADR-16', 'in another digit script', '\u0661.2.3.4'],
    ['ADR-17', 'of 1 MB', `${'0:'.repeat(2 ** 19)}1`],
  ])('%s %s', (_id, _what, text) => {
    expect(parseIp(text)).toBeNull()
    expect(() => parseIpRange(text)).toThrow(TokenRequestError)
  })

  test.each([
    '',
    ':',
    ':::',
    '1:',
    ':1',
    '1.2.3',
    '1.2.3.4.',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '::1.2.3',
    '1.2.3.4::',
    'g::',
    '1:2:3:4:5:6:7:1.2.3.4',
  ])('%j', (text) => {
    expect(parseIp(text)).toBeNull()
  })
})

test('any text is an address exactly when the platform says so, zones left out', () => {
  const unit = fc.constantFrom(...'0125.:aFf', '::', '255', 'ffff', '1.2.3.4', '1:', ':2')
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 12 }), (text) => {
      const ip = parseIp(text)
      expect(ip !== null).toBe(isIP(text) !== 0)
      if (ip !== null) {
        expect(ip.family === 4 ? isIPv4(ip.text) : isIPv6(ip.text)).toBe(true)
        expect(parseIp(ip.text)).toEqual(ip)
      }
    }),
    { numRuns: 20_000 },
  )
})

test('the canonical text of IPv6 is the one of the URL standard', () => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      const ip = parseIp(text)
      if (ip?.family !== 6) return
      expect(`[${ip.text}]`).toBe(new URL(`http://[${text}]/`).hostname)
    }),
    { numRuns: 1000 },
  )
})

describe('a range in its canonical text', () => {
  test.each([
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['1.2.3.4/32', '1.2.3.4'],
    ['1.2.3.4', '1.2.3.4'],
    ['::/0', '::/0'],
    ['2001:DB8::/32', '2001:db8::/32'],
    ['2001:db8::1/128', '2001:db8::1'],
    ['::ffff:10.0.0.0/104', '10.0.0.0/8'],
    ['::ffff:0:0/96', '0.0.0.0/0'],
    ['::ffff:1.2.3.4/128', '1.2.3.4'],
  ])('%s is %s', (text, canonical) => {
    expect(parseIpRange(text).text).toBe(canonical)
    expect(parseIpRange(canonical)).toEqual(parseIpRange(text))
  })
})

describe('refuses the range', () => {
  test.each([
    ['ADR-18', 'with a prefix beyond 32', '1.2.3.4/33'],
    ['ADR-19', 'with a negative prefix', '1.2.3.4/-1'],
    ['ADR-20', 'with bits behind its prefix', '10.0.0.1/8'],
    ['ADR-20', 'with bits behind its prefix, IPv6', '2001:db8::1/32'],
    ['ADR-20', 'with bits right behind its prefix', '128.0.0.0/0'],
    ['ADR-21', 'with a prefix beyond 128', '::/129'],
    ['ADR-22', 'with a leading zero in its prefix', '10.0.0.0/08'],
    ['ADR-23', 'of mapped addresses with a prefix below 96', '::ffff:0:0/95'],
    ['ADR-23', 'of mapped addresses with an IPv4 prefix', '::ffff:10.0.0.0/8'],
    ['ADR-24', 'with a mask', '10.0.0.0/255.0.0.0'],
    ['ADR-24', 'with an empty prefix', '10.0.0.0/'],
    ['ADR-24', 'with two prefixes', '10.0.0.0/8/8'],
    ['ADR-24', 'with a plus sign', '10.0.0.0/+8'],
    ['ADR-24', 'with a space', '10.0.0.0/ 8'],
    ['ADR-24', 'with an exponent', '0.0.0.0/1e1'],
  ])('%s %s', (_id, _what, text) => {
    expect(() => parseIpRange(text, 'grant.ip')).toThrow(TokenRequestError)
  })

  test('and names the field', () => {
    expect(() => parseIpRange('x', 'grant.ip')).toThrow(expect.objectContaining({ field: 'grant.ip' }))
  })
})

test('a list holds up to 32 ranges, and texts only', () => {
  expect(parseIpRanges([])).toEqual([])
  expect(parseIpRanges(Array.from({ length: 32 }, () => '::1'))).toHaveLength(32)
  const refused: unknown[] = [Array.from({ length: 33 }, () => '::1'), '::1', null, [1], [null]]
  for (const texts of refused as string[][]) expect(() => parseIpRanges(texts)).toThrow(TokenRequestError)
})

test.each([
  ['10.0.0.0/8', '10.255.255.255', true],
  ['10.0.0.0/8', '11.0.0.0', false],
  ['10.0.0.0/8', '::ffff:10.1.2.3', true],
  ['128.0.0.0/1', '255.0.0.1', true],
  ['128.0.0.0/1', '127.255.255.255', false],
  ['1.2.3.4', '1.2.3.4', true],
  ['1.2.3.4', '1.2.3.5', false],
  ['0.0.0.0/0', '255.255.255.255', true],
  ['2001:db8::/33', '2001:db8:7fff::1', true],
  ['2001:db8::/33', '2001:db8:8000::1', false],
  ['2001:db8::/64', '2001:db8::ffff:0:0:1', true],
  ['::1', '0:0:0:0:0:0:0:1', true],
])('%s holds %s: %s', (range, address, expected) => {
  expect(contains(range, address)).toBe(expected)
})

test('ADR-25 ::/0 holds no IPv4 address, 0.0.0.0/0 no IPv6 address', () => {
  expect(contains('::/0', '1.2.3.4')).toBe(false)
  expect(contains('::/0', '::ffff:1.2.3.4')).toBe(false)
  expect(contains('0.0.0.0/0', '::1')).toBe(false)
  expect(contains('::/0', '::1')).toBe(true)
})

describe('beside whole numbers', () => {
  const toNumber = (words: readonly number[]): bigint =>
    words.reduce((sum, word) => sum * 2n ** 32n + BigInt(word), 0n)
  const toRange = (family: 4 | 6, value: bigint, prefixLength: number): IpRange => {
    const bits = family === 4 ? 32 : 128
    const host = BigInt(bits - prefixLength)
    const network = (value >> host) << host
    const words =
      family === 4 ? [network] : [96n, 64n, 32n, 0n].map((shift) => (network >> shift) % 2n ** 32n)
    const groups = words.flatMap((word) => [word >> 16n, word % 65_536n].map((group) => group.toString(16)))
    const text =
      family === 6 ? groups.join(':') : [24n, 16n, 8n, 0n].map((shift) => (network >> shift) % 256n).join('.')
    return parseIpRange(`${text}/${prefixLength}`)
  }
  const range = fc.oneof(
    fc.record({
      family: fc.constant(4 as const),
      value: fc.bigInt(0n, 2n ** 32n - 1n),
      prefixLength: fc.nat(32),
    }),
    // Not within ::ffff:0:0/96, which is IPv4.
    fc.record({
      family: fc.constant(6 as const),
      value: fc.bigInt(2n ** 125n, 2n ** 128n - 1n),
      prefixLength: fc.integer({ min: 3, max: 128 }),
    }),
  )

  test('a range holds what shares its first bits', () => {
    fc.assert(
      fc.property(range, range, fc.nat(128), (a, b, flip) => {
        const outer = toRange(a.family, a.value, a.prefixLength)
        const bits = a.family === 4 ? 32 : 128
        const near = a.value ^ (flip < bits - 3 ? 1n << BigInt(flip) : 0n)
        for (const { family, value } of [b, a, { family: a.family, value: near }]) {
          const inner = toRange(family, value, family === 4 ? 32 : 128)
          const host = BigInt(bits - a.prefixLength)
          const expected = family === a.family && value >> host === a.value >> host
          const ip = parseIp(inner.text)
          expect(ip === null ? null : toNumber(ip.words)).toBe(value)
          expect(ip !== null && containsIp(outer, ip)).toBe(expected)
          expect(coversIpRange(outer, inner)).toBe(expected)
        }
      }),
      { numRuns: 1000 },
    )
  })

  test('a range covers another when it holds the first and the last of it', () => {
    fc.assert(
      fc.property(range, range, fc.boolean(), (a, b, related) => {
        const outer = toRange(a.family, a.value, a.prefixLength)
        const inner = related
          ? toRange(a.family, a.value, Math.min(b.prefixLength, a.family === 4 ? 32 : 128))
          : toRange(b.family, b.value, b.prefixLength)
        const size = (given: IpRange): bigint =>
          2n ** BigInt((given.family === 4 ? 32 : 128) - given.prefixLength)
        const [from, to] = [toNumber(inner.words), toNumber(inner.words) + size(inner)]
        const [start, end] = [toNumber(outer.words), toNumber(outer.words) + size(outer)]
        expect(coversIpRange(outer, inner)).toBe(outer.family === inner.family && start <= from && to <= end)
      }),
      { numRuns: 1000 },
    )
  })
})
