import type { IssueInput } from '@hallpass/core'
import type { AdapterServices } from '../adapter-places.ts'
import { type AdapterRow, denied, type ExpectedAnswer } from '../adapter-row.ts'
import type { RawRequest } from '../raw-exchange.ts'

const OPEN: ExpectedAnswer = { status: 200, json: { subject: 'default' } }

interface LimitRow {
  readonly path?: string
  readonly method?: string
  readonly input: () => IssueInput
  readonly service?: keyof AdapterServices
  readonly headers?: RawRequest['headers']
}

/** A row that issues one token and uses it once. */
function row(id: string, title: string, expected: ExpectedAnswer, how: LimitRow): AdapterRow {
  const { path = '/echo', method = 'GET', input, service = 'main', headers = [] } = how
  return {
    id,
    title,
    expected: [expected],
    run: async (bench) => {
      const { token } = await bench.issue(input(), bench.services[service])
      return [await bench.send({ method, path, headers: [...headers, ['Authorization', `Bearer ${token}`]] })]
    },
  }
}

const inAnHour = (): Date => new Date(Date.now() + 3_600_000)
const scopeDenied: ExpectedAnswer = {
  status: 403,
  error: 'scope_denied',
  headers: {
    'www-authenticate': 'Bearer error="insufficient_scope", scope="reports.read files"',
    'content-type': 'application/json; charset=utf-8',
  },
  json: { details: { scope: ['reports.read', 'files'] } },
}

/** Every limit a token may have, met and not met. */
export const LIMIT_ROWS: readonly AdapterRow[] = [
  row('LIM-01', 'a token without limits', OPEN, { input: () => ({}) }),
  row('LIM-02', 'an expired token', denied('token_expired'), {
    input: () => ({ expiresAt: new Date(Date.now() - 60_000), allowExpired: true }),
  }),
  row('LIM-03', 'a token that is not valid yet', denied('token_not_yet_valid'), {
    input: () => ({ notBefore: inAnHour(), expiresIn: '2 hours' }),
  }),
  row('LIM-04', 'the right address', OPEN, { input: () => ({ ip: ['127.0.0.0/8'] }) }),
  row('LIM-05', 'the wrong address', denied('ip_denied'), { input: () => ({ ip: ['203.0.113.9'] }) }),
  row('ADR-50', 'X-Forwarded-For from a peer that is no trusted proxy', denied('ip_denied'), {
    input: () => ({ ip: ['203.0.113.9'] }),
    headers: [['X-Forwarded-For', '203.0.113.9']],
  }),
  row('ADR-51', 'X-Forwarded-For from a trusted proxy', OPEN, {
    path: '/proxied',
    service: 'proxied',
    input: () => ({ ip: ['203.0.113.9'] }),
    headers: [['X-Forwarded-For', '203.0.113.9']],
  }),
  row('ADR-52', 'an address that the client wrote left of its own', denied('ip_denied'), {
    path: '/proxied',
    service: 'proxied',
    input: () => ({ ip: ['203.0.113.9'] }),
    headers: [['X-Forwarded-For', '203.0.113.9, 198.51.100.1']],
  }),
  row('ADR-53', 'two X-Forwarded-For headers are read as one list', denied('ip_denied'), {
    path: '/proxied',
    service: 'proxied',
    input: () => ({ ip: ['203.0.113.9'] }),
    headers: [
      ['X-Forwarded-For', '203.0.113.9'],
      ['X-Forwarded-For', '198.51.100.1'],
    ],
  }),
  row('LIM-06', "the guard's own address function", OPEN, {
    path: '/address',
    input: () => ({ ip: ['203.0.113.9'] }),
  }),
  row('LIM-07', 'an address function that knows none', denied('ip_denied'), {
    path: '/no-address',
    input: () => ({ ip: ['127.0.0.1'] }),
  }),
  row('ADR-54', 'an address function that returns no address', denied('ip_denied'), {
    path: '/garbage-address',
    input: () => ({ ip: ['0.0.0.0/0'] }),
  }),
  row('LIM-08', 'a path the token does not open', denied('path_denied'), {
    input: () => ({ paths: ['/other/'] }),
  }),
  row('LIM-09', 'no path where one is required', denied('path_denied'), {
    path: '/bound',
    input: () => ({}),
  }),
  row('LIM-10', 'a path where one is required', OPEN, { path: '/bound', input: () => ({ paths: ['/**'] }) }),
  row('LIM-11', 'all of the scope', OPEN, {
    path: '/scoped',
    input: () => ({ scope: ['reports', 'files'] }),
  }),
  row('LIM-12', 'a part of the scope', scopeDenied, {
    path: '/scoped',
    input: () => ({ scope: ['reports'] }),
  }),
  row('LIM-13', 'a scope that only begins alike', scopeDenied, {
    path: '/scoped',
    input: () => ({ scope: ['report', 'files'] }),
  }),
  row('LIM-14', 'the right project', OPEN, { path: '/project', input: () => ({ project: 'acme' }) }),
  row('LIM-15', 'another project', denied('project_denied'), { path: '/project', input: () => ({}) }),
  row('LIM-16', 'a store that is down', denied('store_unavailable', { 'retry-after': '2' }), {
    path: '/failing',
    service: 'failing',
    input: () => ({}),
  }),
  row('LIM-17', 'a store that answers with promises', OPEN, {
    path: '/second',
    service: 'second',
    input: () => ({ ip: ['127.0.0.1'], scope: ['x'] }),
  }),
  row('LIM-18', 'a store that answers with promises, refused', denied('ip_denied'), {
    path: '/second',
    service: 'second',
    input: () => ({ ip: ['203.0.113.9'] }),
  }),
  row('MTH-50', 'the right method', OPEN, { method: 'POST', input: () => ({ httpMethods: ['POST'] }) }),
  row('MTH-51', 'another method', denied('method_denied'), {
    method: 'DELETE',
    input: () => ({ httpMethods: ['GET', 'POST'] }),
  }),
  row(
    'MTH-52',
    'HEAD goes with GET',
    { status: 200, body: '' },
    {
      method: 'HEAD',
      input: () => ({ httpMethods: ['GET'] }),
    },
  ),
  row('MTH-53', 'GET does not go with HEAD', denied('method_denied'), {
    input: () => ({ httpMethods: ['HEAD'] }),
  }),
  row(
    'MTH-54',
    'a refused HEAD has the headers and no body',
    {
      status: 403,
      body: '',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'no-store',
        'content-length': '87',
      },
    },
    {
      method: 'HEAD',
      input: () => ({ httpMethods: ['POST'] }),
    },
  ),
  row('MTH-55', 'a method override header changes nothing', denied('method_denied'), {
    method: 'POST',
    headers: [
      ['X-HTTP-Method-Override', 'GET'],
      ['X-HTTP-Method', 'GET'],
      ['X-Method-Override', 'GET'],
    ],
    input: () => ({ httpMethods: ['GET'] }),
  }),
  row('MTH-56', 'a method override in the query changes nothing', denied('method_denied'), {
    method: 'POST',
    path: '/echo?_method=GET',
    input: () => ({ httpMethods: ['GET'] }),
  }),
  row(
    'MTH-57',
    'a method in lower case is refused by the parser',
    { status: 400 },
    {
      method: 'get',
      input: () => ({}),
    },
  ),
  row(
    'MTH-58',
    'a method that does not exist is refused by the parser',
    { status: 400 },
    {
      method: 'STEAL',
      input: () => ({}),
    },
  ),
  row('MTH-59', 'OPTIONS with a token passes', OPEN, { method: 'OPTIONS', input: () => ({}) }),
  {
    id: 'MTH-60',
    title: 'a CORS preflight without a token is not skipped',
    expected: [denied('token_missing')],
    run: async (bench) => [
      await bench.send({
        method: 'OPTIONS',
        path: '/echo',
        headers: [
          ['Origin', 'https://elsewhere.test'],
          ['Access-Control-Request-Method', 'GET'],
        ],
      }),
    ],
  },
]
