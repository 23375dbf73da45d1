import { FILES } from '../adapter-bench.ts'
import { type AdapterRow, denied, type ExpectedAnswer } from '../adapter-row.ts'

const FILE = '/files/reports/q1.txt'
const SERVED: ExpectedAnswer = { status: 200, body: FILES['files/reports/q1.txt'] }
const REVOKED = denied('token_revoked')

/** What happens to a token over several requests. */
export const LIFE_ROWS: readonly AdapterRow[] = [
  {
    id: 'LIF-01',
    title: 'a token revoked in the process is refused on the next request',
    expected: [SERVED, REVOKED, REVOKED],
    run: async (bench) => {
      const { token, record } = await bench.issue({ paths: [`${bench.prefix}/files/`] })
      const before = await bench.get(FILE, token)
      await bench.services.main.revoke(record.project, record.id)
      return [before, await bench.get(FILE, token), await bench.get(FILE, token)]
    },
  },
  {
    id: 'LIF-02',
    title: 'a token revoked through the routes is refused on the next request',
    expected: [SERVED, { status: 200, json: { status: 'revoked' } }, REVOKED],
    run: async (bench) => {
      const { token, record } = await bench.issue({ paths: [`${bench.prefix}/files/`] })
      return [
        await bench.get(FILE, token),
        await bench.manage('DELETE', `/tokens/${record.id}`),
        await bench.get(FILE, token),
      ]
    },
  },
  {
    id: 'LIF-03',
    title: "two instances in one process do not take each other's tokens",
    expected: [{ status: 200 }, { status: 200 }, denied('key_unknown'), denied('key_unknown')],
    run: async (bench) => {
      const first = await bench.issue()
      const second = await bench.issue({}, bench.services.second)
      return [
        await bench.get('/echo', first.token),
        await bench.get('/second', second.token),
        await bench.get('/second', first.token),
        await bench.get('/echo', second.token),
      ]
    },
  },
  {
    id: 'LIF-04',
    title: "two instances do not see each other's records",
    expected: [{ status: 200 }, { status: 404, error: 'not_found' }],
    run: async (bench) => {
      const { record } = await bench.issue()
      return [
        await bench.manage('GET', `/tokens/${record.id}`),
        await bench.manage('GET', `/second-tokens/${record.id}`),
      ]
    },
  },
  {
    id: 'LIF-05',
    title: 'credits added through the routes open again',
    expected: [
      SERVED,
      denied('credits_exhausted'),
      { status: 200, json: { credits: { limit: 2, remaining: 1 } } },
      SERVED,
    ],
    run: async (bench) => {
      const { token, record } = await bench.issue({ paths: [`${bench.prefix}/files/`], credits: 1 })
      return [
        await bench.get(FILE, token),
        await bench.get(FILE, token),
        await bench.manage('PATCH', `/tokens/${record.id}`, '{"credits":{"add":1}}'),
        await bench.get(FILE, token),
      ]
    },
  },
  {
    id: 'SEC-30',
    title: 'an answer to a token in the query, good or bad, holds no token',
    expected: [SERVED, { status: 404 }, denied('path_denied', { 'referrer-policy': 'no-referrer' }), REVOKED],
    run: async (bench) => {
      const { token, record } = await bench.issue({ paths: [`${bench.prefix}/files/`] })
      const answers = [
        await bench.get(`${FILE}?token=${token}`),
        await bench.get(`/files/not-there.txt?token=${token}`),
        await bench.get(`/files/../secret.txt?token=${token}`),
      ]
      await bench.services.main.revoke(record.project, record.id)
      return [...answers, await bench.get(`${FILE}?token=${token}`)]
    },
  },
]
