import { FILES } from '../adapter-bench.ts'
import { type AdapterRow, denied, type ExpectedAnswer, REFUSED } from '../adapter-row.ts'
import type { RawAnswer } from '../raw-exchange.ts'

const DENIED = denied('path_denied')
const SERVED: ExpectedAnswer = { status: 200, body: FILES['files/reports/q1.txt'] }
/** Some routers decode a target before they look for a route, and answer 400 to what cannot be decoded. */
const DENIED_OR_BAD: ExpectedAnswer = { status: [400, 403] }

/**
 * A row that sends raw targets, behind the prefix, to the host whose guard stands before everything. The token
 * opens `/files/` below the prefix.
 */
function row(id: string, title: string, expected: ExpectedAnswer, ...rests: readonly string[]): AdapterRow {
  return {
    id,
    title,
    expected: rests.map(() => expected),
    run: async (bench) => {
      const headers = [['Authorization', `Bearer ${await bench.fileToken()}`]] as const
      const answers: RawAnswer[] = []
      for (const rest of rests) {
        answers.push(await bench.sendRoot({ method: 'GET', target: `${bench.prefix}${rest}`, headers }))
      }
      return answers
    },
  }
}

/** What the raw target of a request may be for a token that is bound to paths. */
export const TARGET_ROWS: readonly AdapterRow[] = [
  row('PTH-50', 'the plain path serves its bytes', SERVED, '/files/reports/q1.txt'),
  row(
    'PTH-51',
    'a query is not part of the path',
    SERVED,
    '/files/reports/q1.txt?download=/../../secret.txt',
  ),
  row('PTH-52', 'percent-encoded letters are the letters', SERVED, '/files/reports/%711.txt'),
  row(
    'PTH-53',
    'UTF-8 and a space, percent-encoded',
    { status: 200, body: FILES['files/café menu.txt'] },
    '/files/caf%C3%A9%20menu.txt',
  ),
  row('PTH-54', 'a path outside of the token', DENIED, '/secret.txt'),
  row('PTH-55', 'the folder without its slash', DENIED, '/files'),
  row('PTH-56', 'a name that only begins like the folder', DENIED, '/files2/reports/q1.txt'),
  row('PTH-57', 'upper case is another path', DENIED, '/FILES/reports/q1.txt'),
  row(
    'PTH-58',
    'a dot segment, also one that leads to an open path',
    DENIED,
    '/files/../secret.txt',
    '/x/../files/reports/q1.txt',
    '/files/reports/q1.txt/.',
  ),
  row(
    'PTH-59',
    'a percent-encoded dot segment',
    DENIED,
    '/files/%2e%2e/secret.txt',
    '/x/%2E%2e/files/reports/q1.txt',
  ),
  row(
    'PTH-60',
    'a half-encoded dot segment',
    DENIED,
    '/files/.%2E/secret.txt',
    '/x/%2e./files/reports/q1.txt',
  ),
  row('PTH-61', 'a single dot segment', DENIED, '/files/./reports/q1.txt'),
  row('PTH-62', 'a dot segment with a parameter', DENIED, '/files/..;/secret.txt'),
  row('PTH-63', 'an encoded slash', DENIED, '/files/reports%2fq1.txt', '/files%2Freports/q1.txt'),
  row('PTH-64', 'an encoded backslash', DENIED, '/files/reports%5cq1.txt'),
  row('PTH-65', 'a double slash', DENIED, '/files//reports/q1.txt', '//files/reports/q1.txt'),
  row('PTH-66', 'an encoded NUL', DENIED, '/files/reports/q1.txt%00.png'),
  row('PTH-67', 'an encoded percent sign (double encoding)', DENIED, '/files/%252e%252e/secret.txt'),
  row('PTH-68', 'overlong UTF-8', DENIED_OR_BAD, '/files/%c0%ae%c0%ae/secret.txt'),
  row('PTH-69', 'a bad percent sign', DENIED_OR_BAD, '/files/%zz'),
  row('PTH-70', 'a raw backslash', DENIED_OR_BAD, '/files/..\\secret.txt'),
  row('PTH-71', 'raw bytes outside of ASCII', DENIED_OR_BAD, '/files/caf\u00c3\u00a9%20menu.txt'),
  row('PTH-72', 'a fragment in the target', DENIED_OR_BAD, '/files/reports/q1.txt#x'),
  row('PTH-73', 'a space in the target', { status: 400 }, '/files/reports/q1 .txt'),
  row('PTH-74', 'a control character in the target', { status: 400 }, '/files/reports/q1\u0001.txt'),
  row(
    'PTH-75',
    'a target of more than eight kilobytes',
    { status: [403, 414] },
    `/files/${'a/'.repeat(4200)}q1.txt`,
  ),
  {
    id: 'PTH-76',
    title: 'an absolute-form target, also of a path that is open',
    expected: [DENIED, DENIED],
    run: async (bench) => {
      const headers = [['Authorization', `Bearer ${await bench.fileToken()}`]] as const
      const target = (path: string): string => `http://127.0.0.1${bench.prefix}${path}`
      return [
        await bench.sendRoot({ method: 'GET', target: target('/files/reports/q1.txt'), headers }),
        await bench.sendRoot({ method: 'GET', target: target('/secret.txt'), headers }),
      ]
    },
  },
  {
    id: 'PTH-77',
    title: 'the asterisk as a target',
    expected: [REFUSED, REFUSED],
    run: async (bench) => {
      const headers = [['Authorization', `Bearer ${await bench.fileToken()}`]] as const
      return [
        await bench.sendRoot({ method: 'OPTIONS', target: '*', headers }),
        await bench.sendRoot({ method: 'GET', target: '*', headers }),
      ]
    },
  },
  {
    id: 'PTH-78',
    title: 'a mounted place in upper case is refused, whether the router minds case or not',
    expected: [{ status: [403, 404] }],
    run: async (bench) => [await bench.get('/FILES/reports/q1.txt', await bench.fileToken())],
  },
  {
    id: 'PTH-79',
    title: 'a guard with a base compares what follows it; outside of it nothing is open',
    expected: [{ status: 200, json: { subject: 'default' } }, DENIED, DENIED, DENIED],
    run: async (bench) => {
      const { token } = await bench.issue({ paths: ['/vhost/videos/'] })
      return [
        await bench.get('/cdn/videos/a.mp4?quality=high', token),
        await bench.get('/cdn/other/a.mp4', token),
        await bench.get('/cdn/videos/../other', token),
        await bench.get('/elsewhere/vhost/videos/a.mp4', token),
      ]
    },
  },
]
