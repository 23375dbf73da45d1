import { CALLER_HEADER } from '../harness/caller.ts'
import { Comparison } from '../harness/comparison.ts'
import { createLoad, prepareRequest } from '../harness/load.ts'
import type { Scenario, Target } from '../harness/result.ts'
import { type ServerProcess, startServer } from '../harness/server-process.ts'
import { toServerTable } from '../harness/server-table.ts'
import { measureRounds, requireRight, type Subject } from '../harness/slices.ts'
import { readNumber } from '../harness/sqlite-numbers.ts'
import { formatSummary } from '../harness/stats.ts'
import { createFolder, type ServicePlace } from '../harness/tokens.ts'

const CONNECTIONS = [64, 20] as const
const PEER = 'better-auth'

interface Issuer {
  readonly name: string
  /** How many times the creations of the peer, at least. */
  readonly times?: number
  /** Counts what it has issued. */
  readonly count: string
}

const ISSUERS: readonly Issuer[] = [
  { name: 'hallpass, HS256', times: 10, count: 'SELECT count(*) FROM hallpass_tokens' },
  { name: 'hallpass, EdDSA', times: 6, count: 'SELECT count(*) FROM hallpass_tokens' },
  { name: PEER, count: 'SELECT count(*) FROM apikey' },
]

const REQUEST = prepareRequest(
  {
    method: 'POST',
    path: '/tokens/',
    headers: [CALLER_HEADER],
    body: JSON.stringify({ name: 'bench', expiresIn: 2_592_000 }),
  },
  201,
)

export const run: Scenario = async (options) => {
  const issuers = ISSUERS.filter(({ name }) => !options.oursOnly || name !== PEER)
  const folder = await createFolder()
  const servers: ServerProcess[] = []
  const places = new Map<string, ServicePlace>()
  try {
    const subjects: Subject[] = []
    for (const { name } of issuers) {
      const place = folder.place(`${name}.db`)
      const server = await startServer('issue', { subject: name, place })
      servers.push(server)
      places.set(name, place)
      for (const connections of CONNECTIONS) {
        const load = createLoad({ port: server.port, connections, requests: [REQUEST] })
        subjects.push({ name: toSubject(name, connections), server, load })
      }
    }
    const series = await measureRounds(subjects, options)
    for (const { load } of subjects) load.close()
    for (const [name, { wrong }] of series) requireRight(name, wrong)
    await Promise.all(servers.map((server) => server.stop()))

    const comparison = new Comparison(series)
    for (const issuer of issuers) requireAllKept(issuer, places, comparison)
    const [, few] = CONNECTIONS
    return {
      tables: CONNECTIONS.map((connections) =>
        toServerTable(
          `Issue over HTTP in Express, SQLite with synchronous = FULL, ${connections} connections`,
          comparison,
          issuers.map(({ name }) => toSubject(name, connections)),
          options.oursOnly ? null : toSubject(PEER, connections),
        ),
      ),
      targets: options.oursOnly ? [] : issuers.flatMap((issuer) => toTargets(issuer, comparison)),
      notes: [
        ...NOTES,
        `The targets are those at ${CONNECTIONS[0]} connections; with ${few} fewer creations share a transaction.`,
      ],
    }
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
    await folder.remove()
  }
}

function toSubject(name: string, connections: number): string {
  return `${name}, ${connections}`
}

/** Every answer stands in the file. */
function requireAllKept(
  { name, count }: Issuer,
  places: ReadonlyMap<string, ServicePlace>,
  comparison: Comparison,
): void {
  const answers = CONNECTIONS.reduce((sum, each) => sum + comparison.of(toSubject(name, each)).requests, 0)
  const kept = readNumber(places.get(name)?.file ?? '', count)
  if (kept !== answers) throw new Error(`${name} answered ${answers} times and has kept ${kept}`)
}

function toTargets({ name, times }: Issuer, comparison: Comparison): Target[] {
  if (times === undefined) return []
  const [connections] = CONNECTIONS
  const measured = comparison.throughput(toSubject(name, connections), toSubject(PEER, connections))
  return [
    {
      what: `Issue over HTTP, ${name}, creations per second beside ${PEER}`,
      target: `≥ ${times} ×`,
      measured: formatSummary(measured, 1),
      met: measured.median >= times,
    },
  ]
}

const NOTES: readonly string[] = [
  'POST with a JSON body of a name and a life; the same comparison of one header says who may. Ours: `tokenRoutes` in Express on the SQLite store, whose own settings are WAL and synchronous = FULL. HS256 is chosen by a profile, which the native routes do not offer over HTTP: the service that they get is wrapped in one line that names it.',
  'better-auth: an Express route that calls `auth.api.createApiKey` of its api-key plugin for one user, on better-sqlite3 with WAL and synchronous = FULL, tables by its own migrations, hashing of keys on (its default), rate limits off. Its key is random text whose hash is stored, no signed token; each creation is a transaction of its own.',
  'After the run the rows of each file were counted: as many as there were answers.',
]
