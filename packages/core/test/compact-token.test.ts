import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeBase64url } from '../src/base64url.ts'
import {
  MAX_TOKEN_BYTES,
  parseTokenHeader,
  parseTokenPayload,
  splitCompactToken,
} from '../src/compact-token.ts'

const segment = (text: string): string => encodeBase64url(Buffer.from(text))
const header = segment('{"alg":"EdDSA","kid":"k1","typ":"at+jwt"}')
const payload = segment('{"sub":"anna","jti":"1"}')
// 65 bytes, so that the last character has spare bits.
const signature = encodeBase64url(Buffer.alloc(65, 7))
const token = `${header}.${payload}.${signature}`

/** With its first character 256 further on, which Node's decoder may take for the same. */
function widen(text: string): string {
  return String.fromCharCode(text.charCodeAt(0) + 0x100) + text.slice(1)
}

test('a compact token is cut into its segments', () => {
  expect(splitCompactToken(token)).toEqual({
    header,
    payload,
    signature,
    payloadText: '{"sub":"anna","jti":"1"}',
    signingInput: `${header}.${payload}`,
  })
})

test('only the joined segments themselves are cut', () => {
  const part = fc.string({ unit: fc.constantFrom(...'AQgwBx-_.='), maxLength: 5 })
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
      const text = parts.join('.')
      const found = splitCompactToken(text)
      if (found === null) return
      expect(`${found.header}.${found.payload}.${found.signature}`).toBe(text)
      for (const each of [found.header, found.payload, found.signature]) {
        expect(each).not.toBe('')
        expect(Buffer.from(each, 'base64url').toString('base64url')).toBe(each)
      }
    }),
    { numRuns: 1000 },
  )
})

test('TXT-01 a token above the size cap is refused before anything is decoded', () => {
  const room = MAX_TOKEN_BYTES - header.length - signature.length - 2
  const full = `${header}.${'A'.repeat(room - (room % 4))}.${signature}`
  expect(full.length).toBeGreaterThan(MAX_TOKEN_BYTES - 4)
  expect(splitCompactToken(full)).not.toBeNull()
  expect(splitCompactToken(`${header}.${'A'.repeat(room - (room % 4) + 4)}.${signature}`)).toBeNull()
  expect(splitCompactToken('a'.repeat(2 ** 20))).toBeNull()
})

describe('the text of a token', () => {
  const spare = signature.slice(0, -1) + (signature.endsWith('c') ? 'd' : 'B')
  test.each([
    ['TXT-02', 'two segments', `${header}.${payload}`],
    ['TXT-03', 'an empty signature', `${header}.${payload}.`],
    ['TXT-04', 'changed spare bits in the last character', `${header}.${payload}.${spare}`],
    ['TXT-05', 'padding', `${token}=`],
    ['TXT-06', 'a space inside', `${header}.${payload}. ${signature}`],
    ['TXT-07', 'a newline at the end', `${token}\n`],
    ['TXT-30', 'an empty header', `.${payload}.${signature}`],
    ['TXT-32', 'an empty payload', `${header}..${signature}`],
    ['TXT-33', 'five segments, a JWE', `${token}.${payload}.${signature}`],
    ['TXT-34', 'four segments', `${token}.${signature}`],
    [
      'TXT-31',
      'the JSON serialization',
      `{"payload":"${payload}","protected":"${header}","signature":"${signature}"}`,
    ],
    ['TXT-37', 'the alphabet of plain base64', `${header}.${payload}.+/+/`],
    ['TXT-46', 'letters beyond ASCII that decode to the same', `${header}.${payload}é.${signature}`],
    [
      'TXT-46',
      'a wide letter whose lower half decodes to the same',
      `${header}.${widen(payload)}.${signature}`,
    ],
    ['TXT-46', 'the same in a signature', `${header}.${payload}.${widen(signature)}`],
    ['TXT-49', 'a NUL character', `${header}.${payload}.${signature}\0`],
  ])('%s refuses %s', (_id, _what, text) => {
    expect(splitCompactToken(text)).toBeNull()
  })

  test.each(['', '..', 'a', '.', 'a.b.', '....'])('refuses the text %j', (text) => {
    expect(splitCompactToken(text)).toBeNull()
  })

  test('a spare bit in each of the three segments alone is enough', () => {
    for (const [a, b, c] of [
      ['QR', 'QQ', 'QQ'],
      ['QQ', 'QR', 'QQ'],
      ['QQ', 'QQ', 'QR'],
    ]) {
      expect(splitCompactToken(`${a}.${b}.${c}`)).toBeNull()
    }
    expect(splitCompactToken('QQ.QQ.QQ')).not.toBeNull()
  })
})

describe('the header', () => {
  test('gives alg, kid and typ; other members are passed over', () => {
    expect(parseTokenHeader(header)).toEqual({ alg: 'EdDSA', kid: 'k1', type: 'at+jwt' })
    expect(parseTokenHeader(segment('{"alg":"HS256","kid":"k","cty":"x","x5t":"y"}'))).toEqual({
      alg: 'HS256',
      kid: 'k',
      type: null,
    })
  })

  test.each([
    ['TXT-08', 'alg none', '{"alg":"none","kid":"k"}'],
    ['TXT-09', 'a key of its own (jwk)', '{"alg":"EdDSA","kid":"k","jwk":{}}'],
    ['TXT-10', 'a link to a key (jku)', '{"alg":"EdDSA","kid":"k","jku":"https://x"}'],
    ['TXT-11', 'a link to a certificate (x5u)', '{"alg":"EdDSA","kid":"k","x5u":"https://x"}'],
    ['TXT-12', 'a certificate (x5c)', '{"alg":"EdDSA","kid":"k","x5c":[]}'],
    ['TXT-13', 'crit, which nothing here understands', '{"alg":"EdDSA","kid":"k","crit":["exp"]}'],
    ['TXT-14', 'a payload that is not encoded (b64)', '{"alg":"EdDSA","kid":"k","b64":false}'],
    ['TXT-15', 'a compressed payload (zip)', '{"alg":"EdDSA","kid":"k","zip":"DEF"}'],
    ['TXT-16', 'a kid that is a number', '{"alg":"EdDSA","kid":1}'],
    ['TXT-18', 'a typ that is null', '{"alg":"EdDSA","kid":"k","typ":null}'],
    ['TXT-19', 'a key twice', '{"alg":"EdDSA","kid":"a","kid":"k"}'],
  ])('%s refuses %s', (_id, _what, text) => {
    expect(parseTokenHeader(segment(text))).toBeNull()
  })

  test('a refused member is refused with any value, null included', () => {
    for (const name of ['jwk', 'jku', 'x5u', 'x5c', 'crit', 'b64', 'zip']) {
      expect(parseTokenHeader(segment(`{"alg":"EdDSA","kid":"k","${name}":null}`))).toBeNull()
    }
  })

  test('TXT-17 none in any case', () => {
    for (const alg of ['None', 'NONE', 'nOnE']) {
      expect(parseTokenHeader(segment(`{"alg":"${alg}","kid":"k"}`))).toBeNull()
    }
  })

  test('missing or foreign types are refused', () => {
    for (const text of [
      '{"kid":"k"}',
      '{"alg":"EdDSA"}',
      '{"alg":["EdDSA"],"kid":"k"}',
      '[]',
      '"x"',
      'null',
      '{}',
    ]) {
      expect(parseTokenHeader(segment(text))).toBeNull()
    }
    expect(parseTokenHeader('not json')).toBeNull()
    expect(parseTokenHeader(`${header}=`)).toBeNull()
  })
})

describe('the payload', () => {
  test('is an object', () => {
    expect(parseTokenPayload('{"sub":"anna","jti":"1"}')).toEqual({ sub: 'anna', jti: '1' })
  })

  test.each([
    ['TXT-20', 'a key twice', '{"sub":"anna","sub":"root"}'],
    ['TXT-21', 'an array', '[{"sub":"anna"}]'],
    ['TXT-28', 'a string', '"anna"'],
    ['TXT-29', 'a key twice, once escaped, deep inside', '{"a":[{"sub":1,"\\u0073ub":2}]}'],
  ])('%s refuses %s', (_id, _what, text) => {
    expect(parseTokenPayload(text)).toBeNull()
  })

  test('16 levels are read, 17 are not', () => {
    const nested = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
    expect(parseTokenPayload(nested(16))).not.toBeNull()
    expect(parseTokenPayload(nested(17))).toBeNull()
  })

  test('that is no UTF-8 is cut off and then not read', () => {
    const found = splitCompactToken(
      `${header}.${encodeBase64url(Buffer.from([0x22, 0x80, 0x22]))}.${signature}`,
    )
    expect(found?.payloadText).toBeNull()
    expect(parseTokenPayload(null)).toBeNull()
  })
})
