import { createHash } from 'node:crypto'
import {
  createMemoryStore,
  createTokenService,
  type StoredToken,
  type TokenService,
  type TokenStore,
} from '@hallpass/core'
import { createSqliteStore } from '@hallpass/store-sqlite'
import { openData } from '../harness/data-folder.ts'
import { measureRounds, repeat, type Subject, seriesOf } from '../harness/in-process.ts'
import type { Scenario, Target } from '../harness/result.ts'
import { formatSummary, summarize, summarizeRatios } from '../harness/stats.ts'
import { createUuidV7 } from '../harness/uuid.ts'

const SIZES = [1000, 100_000, 1_000_000] as const
/** In memory a million tokens take more than a gigabyte. */
const MEMORY_SIZES = [1000, 100_000] as const
const PAGE = 50
const TOKENS_OF_SUBJECT = 200
/** Cursors of pages that are asked for at random, per list. */
const CURSORS = 1000
const SUBJECTS = 200
const MOST_RATIO = 1.5

interface Place {
  readonly subject?: string
  readonly after?: string
}

/** Pages of a list anywhere in a store of growing size. */
export const run: Scenario = async ({ rounds, sliceMs }) => {
  const services: TokenService[] = []
  const subjects: Subject[] = []
  for (const size of SIZES) {
    const path = await openData(`list-${size}`, (store, tell) => fill(store, size, tell))
    const service = await openService(await createSqliteStore(path))
    services.push(service)
    subjects.push(...(await createSubjects('SQLite', size, service, sliceMs)))
  }
  for (const size of MEMORY_SIZES) {
    const store = createMemoryStore()
    await fill(store, size, () => {})
    const service = await openService(store)
    services.push(service)
    subjects.push(...(await createSubjects('memory', size, service, sliceMs)))
  }
  const series = await measureRounds(subjects, rounds)
  for (const service of services) await service.close()
  const rows = [
    ...SIZES.map((size) => ['SQLite', size] as const),
    ...MEMORY_SIZES.map((size) => ['memory', size] as const),
  ].flatMap(([store, size]) =>
    LISTS.map((list) => {
      const values = seriesOf(series, toName(store, size, list))
      const ratio = summarizeRatios(values, seriesOf(series, toName(store, SIZES[0], list)))
      return [
        store,
        size.toLocaleString('en'),
        list,
        formatSummary(summarize(values), 0),
        formatSummary(ratio),
      ]
    }),
  )
  return {
    tables: [
      {
        title: `Pages of ${PAGE} at a random place`,
        columns: ['store', 'tokens', 'list', 'CPU µs per page', 'beside 1,000 tokens'],
        rows,
      },
    ],
    targets: LISTS.map((list): Target => {
      const [small, , large] = SIZES.map((size) => seriesOf(series, toName('SQLite', size, list)))
      const ratio = summarizeRatios(large ?? [], small ?? [])
      return {
        what: `a page of ${PAGE} at a random place, SQLite, ${list}, 1,000,000 tokens beside 1,000`,
        target: `≤ ${MOST_RATIO}`,
        measured: formatSummary(ratio),
        met: ratio.median <= MOST_RATIO,
      }
    }),
    notes: [
      '`service.list` with the `next` of another page as `after`, chosen at random: those of a walk through the whole list, or through the lists of 200 subjects. The tokens of one project; each subject has 200.',
      'Each page is checked for its length and order. The µs are CPU time of the process by the operating system; the files are in its page cache.',
      'The files are filled by `store.insert`, 1000 tokens at a time, and kept in `bench/.data`.',
    ],
  }
}

const LISTS = ['whole project', 'one subject'] as const

function toName(store: string, size: number, list: string): string {
  return `${store} ${size} ${list}`
}

function openService(store: TokenStore): Promise<TokenService> {
  return createTokenService({
    issuer: 'https://bench.example',
    store,
    // No key is needed to list; without a ring of its own nothing is added to the file.
    keys: { jwks: [] },
    maintenance: false,
  })
}

async function createSubjects(
  store: string,
  size: number,
  service: TokenService,
  sliceMs: number,
): Promise<Subject[]> {
  const places = {
    'whole project': await walkProject(service, size),
    'one subject': await walkSubjects(service, size),
  }
  return LISTS.map((list) => ({
    name: toName(store, size, list),
    slice: () => repeat(sliceMs, () => readPage(service, places[list])),
  }))
}

/** Evenly spread over the list; none so near to the end that its page would be short. */
async function walkProject(service: TokenService, size: number): Promise<readonly Place[]> {
  const step = Math.min(200, size / CURSORS)
  const places: Place[] = [{}]
  let seen = 0
  for (let after: string | undefined; seen + step + PAGE <= size; ) {
    const { next } = await service.list({
      project: 'default',
      limit: step,
      ...(after !== undefined && { after }),
    })
    if (next === null) throw new Error('the list ends too early')
    after = next
    seen += step
    places.push({ after })
  }
  return places
}

async function walkSubjects(service: TokenService, size: number): Promise<readonly Place[]> {
  const subjects = size / TOKENS_OF_SUBJECT
  const places: Place[] = []
  for (let at = 0; at < Math.min(SUBJECTS, subjects); at += 1) {
    const subject = toSubject(Math.floor((at * subjects) / Math.min(SUBJECTS, subjects)))
    places.push({ subject })
    let after: string | undefined
    for (let seen = PAGE; seen + PAGE <= TOKENS_OF_SUBJECT; seen += PAGE) {
      const page = await service.list({
        project: 'default',
        subject,
        limit: PAGE,
        ...(after !== undefined && { after }),
      })
      if (page.next === null) throw new Error('the list ends too early')
      after = page.next
      places.push({ subject, after })
    }
  }
  return places
}

async function readPage(service: TokenService, places: readonly Place[]): Promise<number> {
  const place = places[Math.floor(Math.random() * places.length)] ?? {}
  const { tokens } = await service.list({ project: 'default', ...place, limit: PAGE })
  let last = '~'
  for (const { id, subject } of tokens) {
    if (id >= last || (place.subject !== undefined && subject !== place.subject))
      throw new Error('a wrong page')
    last = id
  }
  if (tokens.length !== PAGE) throw new Error(`a page of ${tokens.length}`)
  return 1
}

/** Subjects take turns, so that the tokens of one lie far apart. */
async function fill(store: TokenStore, size: number, tell: (line: string) => void): Promise<void> {
  const subjects = size / TOKENS_OF_SUBJECT
  const start = Date.UTC(2026, 0, 1)
  for (let first = 0; first < size; first += 1000) {
    const tokens = Array.from({ length: 1000 }, (_, at) =>
      createToken(start + (first + at) * 20, toSubject((first + at) % subjects)),
    )
    await store.insert(tokens, {})
    if (first % 100_000 === 0) tell(`${first.toLocaleString('en')} of ${size.toLocaleString('en')} tokens`)
  }
}

function toSubject(number: number): string {
  return `subject-${number}`
}

function createToken(ms: number, subject: string): StoredToken {
  const id = createUuidV7(ms)
  const expiresAt = new Date(Date.UTC(2100, 0, 1))
  return {
    id,
    project: 'default',
    subject,
    name: `token of ${subject}`,
    application: 'bench',
    profile: 'native',
    keyId: 'bench-key',
    createdAt: new Date(ms),
    notBefore: null,
    expiresAt,
    signedExpiresAt: expiresAt,
    ip: ['127.0.0.0/8', '::1'],
    paths: ['/files/'],
    scope: ['files.read'],
    httpMethods: null,
    credits: null,
    pool: null,
    claims: {},
    tokenSha256: createHash('sha256').update(id).digest('hex'),
    createdBy: 'service',
    lastUsedAt: null,
    revokedAt: null,
  }
}
