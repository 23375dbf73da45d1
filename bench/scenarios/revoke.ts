import type { TokenStore } from '@hallpass/core'
import { openData } from '../harness/data-folder.ts'
import type { Memory } from '../harness/memory.ts'
import { runProbe } from '../harness/probe.ts'
import type { Scenario, Target } from '../harness/result.ts'
import { shuffle } from '../harness/slices.ts'
import { formatSummary, type Summary, subtractRounds, summarize } from '../harness/stats.ts'
import { createUuidV7 } from '../harness/uuid.ts'
import type { RevokedIds } from '../probes/revoked-ids.ts'
import type { UuidSet } from '../probes/uuid-set.ts'

type FeedRead = Memory & { readonly loadMs: number }

const REVOKED = 1_000_000
const MOST = { rssMb: 50, loadMs: 3000, collectionMs: 10 } as const

/** What a million revoked, unexpired ids cost a process in bounded mode. */
export const run: Scenario = async ({ rounds }) => {
  const fullPath = await openData(`revoked-${REVOKED}`, fill)
  const emptyPath = await openData('revoked-0', async () => {})
  const full: RevokedIds[] = []
  const empty: RevokedIds[] = []
  const reads: FeedRead[] = []
  const sets: UuidSet[] = []
  for (let round = -1; round < rounds; round += 1) {
    const probes = [
      async () => full.push(await runProbe<RevokedIds>('revoked-ids', { path: fullPath })),
      async () => empty.push(await runProbe<RevokedIds>('revoked-ids', { path: emptyPath })),
      async () => reads.push(await runProbe<FeedRead>('feed-read', { path: fullPath })),
      async () => sets.push(await runProbe<UuidSet>('uuid-set', { count: REVOKED })),
    ]
    for (const probe of shuffle(probes)) await probe()
    if (round === -1) for (const series of [full, empty, reads, sets]) series.length = 0
  }

  const values = (series: readonly RevokedIds[], name: keyof RevokedIds): readonly number[] =>
    series.map((found) => found[name] / UNITS[name])
  const column = (series: readonly RevokedIds[], name: keyof RevokedIds): Summary =>
    summarize(values(series, name))
  /** Inside each round. */
  const more = (name: keyof RevokedIds): Summary =>
    summarize(subtractRounds(values(full, name), values(empty, name)))
  const other = <Found extends Memory, Name extends keyof Found & keyof RevokedIds>(
    series: readonly Found[],
    name: Name,
    digits: number,
  ): string => formatSummary(summarize(series.map((found) => Number(found[name]) / UNITS[name])), digits)
  const rss = more('rssBytes')
  const load = column(full, 'loadMs')
  const collection = column(full, 'collectionMs')
  const toRow = (title: string, write: (name: keyof RevokedIds, digits: number) => string): string[] => [
    title,
    write('rssBytes', 1),
    write('heapBytes', 1),
    write('workedRssBytes', 1),
    write('loadMs', 0),
    write('collectionMs', 1),
    write('authorizeMicros', 2),
  ]
  return {
    tables: [
      {
        title: `${REVOKED.toLocaleString('en')} revoked ids in a process, bounded mode over SQLite`,
        columns: [
          '',
          'RSS MB',
          'of it heap and buffers',
          'RSS MB after 220,000 authorizations',
          'load ms',
          'full collection ms',
          'one authorize, CPU µs',
        ],
        rows: [
          toRow('full feed', (name, digits) => formatSummary(column(full, name), digits)),
          toRow('empty feed', (name, digits) => formatSummary(column(empty, name), digits)),
          toRow('full more than empty', (name, digits) => formatSummary(more(name), digits)),
          [
            'the feed read and let go',
            other(reads, 'rssBytes', 1),
            other(reads, 'heapBytes', 1),
            '–',
            other(reads, 'loadMs', 0),
            '–',
            '–',
          ],
          [
            'a Set of as many randomUUID()',
            other(sets, 'rssBytes', 1),
            other(sets, 'heapBytes', 1),
            '–',
            '–',
            other(sets, 'collectionMs', 1),
            '–',
          ],
        ],
      },
    ],
    targets: [
      {
        what: 'RSS with 1,000,000 revoked ids, more than with none',
        target: `≤ ${MOST.rssMb} MB`,
        measured: `${formatSummary(rss, 1)} MB`,
        met: rss.median <= MOST.rssMb,
      },
      {
        what: 'their load, when the service is made',
        target: `≤ ${MOST.loadMs / 1000} s`,
        measured: `${formatSummary(scale(load, 1000))} s`,
        met: load.median <= MOST.loadMs,
      },
      {
        what: 'a full collection with them',
        target: `≤ ${MOST.collectionMs} ms`,
        measured: `${formatSummary(collection, 1)} ms, with an empty feed ${formatSummary(column(empty, 'collectionMs'), 1)} ms`,
        met: collection.median <= MOST.collectionMs,
      },
    ] satisfies Target[],
    notes: [
      'Each value is from a process of its own; in a round the four follow one another in random order. RSS and heap are what was added from before the store was opened to after `createTokenService` had answered, after full collections (1 MB = 10⁶ bytes).',
      "The feed read and let go is what `store.revokedSince` alone leaves behind, SQLite's page cache of up to 32 MiB among it. It belongs to the store and not to the revoked ids, and is in what is judged all the same.",
      'The collection is `gc()`, the median of eleven in each process. The authorize is of one good token, repeated, from fresh strings; afterwards a token with one of the revoked ids is refused.',
      'The feed was filled by `store.importRevocations` with UUIDv7 of one project that expire in the year 2100; the file is kept in `bench/.data` and is in the page cache of the system.',
    ],
  }
}

const UNITS: Record<keyof RevokedIds, number> = {
  rssBytes: 1e6,
  heapBytes: 1e6,
  workedRssBytes: 1e6,
  loadMs: 1,
  collectionMs: 1,
  authorizeMicros: 1,
}

function scale({ median, low, high }: Summary, by: number): Summary {
  return { median: median / by, low: low / by, high: high / by }
}

async function fill(store: TokenStore, tell: (line: string) => void): Promise<void> {
  const start = Date.UTC(2026, 0, 1)
  const signedExpiresAt = new Date(Date.UTC(2100, 0, 1))
  for (let first = 0; first < REVOKED; first += 10_000) {
    const entries = Array.from({ length: 10_000 }, (_, at) => {
      const ms = start + (first + at) * 20
      const refusedFrom = new Date(ms + 60_000)
      return {
        project: 'default',
        id: createUuidV7(ms),
        reason: 'revoked' as const,
        refusedFrom,
        signedExpiresAt,
      }
    })
    await store.importRevocations(entries)
    if (first % 250_000 === 0) tell(`${first.toLocaleString('en')} of ${REVOKED.toLocaleString('en')} ids`)
  }
}
