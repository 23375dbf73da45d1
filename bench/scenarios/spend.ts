import { Comparison } from '../harness/comparison.ts'
import { createLoad, type PreparedRequest, prepareRequest } from '../harness/load.ts'
import type { Scenario } from '../harness/result.ts'
import { type ServerProcess, startServer } from '../harness/server-process.ts'
import { toServerTable } from '../harness/server-table.ts'
import { measureRounds, requireRight, type Subject } from '../harness/slices.ts'
import { readNumber } from '../harness/sqlite-numbers.ts'
import { formatSummary } from '../harness/stats.ts'
import { createFolder, issueAll, openService, type ServicePlace, STRICT } from '../harness/tokens.ts'

const CONNECTIONS = 64
const TOKENS = 1000
/** More than any run takes. */
const CREDITS = 1_000_000
const TIMES = 20

const OURS = 'hallpass'
const PEER = 'better-auth'
const LEFT = {
  [OURS]: 'SELECT sum(credit_remaining) FROM hallpass_tokens',
  [PEER]: 'SELECT sum(remaining) FROM apikey',
} as const
type Name = keyof typeof LEFT

export const run: Scenario = async (options) => {
  const names: readonly Name[] = options.oursOnly ? [OURS] : [OURS, PEER]
  const folder = await createFolder()
  const servers: ServerProcess[] = []
  const places = new Map<Name, ServicePlace>()
  try {
    const subjects: Subject[] = []
    for (const name of names) {
      const place = folder.place(`${name}.db`)
      places.set(name, place)
      const texts = name === OURS ? await issueTokens(place) : null
      const server = await startServer('spend', { subject: name, place })
      servers.push(server)
      const keys =
        texts ?? ((await server.ask('createKeys', { count: TOKENS, remaining: CREDITS })) as string[])
      const load = createLoad({ port: server.port, connections: CONNECTIONS, requests: keys.map(toRequest) })
      subjects.push({ name, server, load })
    }
    const series = await measureRounds(subjects, options)
    for (const { load } of subjects) load.close()
    for (const [name, { wrong }] of series) requireRight(name, wrong)
    await Promise.all(servers.map((server) => server.stop()))

    const comparison = new Comparison(series)
    const rows = names.map((name) => {
      const answers = comparison.of(name).requests
      const taken = TOKENS * CREDITS - readNumber(places.get(name)?.file ?? '', LEFT[name])
      if (name === OURS && taken !== answers) {
        throw new Error(`${answers} requests were let in and ${taken} credits taken`)
      }
      return [name, String(answers), String(taken), taken === answers ? 'exact' : 'not exact']
    })
    const measured = options.oursOnly ? null : comparison.throughput(OURS, PEER)
    return {
      tables: [
        toServerTable(
          `Spend over HTTP in Express, SQLite with synchronous = FULL, ${CONNECTIONS} connections`,
          comparison,
          names,
          options.oursOnly ? null : PEER,
        ),
        {
          title: 'Credits, over the whole run',
          columns: ['subject', 'answers 200', 'credits taken', ''],
          rows,
        },
      ],
      targets:
        measured === null
          ? []
          : [
              {
                what: `Spend over HTTP, requests per second beside ${PEER}'s verification with \`remaining\``,
                target: `≥ ${TIMES} ×`,
                measured: formatSummary(measured, 1),
                met: measured.median >= TIMES,
              },
            ],
      notes: NOTES,
    }
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
    await folder.remove()
  }
}

async function issueTokens(place: ServicePlace): Promise<string[]> {
  const service = await openService(place, STRICT)
  const inputs = Array.from({ length: TOKENS }, () => ({ expiresIn: '1 day', credits: CREDITS }))
  const issued = await issueAll(service, inputs)
  await service.close()
  return issued.map(({ token }) => token)
}

function toRequest(text: string, i: number): PreparedRequest {
  const path = `/reports/report-${i}.txt`
  return prepareRequest({ method: 'GET', path, headers: [`Authorization: Bearer ${text}`] }, 200)
}

const NOTES: readonly string[] = [
  `${TOKENS} metered tokens in rotation, each with plenty of credits. Ours: \`requireToken\` with cost 1 in strict mode. better-auth: an Express middleware that calls \`auth.api.verifyApiKey\` on keys with \`remaining\`, on better-sqlite3 with WAL and synchronous = FULL, rate limits off, hashing of keys on.`,
  'One machine, one process each. Ours commits the spends of one event-loop turn together; each verification of better-auth is one SELECT and three UPDATEs (remaining, lastRequest, updatedAt), each a transaction of its own that blocks the event loop until the disk has it.',
  'After the run the credits that are left were summed up in the file and compared with the answers.',
]
