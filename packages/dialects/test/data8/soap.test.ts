import { get, type IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { parseXml, type XmlElement } from '../../src/xml-reader.ts'
import { escapeXml } from '../../src/xml-writer.ts'
import { HOSTS, startExpress, startExpressWithParsers } from '../hosts.ts'
import { PASSWORD, readClaims, SOAP, startData8 } from './start-data8.ts'

const NAMESPACE = 'http://webservices.data-8.co.uk/'
const ENVELOPE = 'http://schemas.xmlsoap.org/soap/envelope/'
const ACTION = `"${NAMESPACE}GetJWT"`
const HEADERS = { 'content-type': 'text/xml; charset=utf-8', soapaction: ACTION }

const CREDENTIALS = `<username>ada</username><password>${escapeXml(PASSWORD)}</password>`
const GOOD = `${CREDENTIALS}<expiresAt>2026-11-21T13:00:00Z</expiresAt>`

function toEnvelope(parameters: string, header = ''): string {
  return `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="${ENVELOPE}" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">${header}<soap:Body><GetJWT xmlns="${NAMESPACE}">${parameters}\
</GetJWT></soap:Body></soap:Envelope>`
}

function toFailedXml(message: string): string {
  return `<?xml version="1.0" encoding="utf-8"?>\n<soap:Envelope xmlns:soap="${ENVELOPE}"><soap:Body>\
<GetJWTResponse xmlns="${NAMESPACE}"><GetJWTResult><Status><Success>false</Success>\
<ErrorMessage>${escapeXml(message)}</ErrorMessage><CreditsRemaining>0</CreditsRemaining></Status></GetJWTResult>\
</GetJWTResponse></soap:Body></soap:Envelope>`
}

/** The text at a path of names, all of the service's namespace below the body. */
function textAt(xml: string, ...path: readonly string[]): string | undefined {
  let element: XmlElement | undefined = parseXml(xml).children.find(({ name }) => name === 'Body')
  for (const wanted of ['GetJWTResponse', 'GetJWTResult', ...path]) {
    element = element?.children.find(({ name, namespace }) => name === wanted && namespace === NAMESPACE)
  }
  return element?.text
}

describe.each(HOSTS)('data8 SOAP in %s', (_name, startHost) => {
  it('answers GetJWT in a SOAP 1.1 envelope', async () => {
    const { post } = await startData8(startHost)
    const { status, headers, text } = await post(
      SOAP,
      toEnvelope(`${GOOD}<clientIp>192.0.2.7</clientIp><allowedMethods><string>EmailValidation</string>\
<string>PhoneValidation.IsValid</string></allowedMethods><maxCredits> 50 </maxCredits><options><Option>\
<Name>ApplicationName</Name><Value>shop &amp; co</Value></Option></options>`),
      HEADERS,
    )
    expect([status, headers.get('content-type')]).toEqual([200, 'text/xml; charset=utf-8'])
    expect([headers.get('cache-control'), headers.get('x-content-type-options')]).toEqual([
      'no-store',
      'nosniff',
    ])
    expect(textAt(text, 'Status', 'Success')).toBe('true')
    expect(textAt(text, 'Status', 'ErrorMessage')).toBe('')
    expect(textAt(text, 'Status', 'CreditsRemaining')).toBe('100')
    expect(readClaims(textAt(text, 'Jwt') ?? '')).toMatchObject({
      sub: 'ada',
      aud: ['EmailValidation', 'PhoneValidation.IsValid'],
      mc: '50',
      ip: '192.0.2.7',
      app: 'shop & co',
      exp: 1795266000,
    })
  })

  it('elements that are nil, empty or absent set no limit', async () => {
    const { post } = await startData8(startHost)
    const nil =
      '<clientIp xsi:nil="true"/><allowedMethods xsi:nil="1"/><maxCredits xsi:nil="true"/><options xsi:nil="true"/>'
    for (const more of ['', nil, '<clientIp/><allowedMethods/><options/>']) {
      const { text } = await post(SOAP, toEnvelope(GOOD + more), HEADERS)
      expect(Object.keys(readClaims(textAt(text, 'Jwt') ?? '')).toSorted()).toEqual([
        'aud',
        'cn',
        'exp',
        'iat',
        'iss',
        'jti',
        'sub',
      ])
    }
  })

  it('takes prefixes, CDATA, white space, a header nobody must understand, and a SOAPAction without quotes', async () => {
    const { post } = await startData8(startHost)
    const prefixed = `<s:Envelope xmlns:s="${ENVELOPE}" xmlns:d="${NAMESPACE}"><s:Header><x xmlns="urn:x" \
s:mustUnderstand="0"/></s:Header>\n<s:Body>\n<d:GetJWT>\n<d:username><![CDATA[ada]]></d:username>\
<d:password><![CDATA[${PASSWORD}]]></d:password><d:expiresAt>\n2026-11-21T13:00:00Z </d:expiresAt></d:GetJWT></s:Body></s:Envelope>`
    const actions: readonly Record<string, string>[] = [
      {},
      { soapaction: '""' },
      { soapaction: ACTION },
      { soapaction: `${NAMESPACE}GetJWT` },
    ]
    for (const action of actions) {
      const { text } = await post(SOAP, prefixed, { 'content-type': 'text/xml', ...action })
      expect(textAt(text, 'Status', 'Success')).toBe('true')
    }
    const utf8 = await post(`${SOAP.toUpperCase()}/`, `\ufeff${toEnvelope(GOOD)}`, HEADERS)
    expect(textAt(utf8.text, 'Status', 'Success')).toBe('true')
  })

  it('refuses with HTTP 200, Success false and the reason', async () => {
    const { post } = await startData8(startHost, { credits: 0 })
    const cases: readonly (readonly [string, string])[] = [
      [toEnvelope(GOOD.replace('ada', 'eve')), 'authentication failed'],
      [
        toEnvelope('<password>x</password><expiresAt>2026-11-21T13:00:00Z</expiresAt>'),
        'authentication failed',
      ],
      [toEnvelope(GOOD), 'the account is out of credits'],
      [toEnvelope(CREDENTIALS), 'expiresAt is missing'],
    ]
    for (const [body, message] of cases) {
      const { status, text } = await post(SOAP, body, HEADERS)
      expect([status, text]).toEqual([200, toFailedXml(message)])
    }
  })

  it('XML bombs, external entities and wrong namespaces are refused, and the next good call works', async () => {
    const { post, reported } = await startData8(startHost)
    const misplaced = 'the XML holds an element that is not expected there, or is of another namespace'
    const operation = `the SOAP body must hold one GetJWT element of the namespace ${NAMESPACE}`
    const soap12 = toEnvelope(GOOD).replace(ENVELOPE, 'http://www.w3.org/2003/05/soap-envelope')
    const bomb = `<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">${Array.from(
      { length: 9 },
      (_, i) => `<!ENTITY a${i} "${(i === 0 ? '&a;' : `&a${i - 1};`).repeat(10)}">`,
    ).join('')}]>`
    const foreign = toEnvelope(`${GOOD}<maxCredits xmlns="urn:other">1</maxCredits>`)
    const nested = `${'<a>'.repeat(5000)}${'</a>'.repeat(5000)}`
    const cases: readonly (readonly [string | Uint8Array, string])[] = [
      [bomb + toEnvelope(`<username>&a8;</username>`).slice(38), 'the XML must not have a document type'],
      [
        `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>${toEnvelope('<username>&e;</username>').slice(38)}`,
        'the XML must not have a document type',
      ],
      [`<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><x/>`, 'the XML must not have a document type'],
      [toEnvelope('<username>&e;</username>'), 'the XML is not well-formed'],
      [toEnvelope(`${GOOD}<?php x?>`), 'the XML must not hold processing instructions'],
      [soap12, 'the body is not a SOAP 1.1 envelope'],
      [foreign, misplaced],
      [toEnvelope(GOOD).replaceAll(NAMESPACE, 'http://webservices.data-8.co.uk'), operation],
      [toEnvelope(GOOD).replaceAll('GetJWT', 'GetJwt'), operation],
      [`<Envelope xmlns="${ENVELOPE}"/>`, operation],
      [`<Envelope xmlns="${ENVELOPE}"><Body/></Envelope>`, operation],
      [`<Envelope xmlns="${ENVELOPE}"><Body/><Body/></Envelope>`, 'an element is given twice'],
      [toEnvelope(`${GOOD}<username>bob</username>`), 'an element is given twice'],
      [toEnvelope(`${GOOD}<MaxCredits>1</MaxCredits>`), 'the request has a parameter that is not known here'],
      [toEnvelope(`${GOOD}<__proto__>1</__proto__>`), 'the request has a parameter that is not known here'],
      [toEnvelope(`${GOOD}<clientIp><b>1</b></clientIp>`), misplaced],
      [toEnvelope(`${GOOD}<allowedMethods><int>1</int></allowedMethods>`), misplaced],
      [
        toEnvelope(`${GOOD}<allowedMethods><string/></allowedMethods>`),
        'allowedMethods must hold names as in Service or Service.Method',
      ],
      [toEnvelope(`${GOOD}<maxCredits/>`), 'maxCredits must be a whole number from 1 to 2^53 - 1, or null'],
      [
        toEnvelope(`${GOOD}<maxCredits>${'9'.repeat(400)}</maxCredits>`),
        'maxCredits must be a whole number from 1 to 2^53 - 1, or null',
      ],
      [toEnvelope(`${GOOD}<options><Option><Value>x</Value></Option></options>`), 'an Option needs a Name'],
      [
        toEnvelope(`${GOOD}<options>${'<Option><Name>ApplicationName</Name></Option>'.repeat(2)}</options>`),
        'an Option is given twice',
      ],
      [
        toEnvelope(GOOD, `<soap:Header><x xmlns="urn:x" soap:mustUnderstand="1"/></soap:Header>`),
        'a SOAP header must be understood and is not',
      ],
      [toEnvelope(`${GOOD}${nested}`), 'the XML is nested too deeply'],
      [
        toEnvelope(`${GOOD}<clientIp>${'x'.repeat(1_000_000)}</clientIp>`),
        'the body is larger than 65536 bytes',
      ],
      [
        toEnvelope(`${CREDENTIALS}<expiresAt>99999999999-01-01T00:00:00Z</expiresAt>`),
        'expiresAt must be a date and time as in 2026-11-21T12:00:00Z',
      ],
      ['', 'the XML is not well-formed'],
      ['{"username": "ada"}', 'the XML is not well-formed'],
      [Buffer.from(toEnvelope(GOOD), 'utf16le'), 'the body is not in UTF-8'],
      [Buffer.from(toEnvelope(GOOD), 'latin1'), 'the body is not in UTF-8'],
    ]
    for (const [body, message] of cases) {
      const { status, text } = await post(SOAP, body, HEADERS)
      expect([status, text]).toEqual([200, toFailedXml(message)])
      expect(textAt((await post(SOAP, toEnvelope(GOOD), HEADERS)).text, 'Status', 'Success')).toBe('true')
    }
    const { text } = await post(SOAP, toEnvelope(GOOD), { ...HEADERS, soapaction: '"urn:other"' })
    expect(text).toBe(toFailedXml('the SOAPAction is not one of this service'))
    expect(reported).toEqual([])
  })

  it('other verbs and other queries are answered in XML with their HTTP status', async () => {
    const { url } = await startData8(startHost)
    const put = await fetch(url + SOAP, { method: 'PUT', body: 'x' })
    expect([put.status, await put.text()]).toEqual([405, toFailedXml('this method is not allowed here')])
    expect(put.headers.get('allow')).toBe('POST, GET, HEAD, OPTIONS')
    for (const query of ['', '?disco', '?op=GetJWT', '?WSDL=2']) {
      const answer = await fetch(url + SOAP + query)
      expect([query, answer.status, await answer.text()]).toEqual([
        query,
        404,
        toFailedXml('the description is at ?WSDL'),
      ])
    }
  })

  it('the WSDL names the address that it was asked for at', async () => {
    const { url } = await startData8(startHost)
    for (const query of ['?WSDL', '?wsdl', '?Wsdl=']) {
      const answer = await fetch(url + SOAP + query)
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/xml; charset=utf-8'])
      const root = parseXml(await answer.text())
      expect([root.name, root.namespace]).toEqual(['definitions', 'http://schemas.xmlsoap.org/wsdl/'])
      const port = root.children.find(({ name }) => name === 'service')?.children[0]
      expect(port?.children[0]?.attributes).toEqual([{ name: 'location', namespace: '', value: url + SOAP }])
    }
    expect((await fetch(`${url}${SOAP}?WSDL`, { method: 'HEAD' })).status).toBe(200)
  })

  it('the WSDL names the configured address, whatever the Host header says', async () => {
    const { url } = await startData8(startHost, { publicUrl: 'https://api.example.com/data8/' })
    const wsdl = await (await fetch(`${url}${SOAP}?WSDL`)).text()
    expect(wsdl).toContain('location="https://api.example.com/data8/useradmin.asmx"')
  })
})

describe('data8 SOAP behind parsers of Express', () => {
  it('takes what express.text has read, and refuses what express.json has', async () => {
    const { post } = await startData8(startExpressWithParsers)
    expect(textAt((await post(SOAP, toEnvelope(GOOD), HEADERS)).text, 'Status', 'Success')).toBe('true')
    const { status, text } = await post(SOAP, '{}', { 'content-type': 'application/json' })
    expect([status, text]).toEqual([200, toFailedXml('the body is not a text')])
  })
})

describe('data8 publicUrl', () => {
  it('left out, a Host header that is no host is not repeated', async () => {
    const { url } = await startData8(startExpress)
    const ask = async (host: string): Promise<[number | undefined, string]> => {
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        get(`${url}${SOAP}?WSDL`, { headers: { host } }, resolve).on('error', reject)
      })
      return [answer.statusCode, (await answer.toArray()).join('')]
    }
    for (const host of ['"/><x y="', 'a/b', 'a@b', 'a?b', 'a b', '-']) {
      expect(await ask(host)).toEqual([400, toFailedXml('the Host header cannot be used')])
    }
    for (const host of ['api.example.com', 'localhost:8080', '[::1]:80']) {
      const [status, text] = await ask(host)
      expect(status).toBe(200)
      expect(text).toContain(`location="http://${host}/data8/useradmin.asmx"`)
    }
  })

  it('must be an address without a query', async () => {
    for (const publicUrl of [
      '',
      'api.example.com',
      'ftp://x',
      'https://x/?a',
      'https://x/#a',
      'https://u:p@x/',
    ]) {
      await expect(startData8(startExpress, { publicUrl })).rejects.toThrow(/^publicUrl must be /)
    }
  })
})
