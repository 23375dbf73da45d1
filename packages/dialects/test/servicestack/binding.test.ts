import { mount } from '@hallpass/express'
import express from 'express'
import { describe, expect, it } from 'vitest'
import { HOSTS, listen, type Mount, type RunningHost, startExpressWithParsers } from '../hosts.ts'
import {
  type Answer,
  type RunningServiceStack,
  readPayload,
  startServiceStack,
} from './start-servicestack.ts'

const CLAIMS = { sub: '1', email: 'ada@example.com', name: 'Ada, "L" {x}', roles: ['Employee', 'A,B'] }

function claimsOf({ status, text, json }: Answer): Readonly<Record<string, unknown>> {
  if (status !== 200 || typeof json?.token !== 'string') throw new Error(`${status} ${text}`)
  return readPayload(json.token)
}

function post(
  call: RunningServiceStack['call'],
  type: string,
  body: unknown,
  path = '/jwt',
): Promise<Answer> {
  return call('POST', path, { body, headers: type === '' ? {} : { 'content-type': type } })
}

const XML = `<?xml version="1.0" encoding="utf-8"?>
<CreateJwt xmlns="http://schemas.datacontract.org/2004/07/Any" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">
  <DisplayName>Ada, "L" {x}</DisplayName>
  <EMAIL><![CDATA[ada@example.com]]></EMAIL>
  <LastName i:nil="true"/>
  <JwtExpiry> 0001-01-01T00:00:00 </JwtExpiry>
  <Roles xmlns:d="http://schemas.microsoft.com/2003/10/Serialization/Arrays">
    <d:string>Employee</d:string><d:string>A,B</d:string>
  </Roles>
  <ProviderOAuthAccess><AuthTokens>
    <AccessToken>secret</AccessToken>
    <Items><KeyValueOfstringstring><Key>k</Key><Value>v</Value></KeyValueOfstringstring></Items>
  </AuthTokens></ProviderOAuthAccess>
  <Unknown><Deep/></Unknown>
  <UserAuthId>1</UserAuthId>
</CreateJwt>`

function createForm(): FormData {
  const form = new FormData()
  form.append('UserAuthId', '1')
  form.append('email', 'ada@example.com')
  form.append('DISPLAYNAME', 'Ada, "L" {x}')
  form.append('Roles', 'Employee')
  form.append('Roles', '"A,B"')
  form.append('avatar', new Blob(['PNG']), 'a.png')
  return form
}

const BODIES: readonly (readonly [name: string, type: string, body: unknown])[] = [
  [
    'JSON',
    'application/json',
    {
      userAuthId: 1,
      Email: 'ada@example.com',
      displayname: 'Ada, "L" {x}',
      ROLES: ['Employee', 'A,B', '', null],
      lastName: null,
      firstName: '',
      unknown: { deep: [] },
    },
  ],
  [
    'JSV',
    'text/jsv',
    '{\n  UserAuthId: 1,\n  email: ada@example.com,\n  DisplayName: "Ada, ""L"" {x}",\n  Roles: [\n Employee , "A,B" ],\n LastName: ,\n Unknown: {a:[b]}\n}\n',
  ],
  [
    'JSV of the other type',
    'application/jsv; charset=utf-8',
    '{UserAuthId:1,Email:ada@example.com,DisplayName:"Ada, ""L"" {x}",Roles:["Employee","A,B"]}',
  ],
  ['XML', 'application/xml', XML],
  ['XML of the other type', 'text/xml; charset="UTF-8"', XML],
  [
    'a form',
    'application/x-www-form-urlencoded',
    'userauthid=1&Email=ada%40example.com&DisplayName=Ada%2C+%22L%22+%7Bx%7D&Roles=Employee&Roles=%22A%2CB%22&x=&=&x=1',
  ],
  ['a multipart form', '', createForm()],
]

describe.each(HOSTS)('binding of servicestack in %s', (_name, startHost) => {
  it.each(BODIES)('a body in %s is read, names in any case', async (_format, type, body) => {
    const { call } = await startServiceStack(startHost)
    expect(claimsOf(await post(call, type, body))).toMatchObject(CLAIMS)
    expect(claimsOf(await post(call, type, body))).not.toHaveProperty('family_name')
  })

  it('without a body the query is read, with lists as commas or as JSV', async () => {
    const { call } = await startServiceStack(startHost)
    const query =
      'userAuthId=1&email=ada%40example.com&DisplayName=Ada%2C%20%22L%22%20%7Bx%7D&unknown=&firstName'
    for (const roles of [
      'Employee%2C%22A%2CB%22',
      '[Employee,%22A,B%22]',
      '%5B%22Employee%22%2C%22A%2CB%22%5D',
    ]) {
      for (const method of ['GET', 'POST', 'DELETE']) {
        expect(claimsOf(await call(method, `/jwt?${query}&roles=${roles}`))).toMatchObject(CLAIMS)
      }
    }
    const twice = claimsOf(await call('GET', '/jwt?Roles=Employee&roles=Power+User'))
    expect(twice.roles).toEqual(['Employee', 'Power User'])
  })

  it('the query counts over the body, and a form over the query; empty values count for nothing', async () => {
    const { call } = await startServiceStack(startHost)
    const query = '/jwt?Email=query%40example.com&LastName=&UserAuthId=2'
    const body = { email: 'body@example.com', lastName: 'Body', firstName: 'Body', userAuthId: '1' }
    expect(claimsOf(await post(call, 'application/json', body, query))).toMatchObject({
      sub: '2',
      email: 'query@example.com',
      family_name: 'Body',
      given_name: 'Body',
    })
    const form = new URLSearchParams({ email: 'form@example.com', UserAuthId: '', FirstName: 'Form' })
    expect(claimsOf(await call('POST', query, { body: form }))).toMatchObject({
      sub: '2',
      email: 'form@example.com',
      given_name: 'Form',
    })
  })

  it('a body without a type is JSON, and one of no bytes is none', async () => {
    const { call } = await startServiceStack(startHost)
    expect(claimsOf(await post(call, '', Buffer.from('{"UserAuthId":"1"}'))).sub).toBe('1')
    for (const type of [
      'application/json',
      'text/jsv',
      'application/xml',
      'multipart/form-data; boundary=x',
    ]) {
      expect(claimsOf(await post(call, type, '', '/jwt?UserAuthId=2')).sub).toBe('2')
    }
    expect(claimsOf(await post(call, 'application/json', 'null')).sub).toBe('manager')
    expect(claimsOf(await post(call, 'application/json', '\ufeff{"UserAuthId":"1"}')).sub).toBe('1')
    // A body is read whatever the verb.
    const body = { UserAuthId: '2' }
    expect(claimsOf(await call('DELETE', '/jwt', { body })).sub).toBe('2')
  })

  it('a chunked body is read', async () => {
    const { url, call } = await startServiceStack(startHost)
    const stream = new ReadableStream({
      start(controller) {
        for (const piece of ['{"User', 'AuthId":', '"2"}']) controller.enqueue(Buffer.from(piece))
        controller.close()
      },
    })
    const authorization = `Basic ${Buffer.from('manager:p:a55word-ö').toString('base64')}`
    const response = await fetch(`${url}/jwt`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: stream,
      duplex: 'half',
    } as RequestInit)
    const { token } = (await response.json()) as { token: string }
    expect(readPayload(token).sub).toBe('2')
    expect((await call('GET', '/jwt')).status).toBe(200)
  })

  it('fields that cannot be read are 400, each named as it was sent', async () => {
    const { call } = await startServiceStack(startHost)
    const { status, json } = await call('GET', '/jwt?jwtexpiry=soon&ISAUTHENTICATED=maybe&tag=1.5')
    expect([status, json]).toEqual([
      400,
      {
        responseStatus: {
          errorCode: 'SerializationException',
          message: "Unable to bind to request 'CreateJwt'",
          errors: [
            ['jwtexpiry', 'JwtExpiry must be a date'],
            ['ISAUTHENTICATED', 'IsAuthenticated must be true or false'],
            ['tag', 'Tag must be a whole number'],
          ].map(([fieldName, message]) => ({ errorCode: 'SerializationException', fieldName, message })),
        },
      },
    ])
  })

  it('an error is written in the asked format', async () => {
    const { call } = await startServiceStack(startHost)
    const message = "Unable to bind to request 'CreateJwt'"
    const jsv = await call('GET', '/jsv/reply/CreateJwt?JwtExpiry=soon')
    expect([jsv.status, jsv.headers.get('content-type'), jsv.text]).toEqual([
      400,
      'text/jsv; charset=utf-8',
      `{responseStatus:{errorCode:SerializationException,message:${message},errors:[{errorCode:SerializationException,fieldName:JwtExpiry,message:JwtExpiry must be a date}]}}`,
    ])
    const xml = await call('GET', '/xml/reply/CreateJwt?JwtExpiry=soon')
    expect([xml.status, xml.text]).toEqual([
      400,
      `<CreateJwtResponse xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns="http://schemas.servicestack.net/types"><ResponseStatus><ErrorCode>SerializationException</ErrorCode><Message>Unable to bind to request &apos;CreateJwt&apos;</Message><Errors><ResponseError><ErrorCode>SerializationException</ErrorCode><FieldName>JwtExpiry</FieldName><Message>JwtExpiry must be a date</Message></ResponseError></Errors></ResponseStatus></CreateJwtResponse>`,
    ])
    const csv = await call('GET', '/csv/reply/CreateJwt?JwtExpiry=soon')
    expect([csv.status, csv.text]).toEqual([
      400,
      `Token,ResponseStatus\r\n,"{errorCode:SerializationException,message:${message},errors:[{errorCode:SerializationException,fieldName:JwtExpiry,message:JwtExpiry must be a date}]}"\r\n`,
    ])
    for (const { text } of [jsv, xml, csv]) expect(text).not.toMatch(/meta|stackTrace/i)
  })

  it('one field twice in one place is 400: nobody could say which counts', async () => {
    const { call } = await startServiceStack(startHost)
    const twice = [
      await call('GET', '/jwt?Email=a&email=b'),
      await post(call, 'application/json', { Email: 'a', email: 'b' }),
      await post(call, 'text/jsv', '{Email:a,email:b}'),
      await post(call, 'application/xml', '<CreateJwt><Email>a</Email><email>b</email></CreateJwt>'),
      await post(call, 'application/x-www-form-urlencoded', 'Email=a&email=b'),
    ]
    for (const { status, json } of twice) {
      expect([status, json]).toMatchObject([
        400,
        { responseStatus: { errors: [{ fieldName: 'email', message: 'Email is given twice' }] } },
      ])
    }
    const members = await post(call, 'application/json', '{"Email":"a","Email":"b"}')
    expect([members.status, members.json]).toMatchObject([400, { responseStatus: {} }])
  })
})

async function startExpressWithTextParser(mounts: readonly Mount[]): Promise<RunningHost> {
  const app = express().use(express.text({ type: '*/*' }))
  for (const { path, handler } of mounts) app.use(path, mount(handler))
  return listen(app)
}

describe('binding of servicestack behind the body parsers of Express', () => {
  it.each(BODIES)('a body in %s is read, names in any case', async (_format, type, body) => {
    const { call } = await startServiceStack(startExpressWithParsers)
    expect(claimsOf(await post(call, type, body))).toMatchObject(CLAIMS)
  })
  it.each(BODIES)('a body in %s is read from the text that a parser left', async (_format, type, body) => {
    const { call } = await startServiceStack(startExpressWithTextParser)
    expect(claimsOf(await post(call, type, body))).toMatchObject(CLAIMS)
  })
})
