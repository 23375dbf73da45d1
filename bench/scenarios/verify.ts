import { seriesOf } from '../harness/in-process.ts'
import type { Scenario, ScenarioOptions, Table, Target } from '../harness/result.ts'
import { formatSummary, subtractRounds, summarize, summarizeRatios } from '../harness/stats.ts'
import { type DistinctSeries, measureDistinct } from '../verify/distinct.ts'
import { BENCH_ALGORITHMS } from '../verify/keys.ts'
import { measureRepeated, type RepeatedSeries, ROTATIONS } from '../verify/repeated.ts'
import { PIECES, ROUNDS_OF_A_PROCESS } from '../verify/rounds.ts'
import {
  BOUNDED,
  BOUNDED_REVOKED,
  FAST_JWT,
  STRICT,
  STRICT_EXCLUSIVE,
  STRING_ONLY,
} from '../verify/subjects.ts'

/** The rotation whose targets are judged. */
const JUDGED = ROTATIONS[0]
const LARGEST = Math.max(...ROTATIONS)

/** One verification without HTTP: of tokens that are seen for the first time, and of the same ones again. */
export const run: Scenario = async (options: ScenarioOptions) => {
  const distinct = await measureDistinct(options)
  const repeated = await measureRepeated(options)
  return {
    tables: [
      toDistinctTable(distinct),
      toRatioTable(distinct),
      ...ROTATIONS.map((count) => toRepeatedTable(repeated, count)),
    ],
    targets: [...(options.oursOnly ? [] : toDistinctTargets(distinct)), ...toRepeatedTargets(repeated)],
    notes: [
      `Each subject has a process of its own, as an application has one service; all of a comparison are alive at once. A slice is taken in ${PIECES} pieces, those of all subjects in turn; every ${ROUNDS_OF_A_PROCESS} rounds all processes are started anew, and two rounds of each are not counted. µs are CPU time of that process around its slice by the operating system, threads included; before each piece its garbage is collected.`,
      'hallpass is the whole `service.authorize`: signature, type, issuer, audience, times, address, path, method, scope and revocation. The peers check signature, issuer, audience and times; node:crypto only the signature.',
      'Distinct: everybody verifies the same tokens with the same key (given to the service as `keys.jwks`), each once, from strings of their own; hallpass remembers what it has read, which costs it time here and saves it below; the tokens are signed with node:crypto in another process, and have the claims of native tokens. RSA has 2048 bits.',
      'Repeated: hallpass with its EdDSA tokens, issued into one SQLite file, which only the strict service looks into, the exclusive one into a copy that it has for itself; the bounded ones have a store in memory; the peers with HS256, their fastest. Every verification begins with making a new flat string from bytes, as a socket delivers it; the cost of that alone is the first row.',
      `Judged are ${JUDGED} tokens in rotation, the making of the string included; the tables give both. ${LARGEST.toLocaleString('en')} in rotation have no target of their own.`,
      "fast-jwt's cache is given room for all tokens in rotation: its own default is 1000.",
      'What hallpass counts for its usage reports is noted in the slices and written between them; in a server it is written every 5 s, which `guard` measures.',
    ],
  }
}

function toDistinctTable(distinct: DistinctSeries): Table {
  return toAlgorithmTable(distinct, 'Distinct tokens, CPU µs per verification', (series, name) =>
    formatSummary(summarize(seriesOf(series, name)), 1),
  )
}

function toRatioTable(distinct: DistinctSeries): Table {
  return toAlgorithmTable(distinct, 'Distinct tokens, hallpass / subject', (series, name) =>
    formatSummary(summarizeRatios(seriesOf(series, BOUNDED), seriesOf(series, name))),
  )
}

function toAlgorithmTable(
  distinct: DistinctSeries,
  title: string,
  write: (series: ReadonlyMap<string, readonly number[]>, name: string) => string,
): Table {
  const names = new Set([...distinct.values()].flatMap((series) => [...series.keys()]))
  return {
    title,
    columns: ['subject', ...distinct.keys()],
    rows: [...names].map((name) => [
      name,
      ...[...distinct.values()].map((series) => (series.has(name) ? write(series, name) : '–')),
    ]),
  }
}

function toRepeatedTable(repeated: RepeatedSeries, count: number): Table {
  const series = repeatedOf(repeated, count)
  const string = seriesOf(series, STRING_ONLY)
  return {
    title: `Repeated tokens, fresh strings, ${count.toLocaleString('en')} in rotation`,
    columns: ['subject', 'CPU µs', 'CPU µs without the string', 'bounded, 100,000 revoked / subject'],
    rows: [...series].map(([name, values]) => [
      name,
      formatSummary(summarize(values)),
      name === STRING_ONLY ? '' : formatSummary(summarize(subtractRounds(values, string))),
      name === STRING_ONLY ? '' : formatSummary(summarizeRatios(seriesOf(series, BOUNDED_REVOKED), values)),
    ]),
  }
}

function toDistinctTargets(distinct: DistinctSeries): readonly Target[] {
  return BENCH_ALGORITHMS.map((algorithm) => {
    const series = distinct.get(algorithm) ?? new Map()
    const ratio = summarizeRatios(seriesOf(series, BOUNDED), seriesOf(series, FAST_JWT))
    const most = algorithm === 'EdDSA' || algorithm === 'PS256' ? 1.05 : 0.8
    return {
      what: `a distinct ${algorithm} token, beside fast-jwt without cache`,
      target: `≤ ${most}`,
      measured: formatSummary(ratio),
      met: ratio.median <= most,
    }
  })
}

/** The making of the string is the socket's, and yet in what is judged: a target is not to be met by a definition. */
function toRepeatedTargets(repeated: RepeatedSeries): readonly Target[] {
  const series = repeatedOf(repeated, JUDGED)
  const string = seriesOf(series, STRING_ONLY)
  return [
    [BOUNDED, 0.8] as const,
    [BOUNDED_REVOKED, 0.8] as const,
    [STRICT, 4] as const,
    [STRICT_EXCLUSIVE, 4] as const,
  ].map(([name, most]) => {
    const values = seriesOf(series, name)
    const whole = summarize(values)
    return {
      what: `a repeated token, ${JUDGED.toLocaleString('en')} in rotation from a fresh string, ${name}`,
      target: `≤ ${most} µs`,
      measured: `${formatSummary(whole)} µs, without the making of the string ${summarize(subtractRounds(values, string)).median.toFixed(2)} µs`,
      met: whole.median <= most,
    }
  })
}

function repeatedOf(repeated: RepeatedSeries, count: number): ReadonlyMap<string, readonly number[]> {
  const series = repeated.get(count)
  if (series === undefined) throw new Error(`${count} tokens in rotation were not measured`)
  return series
}
