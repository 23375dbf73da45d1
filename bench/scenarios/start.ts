import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Scenario, Target } from '../harness/result.ts'
import { shuffle } from '../harness/slices.ts'
import { formatSummary, type Summary, subtractRounds, summarize } from '../harness/stats.ts'

interface Subject {
  readonly name: string
  readonly modules: readonly string[]
  /** The subject that it is set against. */
  readonly beside: string | null
  readonly isPeer: boolean
}

interface Found {
  /** Of each module, in their order. */
  readonly ms: readonly number[]
  readonly rss: number
}

const SUBJECTS: readonly Subject[] = [
  ours('nothing', [], null),
  ours('@hallpass/core', ['@hallpass/core'], 'nothing'),
  ours('@hallpass/store-sqlite', ['@hallpass/store-sqlite'], 'nothing'),
  ours('express', ['express'], null),
  ours('@hallpass/express', ['@hallpass/express'], 'express'),
  ours('express, then @hallpass/express', ['express', '@hallpass/express'], 'express'),
  peer('express-jwt', ['express-jwt'], 'nothing'),
  peer('express, then express-jwt', ['express', 'express-jwt'], 'express'),
  ours('koa', ['koa'], null),
  ours('@hallpass/koa', ['@hallpass/koa'], 'koa'),
  ours('koa, then @hallpass/koa', ['koa', '@hallpass/koa'], 'koa'),
  peer('koa-jwt', ['koa-jwt'], 'nothing'),
  peer('koa, then koa-jwt', ['koa', 'koa-jwt'], 'koa'),
  ours('@nestjs/core and common', ['@nestjs/core', '@nestjs/common'], null),
  ours('@hallpass/nestjs', ['@hallpass/nestjs'], '@nestjs/core and common'),
  ours(
    '@nestjs/core and common, then @hallpass/nestjs',
    ['@nestjs/core', '@nestjs/common', '@hallpass/nestjs'],
    '@nestjs/core and common',
  ),
  peer(
    '@nestjs/core and common, then @nestjs/jwt',
    ['@nestjs/core', '@nestjs/common', '@nestjs/jwt'],
    '@nestjs/core and common',
  ),
  peer('better-auth', ['better-auth'], 'nothing'),
]

const MOST_MS = 60

/** How long the first import of a package takes in a fresh process, and what it leaves in memory. */
export const run: Scenario = async ({ rounds, oursOnly }) => {
  const subjects = SUBJECTS.filter(({ isPeer }) => !(isPeer && oursOnly))
  const found = new Map<string, Found[]>(subjects.map(({ name }) => [name, []]))
  for (let round = -1; round < rounds; round += 1) {
    for (const { name, modules } of shuffle(subjects)) {
      const one = await importAll(modules)
      if (round >= 0) found.get(name)?.push(one)
    }
  }
  const series = (name: string, of: (one: Found) => number): readonly number[] =>
    (found.get(name) ?? []).map(of)
  /** Inside each round. */
  const more = (name: string, base: string, of: (one: Found) => number): Summary =>
    summarize(subtractRounds(series(name, of), series(base, of)))
  const target = (what: string, name: string): Target => {
    const difference = more(name, 'express', toMs)
    return {
      what,
      target: `≤ ${MOST_MS} ms`,
      measured: `${formatSummary(difference, 1)} ms`,
      met: difference.median <= MOST_MS,
    }
  }
  return {
    tables: [
      {
        title: 'Import in a fresh process',
        columns: ['import', 'ms', 'beside', 'ms more', 'RSS MB', 'RSS MB more'],
        rows: subjects.map(({ name, beside }) => [
          name,
          formatSummary(summarize(series(name, toMs)), 1),
          beside ?? '',
          beside === null ? '' : formatSummary(more(name, beside, toMs), 1),
          formatSummary(summarize(series(name, toRssMb)), 1),
          beside === null ? '' : formatSummary(more(name, beside, toRssMb), 1),
        ]),
      },
    ],
    targets: [
      target("import '@hallpass/express', more than import 'express'", '@hallpass/express'),
      target(
        "import '@hallpass/express' after import 'express', what it adds",
        'express, then @hallpass/express',
      ),
    ],
    notes: [
      'From just before the first dynamic import to after the last, one after the other, by the clock of the process; RSS at its end. A process for each value, in random order within each round; the files are in the page cache of the system, and no compile cache of Node is used.',
      'Differences are formed inside each round.',
    ],
  }
}

function ours(name: string, modules: readonly string[], beside: string | null): Subject {
  return { name, modules, beside, isPeer: false }
}

function peer(name: string, modules: readonly string[], beside: string | null): Subject {
  return { name, modules, beside, isPeer: true }
}

function toMs({ ms }: Found): number {
  return ms.reduce((sum, each) => sum + each, 0)
}

function toRssMb({ rss }: Found): number {
  return rss / 1e6
}

// Not a file: Node would have to strip its types, which takes time and memory of its own.
const SCRIPT = `
const ms = []
for (const name of process.argv.slice(1)) {
  const start = performance.now()
  await import(name)
  ms.push(performance.now() - start)
}
console.log(JSON.stringify({ ms, rss: process.memoryUsage.rss() }))
process.exit(0)
`

async function importAll(modules: readonly string[]): Promise<Found> {
  const { NODE_OPTIONS: _options, NODE_COMPILE_CACHE: _cache, ...env } = process.env
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--no-warnings', '--input-type=module', '--eval', SCRIPT, '--', ...modules],
    { cwd: fileURLToPath(new URL('..', import.meta.url)), env: { ...env, NODE_ENV: 'production' } },
  )
  return JSON.parse(stdout) as Found
}
