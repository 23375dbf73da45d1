import { deepStrictEqual } from 'node:assert/strict'
import { CALLER_HEADER } from '../harness/caller.ts'
import { Comparison } from '../harness/comparison.ts'
import { createLoad, type PreparedRequest, prepareRequest } from '../harness/load.ts'
import type { Scenario } from '../harness/result.ts'
import { type ServerProcess, startServer } from '../harness/server-process.ts'
import { toServerTable } from '../harness/server-table.ts'
import { measureRounds, requireRight, type Subject } from '../harness/slices.ts'
import { formatSummary } from '../harness/stats.ts'
import { createFolder, issueAll, openService, STRICT } from '../harness/tokens.ts'

const CONNECTIONS = 20
const TOKENS = 1000
const SHARE = 0.85
const OURS = 'hallpass'
const BASE = 'hand-written'

const BODY = JSON.stringify({
  name: 'bench',
  expiresIn: '30 days',
  scope: ['files.read'],
  paths: ['/files/'],
  ip: ['127.0.0.0/8'],
})

export const run: Scenario = async (options) => {
  const folder = await createFolder()
  const servers: ServerProcess[] = []
  try {
    const subjects: Subject[] = []
    const shapes: unknown[] = []
    for (const name of [OURS, BASE]) {
      const place = folder.place(`${name}.db`)
      const service = await openService(place, STRICT)
      const inputs = Array.from({ length: TOKENS }, () => ({ ...JSON.parse(BODY), subject: 'ada' }))
      const ids = (await issueAll(service, inputs)).map(({ record }) => record.id)
      await service.close()
      const server = await startServer('manage', { subject: name, place })
      servers.push(server)
      shapes.push(await readShapes(server.port, ids[0] ?? ''))
      for (const [route, requests] of Object.entries(toRequests(ids))) {
        const load = createLoad({ port: server.port, connections: CONNECTIONS, requests })
        subjects.push({ name: `${name}, ${route}`, server, load })
      }
    }
    const [ours, base] = shapes
    deepStrictEqual(ours, base, 'both answer the same members')
    const series = await measureRounds(subjects, options)
    for (const { load } of subjects) load.close()
    for (const [name, { wrong }] of series) requireRight(name, wrong)
    const comparison = new Comparison(series)
    const routes = Object.keys(toRequests([]))
    return {
      tables: routes.map((route) =>
        toServerTable(
          `${route} in Express, SQLite, ${CONNECTIONS} connections`,
          comparison,
          [`${BASE}, ${route}`, `${OURS}, ${route}`],
          `${BASE}, ${route}`,
        ),
      ),
      targets: routes.map((route) => {
        const measured = comparison.cpuShare(`${OURS}, ${route}`, `${BASE}, ${route}`)
        return {
          what: `Management route, ${route}: CPU of a hand-written Express route / CPU of ours`,
          target: `≥ ${SHARE}`,
          measured: formatSummary(measured, 3),
          met: measured.median >= SHARE,
        }
      }),
      notes: NOTES,
    }
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
    await folder.remove()
  }
}

function toRequests(ids: readonly string[]): Record<string, PreparedRequest[]> {
  return {
    'read one (GET)': ids.map((id) =>
      prepareRequest({ method: 'GET', path: `/tokens/${id}`, headers: [CALLER_HEADER] }, 200),
    ),
    'issue (POST)': [
      prepareRequest({ method: 'POST', path: '/tokens/', headers: [CALLER_HEADER], body: BODY }, 201),
    ],
  }
}

/** The members of what the two routes answer, and the types of their values. */
async function readShapes(port: number, id: string): Promise<unknown> {
  const headers = {
    authorization: 'Bearer operator',
    'content-type': 'application/json',
    connection: 'close',
  }
  const origin = `http://127.0.0.1:${port}`
  const read = await fetch(`${origin}/tokens/${id}`, { headers })
  const issued = await fetch(`${origin}/tokens/`, { method: 'POST', headers, body: BODY })
  const refused = await fetch(`${origin}/tokens/`, { method: 'POST', headers, body: '{"nonsense": 1}' })
  const denied = await fetch(`${origin}/tokens/${id}`, { headers: { connection: 'close' } })
  return {
    read: toShape(await read.json()),
    issued: toShape(await issued.json()),
    statuses: [read.status, issued.status, refused.status, denied.status],
  }
}

function toShape(body: unknown): [string, string][] {
  return Object.entries(Object(body)).map(([name, value]) => [name, typeof value])
}

const NOTES: readonly string[] = [
  'Ours: `tokenRoutes`. Beside it two routes written by hand in Express 5: `express.json()`, a zod schema of the same fields, `service.issue` and `service.get` called directly, `res.json` of the same members; the same comparison of one header says who calls. Both were asked once before, and answer the same members and statuses.',
  'The hand-written routes do less: no Idempotency-Key, no link, no check of duplicate JSON members, of the origin, or of what a caller may hand on. ETags are off, since ours sends none.',
  'Two files, each with its own process; WAL and synchronous = FULL. CPU does not count the time in which the disk is waited for.',
]
