import { OPERATOR } from '../adapter-places.ts'
import { type AdapterRow, type ExpectedAnswer, readJson } from '../adapter-row.ts'
import type { RawRequest } from '../raw-exchange.ts'

const NOT_FOUND: ExpectedAnswer = { status: 404, error: 'not_found' }

/** A row that sends one request to the inspecting handler. */
function handled(
  id: string,
  title: string,
  expected: ExpectedAnswer,
  request: Omit<RawRequest, 'target'> & { readonly path?: string },
): AdapterRow {
  const { path = '/handler', ...rest } = request
  return { id, title, expected: [expected], run: async (bench) => [await bench.send({ ...rest, path })] }
}

/** A row that sends one request to the management routes, as their operator. */
function managed(
  id: string,
  title: string,
  expected: ExpectedAnswer,
  method: string,
  path: string,
  body?: string,
): AdapterRow {
  return {
    id,
    title,
    expected: [expected],
    showsToken: true,
    run: async (bench) => [await bench.manage(method, path, body)],
  }
}

/** Mounted handlers and the management routes: what they are handed, and what they answer. */
export const MOUNT_ROWS: readonly AdapterRow[] = [
  handled(
    'MNT-01',
    'a JSON body comes through, read by nobody or by a body parser',
    {
      status: 200,
      json: { method: 'POST', body: '{"a":[1,"é"]}' },
    },
    { method: 'POST', headers: [['Content-Type', 'application/json']], body: '{"a":[1,"é"]}' },
  ),
  handled(
    'MNT-02',
    'a body of another type comes through',
    { status: 200, json: { body: 'plain bytes' } },
    {
      method: 'PUT',
      headers: [['Content-Type', 'application/octet-stream']],
      body: 'plain bytes',
    },
  ),
  handled('MNT-03', 'no body is an empty body', { status: 200, json: { body: '' } }, { method: 'GET' }),
  handled(
    'MNT-04',
    'a body over the limit is refused',
    { status: 413, error: 'body_too_large' },
    {
      method: 'POST',
      headers: [['Content-Type', 'application/octet-stream']],
      body: 'x'.repeat(5000),
    },
  ),
  handled(
    'MNT-05',
    'a compressed body is refused',
    { status: 400, error: 'body_unreadable' },
    {
      method: 'POST',
      headers: [
        ['Content-Type', 'application/octet-stream'],
        ['Content-Encoding', 'gzip'],
      ],
      body: 'not really gzip',
    },
  ),
  handled(
    'MNT-06',
    'all values of a header come through',
    { status: 200, json: { twice: ['one', 'two, three'] } },
    {
      method: 'GET',
      headers: [
        ['X-Twice', 'one'],
        ['x-twice', 'two, three'],
      ],
    },
  ),
  {
    id: 'MNT-07',
    title: 'the target below the mount and the original one are raw',
    expected: [{ status: 200, json: { same: true } }],
    run: async (bench) => {
      const below = '/a%2Fb/caf%C3%A9//c?x=%20&y[]=1'
      const answer = await bench.get(`/handler${below}`)
      const seen = readJson(answer)
      const same = seen?.target === below && seen.originalTarget === `${bench.prefix}/handler${below}`
      return [
        {
          ...answer,
          body: Buffer.from(JSON.stringify({ same, target: seen?.target, original: seen?.originalTarget })),
        },
      ]
    },
  },
  handled('MNT-08', 'HEAD of a handler has no body', { status: 200, body: '' }, { method: 'HEAD' }),
  {
    id: 'MNT-09',
    title: 'a client that goes away in the middle of a body ends the reading, and the host lives on',
    expected: [{ status: 200 }],
    run: async (bench) => {
      const mark = 'abandoned'
      await bench.abandon(
        {
          method: 'POST',
          path: '/handler',
          headers: [
            ['Content-Type', 'application/octet-stream'],
            ['X-Mark', mark],
          ],
          body: 'x'.repeat(1000),
        },
        400,
      )
      const outcome = await bench.outcome(mark)
      const answer = await bench.get('/handler')
      return [outcome === 'body_aborted' ? answer : { ...answer, status: 0 }]
    },
  },
  managed(
    'MNT-10',
    'issue',
    { status: 201, headers: { 'cache-control': 'no-store' }, json: { subject: 'ada' } },
    'POST',
    '/tokens',
    '{"subject":"ada"}',
  ),
  managed(
    'MNT-11',
    'issue, with a trailing slash',
    { status: 201, json: { subject: 'ada' } },
    'POST',
    '/tokens/',
    '{"subject":"ada"}',
  ),
  managed('MNT-12', 'list', { status: 200 }, 'GET', '/tokens?limit=1'),
  managed('MNT-13', 'HEAD of the list', { status: 200, body: '' }, 'HEAD', '/tokens'),
  managed('MNT-14', 'a route that is not there', NOT_FOUND, 'GET', '/tokens/a/b/c'),
  managed(
    'MNT-15',
    'an id that is not there',
    NOT_FOUND,
    'GET',
    '/tokens/01930000-0000-7000-8000-000000000000',
  ),
  managed('MNT-16', 'a method that is not there', { status: 405 }, 'PUT', '/tokens'),
  managed('MNT-17', 'OPTIONS says what is there', { status: 204, body: '' }, 'OPTIONS', '/tokens'),
  managed(
    'MNT-18',
    'an unknown member of the body',
    { status: 400, error: 'invalid_request' },
    'POST',
    '/tokens',
    '{"subjekt":"ada"}',
  ),
  managed('MNT-19', 'dot segments below the mount', { status: 400 }, 'GET', '/tokens/../tokens'),
  managed('MNT-20', 'encoded slashes below the mount', { status: 400 }, 'GET', '/tokens/a%2fb'),
  managed('MNT-21', 'a body that is no JSON', { status: 400 }, 'POST', '/tokens', '{"subject":'),
  managed(
    'MNT-22',
    'a body that is far too large',
    { status: [400, 413] },
    'POST',
    '/tokens',
    `{"name":"${'x'.repeat(200_000)}"}`,
  ),
  {
    id: 'MNT-23',
    title: 'a body of another type is refused',
    expected: [{ status: 415 }],
    run: async (bench) => [
      await bench.send({
        method: 'POST',
        path: '/tokens',
        headers: [
          ['X-Operator', OPERATOR],
          ['Content-Type', 'text/plain'],
        ],
        body: '{"subject":"ada"}',
      }),
    ],
  },
  {
    id: 'MNT-24',
    title: 'nobody in particular is refused, and learns nothing of what is there',
    expected: [{ status: 401 }, { status: 401 }],
    run: async (bench) => {
      const { record } = await bench.issue()
      return [
        await bench.send({ method: 'GET', path: `/tokens/${record.id}` }),
        await bench.send({ method: 'GET', path: '/tokens/01930000-0000-7000-8000-000000000000' }),
      ]
    },
  },
  {
    id: 'MNT-25',
    title: 'the public keys need nobody',
    expected: [{ status: 200 }],
    run: async (bench) => [await bench.send({ method: 'GET', path: '/tokens/jwks.json' })],
  },
  {
    id: 'MNT-26',
    title: 'a client that goes away in the middle of an issue leaves no token, and the host lives on',
    expected: [{ status: 200, json: { tokens: [], next: null } }],
    run: async (bench) => {
      const body = '{"subject":"gone","application":"abandoned"}'
      await bench.abandon(
        {
          method: 'POST',
          path: '/tokens',
          headers: [
            ['X-Operator', OPERATOR],
            ['Content-Type', 'application/json'],
          ],
          body,
        },
        3,
      )
      return [await bench.manage('GET', '/tokens?subject=gone')]
    },
  },
  {
    id: 'MNT-27',
    title: 'a client that goes away before the answer to its issue does not take the host with it',
    expected: [{ status: 200 }],
    run: async (bench) => {
      await bench.abandon(
        {
          method: 'POST',
          path: '/tokens',
          headers: [
            ['X-Operator', OPERATOR],
            ['Content-Type', 'application/json'],
          ],
          body: '{"subject":"hasty"}',
        },
        0,
      )
      return [await bench.manage('GET', '/tokens?subject=hasty')]
    },
  },
  {
    id: 'MNT-28',
    title: 'what was issued through the routes opens',
    showsToken: true,
    expected: [{ status: 201 }, { status: 200, json: { subject: 'ada', remaining: 1 } }],
    run: async (bench) => {
      const issued = await bench.manage(
        'POST',
        '/tokens',
        '{"subject":"ada","credits":2,"expiresIn":"6 hours"}',
      )
      const token = readJson(issued)?.token
      return [issued, await bench.get('/echo', typeof token === 'string' ? token : 'none')]
    },
  },
]
