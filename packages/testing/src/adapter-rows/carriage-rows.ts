import type { AdapterBench } from '../adapter-bench.ts'
import { FILES } from '../adapter-bench.ts'
import { type AdapterRow, denied, type ExpectedAnswer } from '../adapter-row.ts'
import type { RawAnswer, RawRequest } from '../raw-exchange.ts'

const PATH = '/files/reports/q1.txt'
const SERVED: ExpectedAnswer = { status: 200, body: FILES['files/reports/q1.txt'] }
const AMBIGUOUS = denied('request_ambiguous')

/** A row that sends the served file's request once, with headers and a query made from a good token. */
function row(
  id: string,
  title: string,
  expected: ExpectedAnswer,
  make: (token: string) => {
    readonly headers?: RawRequest['headers']
    readonly query?: string
    readonly path?: string
  },
): AdapterRow {
  const run = async (bench: AdapterBench): Promise<readonly RawAnswer[]> => {
    const { headers = [], query = '', path = PATH } = make(await bench.fileToken())
    return [await bench.send({ method: 'GET', path: `${path}${query}`, headers })]
  }
  return { id, title, expected: [expected], run }
}

const bearer = (token: string): readonly [string, string] => ['Authorization', `Bearer ${token}`]

/** How a token may come, and how not. */
export const CARRIAGE_ROWS: readonly AdapterRow[] = [
  row('CAR-01', 'no token at all gets the bare challenge', denied('token_missing'), () => ({})),
  row('CAR-02', 'another scheme is no token', denied('token_missing'), () => ({
    headers: [['Authorization', 'Basic YWRtaW46c2VjcmV0']],
  })),
  row('CAR-03', 'the token without a scheme is no token', denied('token_missing'), (token) => ({
    headers: [['Authorization', token]],
  })),
  row('CAR-04', 'the scheme in lower case opens', SERVED, (token) => ({
    headers: [['authorization', `bearer ${token}`]],
  })),
  row('CAR-05', 'the scheme in mixed case opens', SERVED, (token) => ({
    headers: [['AUTHORIZATION', `bEaReR ${token}`]],
  })),
  row('CAR-06', 'two spaces after the scheme', AMBIGUOUS, (token) => ({
    headers: [['Authorization', `Bearer  ${token}`]],
  })),
  row('CAR-07', 'a tab after the scheme', AMBIGUOUS, (token) => ({
    headers: [['Authorization', `Bearer\t${token}`]],
  })),
  row('CAR-08', 'the scheme without a token', AMBIGUOUS, () => ({ headers: [['Authorization', 'Bearer']] })),
  row('CAR-09', 'two tokens in one header', AMBIGUOUS, (token) => ({
    headers: [['Authorization', `Bearer ${token} ${token}`]],
  })),
  row('CAR-10', 'two credentials joined by a comma', AMBIGUOUS, (token) => ({
    headers: [['Authorization', `Bearer ${token}, Bearer ${token}`]],
  })),
  row('CAR-11', 'two Authorization headers with a token each', AMBIGUOUS, (token) => ({
    headers: [bearer(token), bearer(token)],
  })),
  row('CAR-12', 'two Authorization headers of different schemes', AMBIGUOUS, (token) => ({
    headers: [bearer(token), ['authorization', 'Basic YWRtaW46c2VjcmV0']],
  })),
  row(
    'CAR-13',
    'a token in the header and in the query',
    { ...AMBIGUOUS, headers: { 'referrer-policy': 'no-referrer' } },
    (token) => ({
      headers: [bearer(token)],
      query: `?token=${token}`,
    }),
  ),
  row('CAR-14', 'a token in the header and in the cookie', AMBIGUOUS, (token) => ({
    headers: [bearer(token), ['Cookie', `hallpass=${token}`]],
  })),
  row('CAR-15', 'a token in the query and in the cookie', AMBIGUOUS, (token) => ({
    headers: [['Cookie', `hallpass=${token}`]],
    query: `?token=${token}`,
  })),
  row('CAR-16', 'the query parameter twice', AMBIGUOUS, (token) => ({
    query: `?token=${token}&token=${token}`,
  })),
  row('CAR-17', 'the query parameter twice, one name percent-encoded', AMBIGUOUS, (token) => ({
    query: `?token=${token}&%74ok%65n=${token}`,
  })),
  row('CAR-18', 'the query parameter as an array', AMBIGUOUS, (token) => ({ query: `?token[]=${token}` })),
  row('CAR-19', 'the query parameter as an object', AMBIGUOUS, (token) => ({ query: `?token[x]=${token}` })),
  row('CAR-20', 'the query parameter and an encoded array of it', AMBIGUOUS, (token) => ({
    query: `?token=${token}&token%5B0%5D=${token}`,
  })),
  row(
    'CAR-21',
    'a token in the query opens, and keeps its address to itself',
    { ...SERVED, headers: { 'referrer-policy': 'no-referrer', 'cache-control': 'private, no-cache' } },
    (token) => ({ query: `?download=1&token=${token}` }),
  ),
  row('CAR-22', 'a percent-encoded parameter name is the same name', SERVED, (token) => ({
    query: `?%74oken=${token}`,
  })),
  row(
    'CAR-23',
    'an empty query token is a bad token',
    denied('token_malformed', { 'referrer-policy': 'no-referrer' }),
    () => ({ query: '?token=' }),
  ),
  row(
    'CAR-24',
    'another spelling of the parameter is not the parameter',
    denied('token_missing'),
    (token) => ({
      query: `?Token=${token}&access_token=${token}`,
    }),
  ),
  row('CAR-25', 'a query token where none is asked for', denied('token_missing'), (token) => ({
    path: '/echo',
    query: `?token=${token}`,
  })),
  row(
    'CAR-26',
    'a token in the cookie opens',
    { ...SERVED, headers: { 'cache-control': 'private, no-cache' } },
    (token) => ({
      headers: [['Cookie', `theme=dark; hallpass=${token}; lang=en`]],
    }),
  ),
  row('CAR-27', 'the cookie twice in one header', AMBIGUOUS, (token) => ({
    headers: [['Cookie', `hallpass=${token}; hallpass=${token}`]],
  })),
  row('CAR-28', 'the cookie in two headers', AMBIGUOUS, (token) => ({
    headers: [
      ['Cookie', `hallpass=${token}`],
      ['Cookie', `hallpass=${token}`],
    ],
  })),
  row('CAR-29', 'a cookie in quotes is a bad token', denied('token_malformed'), (token) => ({
    headers: [['Cookie', `hallpass="${token}"`]],
  })),
  row('CAR-30', 'a cookie where none is asked for', denied('token_missing'), (token) => ({
    path: '/echo',
    headers: [['Cookie', `hallpass=${token}`]],
  })),
  row('CAR-31', 'headers that only look like it', denied('token_missing'), (token) => ({
    headers: [
      ['Proxy-Authorization', `Bearer ${token}`],
      ['X-Authorization', `Bearer ${token}`],
      ['X-Forwarded-Authorization', `Bearer ${token}`],
    ],
  })),
  row('CAR-32', 'a folded header is refused by the parser', { status: 400 }, (token) => ({
    headers: [['Authorization', `Bearer\r\n ${token}`]],
  })),
  row('CAR-33', 'a text that is no token', denied('token_malformed'), () => ({
    headers: [bearer('not.a.token')],
  })),
  row('CAR-34', 'a token of more than eight kilobytes', denied('token_malformed'), (token) => ({
    headers: [bearer(`${token}${'A'.repeat(9000)}`)],
  })),
  row('CAR-35', 'a token whose signature was changed', denied('signature_invalid'), (token) => ({
    headers: [bearer(changeSignature(token))],
  })),
  {
    id: 'CAR-36',
    title: 'a token in a form body is not looked for',
    expected: [denied('token_missing')],
    run: async (bench) => [
      await bench.send({
        method: 'POST',
        path: '/echo',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: `access_token=${await bench.fileToken()}`,
      }),
    ],
  },
  {
    id: 'CAR-37',
    title: 'an optional guard lets pass without a token',
    expected: [{ status: 200, json: { tokenId: null, subject: null } }],
    run: async (bench) => [await bench.get('/optional')],
  },
  {
    id: 'CAR-38',
    title: 'an optional guard still refuses a bad and an ambiguous token',
    expected: [denied('token_malformed'), AMBIGUOUS],
    run: async (bench) => {
      const { token } = await bench.issue()
      return [await bench.get('/optional', 'not.a.token'), await bench.get(`/optional?token=${token}`, token)]
    },
  },
  {
    id: 'CAR-39',
    title: 'the verified token is where the application looks for it',
    expected: [{ status: 200, json: { subject: 'ada', cost: 1, remaining: 6 } }],
    run: async (bench) => [
      await bench.get('/echo', (await bench.issue({ subject: 'ada', credits: 7 })).token),
    ],
  },
]

/** Another good base64url character in the middle of the signature, so that only the signature is wrong. */
function changeSignature(token: string): string {
  const at = token.lastIndexOf('.') + 5
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`
}
