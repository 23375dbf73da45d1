import { deepStrictEqual } from 'node:assert/strict'
import { copyFile } from 'node:fs/promises'
import { Comparison } from '../harness/comparison.ts'
import { createGuardRequests, type GuardRequests, type RequestSet } from '../harness/guard-requests.ts'
import { isOurs, OURS, type Ours, toAnswer } from '../harness/guard-setup.ts'
import { createLoad } from '../harness/load.ts'
import type { Scenario, ScenarioOptions, Table, Target } from '../harness/result.ts'
import { type ServerProcess, startServer } from '../harness/server-process.ts'
import { joinSeries, measureRounds, requireRight, type Series, type Subject } from '../harness/slices.ts'
import { formatSummary, type Summary, summarize, summarizeRatios } from '../harness/stats.ts'
import { createFolder, MAX_STALENESS_MS, type ServicePlace } from '../harness/tokens.ts'

const CONNECTIONS = 20
/** Where the parts of a program come to lie in memory differs from process to process, and with it their speed. */
const ROUNDS_OF_A_PROCESS = 2

interface Host {
  readonly name: string
  /** In `bench/servers`. */
  readonly server: string
  readonly setup?: object
  readonly ours: readonly Ours[]
  readonly peers: readonly string[]
  readonly targets: readonly HostTarget[]
}

interface HostTarget {
  readonly subject: Ours
  /** CPU of bare by CPU of ours, at least. */
  readonly share?: number
  /** What ours adds by what the best peer adds, at most, as a fraction: 1/10. */
  readonly beside?: number
}

const NEST: Omit<Host, 'name' | 'setup'> = {
  server: 'guard-nest',
  ours: OURS,
  peers: ['@nestjs/jwt'],
  targets: [{ subject: 'bounded', beside: 5 }],
}

const HOSTS: readonly Host[] = [
  {
    name: 'Express',
    server: 'guard-express',
    ours: OURS,
    peers: ['express-jwt', 'express-oauth2-jwt-bearer', 'passport-jwt'],
    targets: [
      { subject: 'bounded', share: 0.88, beside: 10 },
      { subject: 'strict', share: 0.7, beside: 4 },
      { subject: 'strict, exclusive', share: 0.7, beside: 4 },
    ],
  },
  {
    name: 'Koa',
    server: 'guard-koa',
    ours: OURS,
    peers: ['koa-jwt'],
    targets: [
      { subject: 'bounded', share: 0.82, beside: 20 },
      { subject: 'strict', share: 0.68 },
      { subject: 'strict, exclusive', share: 0.68 },
    ],
  },
  { name: 'Nest on Express', setup: { platform: 'express' }, ...NEST },
  { name: 'Nest on Fastify', setup: { platform: 'fastify' }, ...NEST },
  {
    name: 'Fastify',
    server: 'guard-fastify',
    ours: [],
    peers: ['@fastify/jwt', '@fastify/jwt with its cache'],
    targets: [],
  },
  { name: 'Hono', server: 'guard-hono', ours: [], peers: ['hono/jwt'], targets: [] },
]

export const run: Scenario = async (options) => {
  const folder = await createFolder()
  const tables: Table[] = []
  const targets: Target[] = []
  try {
    for (const host of HOSTS) {
      // Without the peers there is nothing of ours to see on these.
      if (options.oursOnly && host.ours.length === 0) continue
      const place = folder.place(`${host.name}.db`)
      const found = await measureHost(host, place, options)
      tables.push(found.table)
      targets.push(...found.targets)
    }
  } finally {
    await folder.remove()
  }
  return { tables, targets, notes: NOTES }
}

async function measureHost(
  host: Host,
  place: ServicePlace,
  options: ScenarioOptions,
): Promise<{ table: Table; targets: Target[] }> {
  const requests = await createGuardRequests(place)
  const alone = { ...place, file: `${place.file}-alone` }
  await copyFile(place.file, alone.file)
  const toPlace = (name: string): ServicePlace => (name === 'strict, exclusive' ? alone : place)
  const names = ['bare', ...host.ours, ...(options.oursOnly ? [] : host.peers)]
  let series: ReadonlyMap<string, Series> = new Map()
  for (let done = 0; done < options.rounds; done += ROUNDS_OF_A_PROCESS) {
    const rounds = Math.min(ROUNDS_OF_A_PROCESS, options.rounds - done)
    series = join(series, await measureProcesses(host, names, toPlace, requests, { ...options, rounds }))
  }
  const comparison = new Comparison(series)
  const best = findBestPeer(comparison, options.oursOnly ? [] : host.peers)
  return {
    table: toTable(host, names, comparison, best),
    targets: host.targets.flatMap((target) => toTargets(host, target, comparison, best)),
  }
}

function join(
  before: ReadonlyMap<string, Series>,
  after: ReadonlyMap<string, Series>,
): ReadonlyMap<string, Series> {
  const joined = new Map(after)
  for (const [name, series] of after) {
    const first = before.get(name)
    if (first !== undefined) joined.set(name, joinSeries(first, series))
  }
  return joined
}

/** Some rounds, with a fresh process for each subject. */
async function measureProcesses(
  host: Host,
  names: readonly string[],
  toPlace: (name: string) => ServicePlace,
  requests: GuardRequests,
  options: ScenarioOptions,
): Promise<ReadonlyMap<string, Series>> {
  const servers: ServerProcess[] = []
  try {
    const subjects: Subject[] = []
    for (const name of names) {
      const setup = { subject: name, place: toPlace(name), secret: requests.secret, ...host.setup }
      const server = await startServer(host.server, setup)
      servers.push(server)
      const set = toRequestSet(requests, name)
      await requireRightAnswers(`${host.name}, ${name}`, server.port, set, name !== 'bare')
      const load = createLoad({ port: server.port, connections: CONNECTIONS, requests: set.requests })
      subjects.push({ name, server, load })
    }
    const series = await measureRounds(subjects, options)
    for (const { load } of subjects) load.close()
    for (const [name, { wrong }] of series) requireRight(`${host.name}, ${name}`, wrong)
    return series
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
  }
}

function toRequestSet(requests: GuardRequests, subject: string): RequestSet {
  if (subject === 'bare') return requests.bare
  return isOurs(subject) ? requests.ours : requests.peers
}

/** Before anything is measured: every request once, one body in full, and a forged token. */
async function requireRightAnswers(
  name: string,
  port: number,
  { requests, forged, good }: RequestSet,
  guarded: boolean,
): Promise<void> {
  for (const asked of [requests, ...(guarded ? [[forged]] : [])]) {
    const load = createLoad({ port, connections: CONNECTIONS, requests: asked })
    const { wrong } = await load.runOnce()
    load.close()
    requireRight(name, wrong)
  }
  const response = await fetch(`http://127.0.0.1:${port}${good.path}`, {
    headers: { authorization: `Bearer ${good.token}`, connection: 'close' },
  })
  deepStrictEqual(await response.json(), toAnswer(good.path.slice('/files/'.length)))
}

function findBestPeer(comparison: Comparison, peers: readonly string[]): string | null {
  const added = (peer: string): number => summarize(comparison.added(peer, 'bare')).median
  return peers.toSorted((a, b) => added(a) - added(b))[0] ?? null
}

/** What a subject adds by what the best peer adds, in each round. */
function beside(comparison: Comparison, subject: string, best: string): Summary {
  return summarizeRatios(comparison.added(subject, 'bare'), comparison.added(best, 'bare'))
}

const LETS_IN_ALL = 'revoked, wrong path, foreign address: does less'

function toTable(host: Host, names: readonly string[], comparison: Comparison, best: string | null): Table {
  return {
    title: `${host.name}, ${CONNECTIONS} connections`,
    columns: [
      'subject',
      'CPU µs per request',
      'CPU share: bare / this',
      'adds µs',
      best === null ? 'adds, beside the best peer' : `adds, beside ${best}`,
      'between slices, µs per request',
      'requests/s',
      'wrong',
      'lets in',
    ],
    rows: names.map((name) => {
      const { cpuMicros, restMicros, perSecond, wrong } = comparison.of(name)
      const isBare = name === 'bare'
      return [
        isOurs(name) ? `hallpass, ${name}` : name,
        formatSummary(summarize(cpuMicros), 1),
        isBare ? '1' : formatSummary(comparison.cpuShare(name, 'bare')),
        isBare ? '' : formatSummary(summarize(comparison.added(name, 'bare')), 1),
        isBare || best === null ? '' : formatSummary(beside(comparison, name, best), 3),
        formatSummary(summarize(restMicros), 2),
        formatSummary(summarize(perSecond), 0),
        String([...wrong.values()].reduce((sum, count) => sum + count, 0)),
        isBare ? 'everything' : isOurs(name) ? 'none of these' : LETS_IN_ALL,
      ]
    }),
  }
}

function toTargets(
  host: Host,
  { subject, share, beside: part }: HostTarget,
  comparison: Comparison,
  best: string | null,
): Target[] {
  const targets: Target[] = []
  const what = `${host.name} guarded, ${subject}`
  if (share !== undefined) {
    const measured = comparison.cpuShare(subject, 'bare')
    targets.push({
      what: `${what}: CPU of bare / CPU of this`,
      target: `≥ ${share}`,
      measured: formatSummary(measured, 3),
      met: measured.median >= share,
    })
  }
  if (part !== undefined && best !== null) {
    const measured = beside(comparison, subject, best)
    targets.push({
      what: `${what}: adds, beside what ${best} adds`,
      target: `≤ ${1 / part}`,
      measured: formatSummary(measured, 3),
      met: measured.median <= 1 / part,
    })
  }
  return targets
}

const NOTES: readonly string[] = [
  `Closed loop of ${CONNECTIONS} kept connections without pipelining, from one process on the same machine; the server's CPU is the operating system's account of its process before and after each slice, divided by its answers. The servers of one host are alive at once.`,
  `Every ${ROUNDS_OF_A_PROCESS} rounds all servers are started anew.`,
  '10,000 distinct tokens in rotation, one request each: 97 % good, 1 % revoked, 1 % for other paths, 1 % bound to another address. Every request was sent once before measuring, and every answer was compared with the status that is right; bodies were compared once.',
  'Ours are EdDSA tokens as they are issued by default, checked for signature, issuer, audience, times, address, path, scope and revocation. The peers get HS256 tokens, their fastest choice, with the same claims, and check signature and times (express-oauth2-jwt-bearer also issuer and audience). They look at neither path nor address nor revocation: 200 is expected of them for all 10,000.',
  `bounded: \`maxStalenessMs: ${MAX_STALENESS_MS}\`; strict: the store is asked on every request. Both on one SQLite file per host, in processes of their own. exclusive: the same on a copy of that file, which its process has for itself.`,
  'Ours remembers signatures that it has verified, so that the cost of EdDSA itself is paid once per token and not per request; @fastify/jwt is shown without and with its cache (10,000 entries).',
  'What ours counts, usage and lastUsedAt of 10,000 tokens, is written every 5 s. Here it is written after each slice, and its share of what 5 s of that load would cost is part of the CPU per request; left to its timer, it would fall into some slices and not into others. lastUsedAt is written once a minute for each token, which falls into the warm-up.',
  '“between slices” is what a process works while others are measured (ours reads revocations), divided by the requests of its slice. It is not part of the CPU per request.',
  'bare answers the same requests with our tokens in their headers. Fastify and Hono have no Hallpass guard of their own; they are shown for context.',
]
