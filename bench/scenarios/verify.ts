import { seriesOf } from '../harness/in-process.ts'
import type { Scenario, ScenarioOptions, Table, Target } from '../harness/result.ts'
import { formatSummary, summarize, summarizeRatios } from '../harness/stats.ts'
import { type DistinctSeries, FAST_JWT, HALLPASS, measureDistinct } from '../verify/distinct.ts'
import { BENCH_ALGORITHMS } from '../verify/keys.ts'
import {
  BOUNDED,
  BOUNDED_REVOKED,
  measureRepeated,
  type RepeatedSeries,
  ROTATIONS,
  STRICT,
  STRING_ONLY,
} from '../verify/repeated.ts'

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
      'µs are CPU time of the whole process by the operating system, threads included; before each slice the garbage of the one before is collected. What a subject keeps is paid for in its own slices.',
      'hallpass is the whole `service.authorize`: signature, type, issuer, audience, times, address, path, method, scope and revocation. The peers check signature, issuer, audience and times; node:crypto only the signature.',
      'Distinct: everybody verifies the same tokens with the same keys (given to the service as `keys.jwks`), each once, from strings of their own; hallpass remembers what it has read, which costs it time here and saves it below; the tokens are signed with node:crypto outside of the slices, and have the claims of native tokens. RSA has 2048 bits.',
      'Repeated: hallpass with its EdDSA tokens, issued by the service in strict mode, which also holds them; the peers with HS256, their fastest. Every verification begins with making a new flat string from bytes, as a socket delivers it; the cost of that alone is the first row.',
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
    formatSummary(summarizeRatios(seriesOf(series, HALLPASS), seriesOf(series, name))),
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
      name === STRING_ONLY ? '' : formatSummary(summarize(subtract(values, string))),
      name === STRING_ONLY ? '' : formatSummary(summarizeRatios(seriesOf(series, BOUNDED_REVOKED), values)),
    ]),
  }
}

function toDistinctTargets(distinct: DistinctSeries): readonly Target[] {
  return BENCH_ALGORITHMS.map((algorithm) => {
    const series = distinct.get(algorithm) ?? new Map()
    const ratio = summarizeRatios(seriesOf(series, HALLPASS), seriesOf(series, FAST_JWT))
    const most = algorithm === 'EdDSA' || algorithm === 'PS256' ? 1.05 : 0.8
    return {
      what: `a distinct ${algorithm} token, beside fast-jwt without cache`,
      target: `≤ ${most}`,
      measured: formatSummary(ratio),
      met: ratio.median <= most,
    }
  })
}

/** The string is in what is judged. */
function toRepeatedTargets(repeated: RepeatedSeries): readonly Target[] {
  return ROTATIONS.flatMap((count) => {
    const series = repeatedOf(repeated, count)
    const string = seriesOf(series, STRING_ONLY)
    return [[BOUNDED, 0.8] as const, [BOUNDED_REVOKED, 0.8] as const, [STRICT, 4] as const].map(
      ([name, most]) => {
        const values = seriesOf(series, name)
        const whole = summarize(values)
        const alone = summarize(subtract(values, string))
        return {
          what: `a repeated token, ${count.toLocaleString('en')} in rotation, ${name}`,
          target: `≤ ${most} µs`,
          measured: `${formatSummary(whole)} µs, without the string ${alone.median.toFixed(2)} µs`,
          met: whole.median <= most,
        }
      },
    )
  })
}

/** The difference inside each round. */
function subtract(values: readonly number[], bases: readonly number[]): readonly number[] {
  return values.map((value, round) => value - (bases[round] ?? Number.NaN))
}

function repeatedOf(repeated: RepeatedSeries, count: number): ReadonlyMap<string, readonly number[]> {
  const series = repeated.get(count)
  if (series === undefined) throw new Error(`${count} tokens in rotation were not measured`)
  return series
}
