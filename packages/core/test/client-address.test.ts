import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ClientAddressOptions, createClientAddress } from '../src/client-address.ts'
import { parseIp } from '../src/ip-range.ts'
import { ConfigurationError } from '../src/request-error.ts'

const PROXIES = ['10.0.0.0/8', '::1', '2001:db8::/64']

function find(
  header: ClientAddressOptions['header'],
  peer: string | undefined,
  lines: string | readonly string[],
): string | null {
  const list = typeof lines === 'string' ? [lines] : lines
  return createClientAddress({ trustedProxies: PROXIES, header })(peer, (name) =>
    name === header ? list : ['6.6.6.6'],
  )
}
const viaXff = (peer: string | undefined, lines: string | readonly string[]): string | null =>
  find('x-forwarded-for', peer, lines)
const viaForwarded = (peer: string | undefined, lines: string | readonly string[]): string | null =>
  find('forwarded', peer, lines)

describe('the socket', () => {
  const bySocket = createClientAddress()
  const forged = (): readonly string[] => ['9.9.9.9']

  test.each([
    ['1.2.3.4', '1.2.3.4'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['2001:DB8::1', '2001:db8::1'],
    [undefined, null],
    ['', null],
    ['/run/app.sock', null],
    ['fe80::1%eth0', null],
  ])('%s gives %s', (peer, address) => {
    expect(bySocket(peer, forged)).toBe(address)
  })

  test('ADR-26 without trusted proxies no header is read', () => {
    let reads = 0
    bySocket('10.0.0.1', () => {
      reads++
      return []
    })
    expect(reads).toBe(0)
  })

  test('ADR-27 an untrusted peer is the client, whatever its headers say', () => {
    expect(viaXff('1.2.3.4', '9.9.9.9')).toBe('1.2.3.4')
    expect(viaForwarded('1.2.3.4', 'for=9.9.9.9')).toBe('1.2.3.4')
  })

  test('ADR-28 the other header is never read', () => {
    expect(viaXff('10.0.0.1', [])).toBe('10.0.0.1')
    expect(viaForwarded('10.0.0.1', [])).toBe('10.0.0.1')
  })
})

describe('X-Forwarded-For behind a trusted proxy', () => {
  test.each([
    ['one entry', ['1.2.3.4'], '1.2.3.4'],
    ['white space around entries', ['  9.9.9.9 ,\t1.2.3.4 '], '1.2.3.4'],
    ['a chain of proxies', ['1.2.3.4, 10.0.0.2, 10.0.0.3'], '1.2.3.4'],
    ['several header lines', ['1.2.3.4', '10.0.0.2,10.0.0.3', '10.0.0.4'], '1.2.3.4'],
    ['all entries trusted: the left-most', ['10.1.1.1, 10.0.0.2'], '10.1.1.1'],
    ['mapped IPv4', ['::ffff:1.2.3.4, ::ffff:10.0.0.2'], '1.2.3.4'],
    ['IPv6 proxies', ['2001:db8:1::9, 2001:DB8::5'], '2001:db8:1::9'],
    ['no header: the proxy itself', [], '10.0.0.1'],
    ['what stands left of the client, however odd', ['<script>, , 1.2.3.4:5, 1.2.3.4, 10.0.0.2'], '1.2.3.4'],
  ])('%s', (_what, lines, address) => {
    expect(viaXff('10.0.0.1', lines)).toBe(address)
  })

  test.each([
    ['ADR-29', 'a forged left-most entry is not believed', ['127.0.0.1, 1.2.3.4'], '1.2.3.4'],
    ['ADR-30', 'an entry with a port gives none', ['1.2.3.4:80'], null],
    ['ADR-31', 'unknown gives none', ['1.2.3.4, unknown'], null],
    ['ADR-32', 'an empty entry gives none', ['1.2.3.4,'], null],
    ['ADR-32', 'an empty line gives none', ['1.2.3.4', ''], null],
    ['ADR-33', 'an octal entry gives none', ['010.1.2.3'], null],
    ['ADR-34', 'an entry behind trusted ones that cannot be read gives none', ['1.2.3.4, x, 10.0.0.2'], null],
    [
      'ADR-35',
      'more hops than there are proxies in the world give none',
      [`1.2.3.4${', 10.0.0.2'.repeat(64)}`],
      null,
    ],
    ['ADR-36', 'a line beyond 16 KB gives none', [`${'9.9.9.9,'.repeat(4000)}1.2.3.4`], null],
  ])('%s %s', (_id, _what, lines, address) => {
    expect(viaXff('10.0.0.1', lines)).toBe(address)
  })

  test('64 hops are followed', () => {
    expect(viaXff('10.0.0.1', `1.2.3.4${', 10.0.0.2'.repeat(63)}`)).toBe('1.2.3.4')
  })
})

describe('Forwarded behind a trusted proxy', () => {
  test.each([
    ['one element', ['for=1.2.3.4'], '1.2.3.4'],
    ['any case, other parameters', ['proto=https;For="1.2.3.4";by=_x;host="a;b, c"'], '1.2.3.4'],
    ['a port', ['for="1.2.3.4:80"'], '1.2.3.4'],
    ['a port without quotes', ['for=1.2.3.4:80'], '1.2.3.4'],
    ['a hidden port', ['for="1.2.3.4:_p"'], '1.2.3.4'],
    ['IPv6', ['for="[2001:db8:1::1]"'], '2001:db8:1::1'],
    ['IPv6 with a port', ['for="[2001:db8:1::1]:443"'], '2001:db8:1::1'],
    ['a chain', ['for=9.9.9.9, for=1.2.3.4 ,\tfor=10.0.0.2;proto=http'], '1.2.3.4'],
    ['several lines', ['for=9.9.9.9', 'for=1.2.3.4', 'for="[::1]"'], '1.2.3.4'],
    ['escapes in quotes', ['for="1.2\\.3.4";x="\\"\\\\"'], '1.2.3.4'],
    ['all trusted: the left-most', ['for=10.0.0.9, for=10.0.0.2'], '10.0.0.9'],
    ['a broken line left of the client', ['for="', 'for=1.2.3.4'], '1.2.3.4'],
    ['unknown left of the client', ['for=unknown, for=1.2.3.4'], '1.2.3.4'],
  ])('%s', (_what, lines, address) => {
    expect(viaForwarded('10.0.0.1', lines)).toBe(address)
  })

  test.each([
    ['ADR-37', 'unknown', 'for=unknown'],
    ['ADR-38', 'a hidden name', 'for=_gazonk'],
    ['ADR-38', 'a hidden name with a port', 'for="_gazonk:80"'],
    ['ADR-39', 'a quote that is not closed', 'for="1.2.3.4'],
    [
      'ADR-40',
      'a quote of an earlier hop that swallows a later element',
      'for=9.9.9.9;x=", for=1.2.3.4;by="a"',
    ],
    ['ADR-41', 'an element without for', 'for=9.9.9.9, proto=http'],
    ['ADR-42', 'for twice in one element', 'for=9.9.9.9;for=1.2.3.4'],
    ['ADR-42', 'for twice, in another case', 'for=9.9.9.9;FOR=1.2.3.4'],
    ['ADR-43', 'IPv6 without brackets', 'for="2001:db8:1::1"'],
    ['ADR-43', 'IPv6 without brackets and quotes', 'for=2001:db8:1::1'],
    ['ADR-43', 'IPv6 in brackets without quotes', 'for=[2001:db8:1::1]'],
    ['ADR-44', 'IPv4 in brackets', 'for="[1.2.3.4]"'],
    ['ADR-45', 'a port out of range', 'for="1.2.3.4:65536"'],
    ['ADR-45', 'an empty port', 'for="1.2.3.4:"'],
    ['ADR-45', 'two ports', 'for="1.2.3.4:80:80"'],
    ['ADR-46', 'white space around =', 'for = 1.2.3.4'],
    ['ADR-46', 'an empty parameter', 'for=1.2.3.4;'],
    ['ADR-46', 'an empty element', 'for=1.2.3.4,'],
    ['ADR-46', 'a bare address', '1.2.3.4'],
    ['ADR-46', 'nothing', ''],
    ['ADR-47', 'a control character in quotes', 'for="1.2.3.4";x="\u0001"'],
    ['ADR-48', 'brackets that are not closed', 'for="[2001:db8:1::1"'],
    ['ADR-48', 'text behind the brackets', 'for="[2001:db8:1::1]x"'],
    ['ADR-49', 'a line beyond 16 KB', `${'for=9.9.9.9,'.repeat(2000)}for=1.2.3.4`],
  ])('%s gives none for %s', (_id, _what, line) => {
    expect(viaForwarded('10.0.0.1', line)).toBeNull()
  })
})

test('any header gives a canonical address or none, and without a trusted peer the peer', () => {
  const unit = fc.constantFrom(...'for=";,\\ []:.1a', 'for=', '1.2.3.4', '10.0.0.2', '"[::1]"', ', ')
  const lines = fc.array(fc.string({ unit, maxLength: 12 }), { maxLength: 3 })
  fc.assert(
    fc.property(lines, fc.constantFrom('x-forwarded-for' as const, 'forwarded' as const), (given, header) => {
      const address = find(header, '10.0.0.1', given)
      if (address !== null) expect(parseIp(address)?.text).toBe(address)
      expect(find(header, '1.2.3.4', given)).toBe('1.2.3.4')
    }),
    { numRuns: 5000 },
  )
})

test('the client is the right-most entry that is not trusted, whatever stands left of it', () => {
  const trusted = fc.constantFrom('10.0.0.2', '10.9.9.9', '::1', '::ffff:10.0.0.3')
  const anything = fc.string({ unit: fc.constantFrom(...'1.:, x"'), maxLength: 10 })
  const client = fc.constantFrom('1.2.3.4', '2001:db8:1::1', '11.0.0.1')
  fc.assert(
    fc.property(
      anything,
      client,
      fc.array(trusted, { maxLength: 5 }),
      fc.boolean(),
      (left, address, proxies, lines) => {
        const entries = [left, address, ...proxies]
        expect(viaXff('10.0.0.1', lines ? entries : entries.join(', '))).toBe(address)
      },
    ),
  )
})

describe('options', () => {
  test('an entry that is no address or range refuses to start', () => {
    const options = { trustedProxies: ['loopback'], header: 'forwarded' as const }
    expect(() => createClientAddress(options)).toThrow(ConfigurationError)
    expect(() => createClientAddress({ ...options, trustedProxies: ['10.0.0.1/8'] })).toThrow(
      ConfigurationError,
    )
  })

  test('another header refuses to start', () => {
    const header: string = 'x-real-ip'
    const options = { trustedProxies: [], header: header as 'forwarded' }
    expect(() => createClientAddress(options)).toThrow(ConfigurationError)
  })

  test('they are copied', () => {
    const trustedProxies = ['10.0.0.1']
    const find = createClientAddress({ trustedProxies, header: 'x-forwarded-for' })
    trustedProxies.push('1.2.3.4')
    expect(find('1.2.3.4', () => ['9.9.9.9'])).toBe('1.2.3.4')
    expect(find('10.0.0.1', () => ['9.9.9.9'])).toBe('9.9.9.9')
  })
})
