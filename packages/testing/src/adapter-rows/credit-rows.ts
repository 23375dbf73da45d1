import { FILES } from '../adapter-bench.ts'
import { type AdapterRow, denied, type ExpectedAnswer } from '../adapter-row.ts'

const FILE = '/files/reports/q1.txt'
const SERVED: ExpectedAnswer = { status: 200, body: FILES['files/reports/q1.txt'] }
const EXHAUSTED = denied('credits_exhausted')
/** The fault is the application's, so its own error handling answers; the request does not get in. */
const FAULT: ExpectedAnswer = { status: 500 }

/** A row whose guard cannot know the cost: nothing passes and nothing is spent. */
function fault(id: string, title: string, path: string): AdapterRow {
  return {
    id,
    title,
    expected: [FAULT, { status: 200, json: { remaining: 3 } }],
    run: async (bench) => {
      const { token } = await bench.issue({ credits: 4 })
      return [await bench.get(path, token), await bench.get('/echo', token)]
    },
  }
}

/** What requests cost, and what they never cost. */
export const CREDIT_ROWS: readonly AdapterRow[] = [
  {
    id: 'CRD-20',
    title: 'exactly as many downloads as there are credits',
    expected: [
      SERVED,
      SERVED,
      SERVED,
      { ...EXHAUSTED, json: { details: { remaining: 0, cost: 1 } } },
      EXHAUSTED,
    ],
    run: async (bench) => {
      const token = await bench.fileToken({ credits: 3 })
      return [
        await bench.get(FILE, token),
        await bench.get(FILE, token),
        await bench.get(FILE, token),
        await bench.get(FILE, token),
        await bench.get('/files/other.txt', token),
      ]
    },
  },
  {
    id: 'CRD-21',
    title: 'refused requests cost nothing',
    expected: [denied('path_denied'), denied('path_denied'), denied('request_ambiguous'), SERVED, EXHAUSTED],
    run: async (bench) => {
      const token = await bench.fileToken({ credits: 1 })
      return [
        await bench.get('/files/../secret.txt', token),
        await bench.get('/echo', token),
        await bench.get(`${FILE}?token=${token}`, token),
        await bench.get(FILE, token),
        await bench.get(FILE, token),
      ]
    },
  },
  {
    id: 'CRD-22',
    title: 'HEAD and OPTIONS cost nothing',
    expected: [
      { status: 200, body: '' },
      { status: 200, json: { cost: null } },
      { status: 200, json: { remaining: 0 } },
    ],
    run: async (bench) => {
      const { token } = await bench.issue({ credits: 1 })
      const headers = [['Authorization', `Bearer ${token}`]] as const
      return [
        await bench.send({ method: 'HEAD', path: '/echo', headers }),
        await bench.send({ method: 'OPTIONS', path: '/echo', headers }),
        await bench.get('/echo', token),
      ]
    },
  },
  {
    id: 'CRD-23',
    title: 'a request that costs more than is left takes nothing',
    expected: [
      { ...EXHAUSTED, json: { details: { remaining: 2, cost: 3 } } },
      { status: 200, json: { cost: 1, remaining: 1 } },
    ],
    run: async (bench) => {
      const { token } = await bench.issue({ credits: 2 })
      return [await bench.get('/three', token), await bench.get('/echo', token)]
    },
  },
  {
    id: 'CRD-24',
    title: 'a cost function says what it costs, for HEAD as well',
    expected: [
      { status: 200, json: { cost: 2, remaining: 3 } },
      { status: 200, body: '' },
      { ...EXHAUSTED, json: { details: { remaining: 1, cost: 2 } } },
    ],
    run: async (bench) => {
      const { token } = await bench.issue({ credits: 5 })
      return [
        await bench.get('/two', token),
        await bench.send({ method: 'HEAD', path: '/two', headers: [['Authorization', `Bearer ${token}`]] }),
        await bench.get('/two', token),
      ]
    },
  },
  {
    id: 'CRD-25',
    title: 'a place that costs nothing opens with no credits left',
    expected: [{ status: 200, json: { remaining: 0 } }, EXHAUSTED, { status: 200, json: { cost: null } }],
    run: async (bench) => {
      const { token } = await bench.issue({ credits: 1 })
      return [
        await bench.get('/echo', token),
        await bench.get('/echo', token),
        await bench.get('/free', token),
      ]
    },
  },
  {
    id: 'CRD-26',
    title: 'parallel requests get no more than there is, also from a store that answers with promises',
    expected: [
      ...Array.from({ length: 5 }, (): ExpectedAnswer => ({ status: 200 })),
      ...Array.from({ length: 15 }, (): ExpectedAnswer => EXHAUSTED),
    ],
    run: async (bench) => {
      const { token } = await bench.issue({ credits: 5 }, bench.services.second)
      const answers = await Promise.all(Array.from({ length: 20 }, () => bench.get('/second', token)))
      return answers.toSorted((a, b) => a.status - b.status)
    },
  },
  fault('CRD-27', 'a cost that is not a number', '/cost-nan'),
  fault('CRD-28', 'a negative cost', '/cost-negative'),
  fault('CRD-29', 'a cost that is no whole number', '/cost-fraction'),
  fault('CRD-30', 'a cost function that throws', '/cost-throws'),
]
