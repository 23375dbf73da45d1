import type { ScenarioOptions } from '../harness/result.ts'
import { BENCH_ALGORITHMS, type BenchAlgorithm, type BenchKey, createBenchKey } from './keys.ts'
import { measureVerifiers, PIECES } from './rounds.ts'
import { signToken } from './signed-tokens.ts'
import { BARE, BOUNDED, FAST_JWT, JOSE, JSONWEBTOKEN, type SubjectName } from './subjects.ts'
import { knowsJsonwebtoken } from './verifiers.ts'

/** Tokens in a slice that is asked to take one second; fewer where the making of a token is slow. */
const TOKENS: Record<BenchAlgorithm, number> = {
  HS256: 40_000,
  RS256: 1000,
  PS256: 1000,
  ES256: 3000,
  EdDSA: 3000,
}
/** In a piece. */
const LEAST_TOKENS = 100

/** CPU µs per verification in each round by algorithm and subject, of tokens that nobody has seen before. */
export type DistinctSeries = ReadonlyMap<BenchAlgorithm, ReadonlyMap<string, readonly number[]>>

export async function measureDistinct({
  rounds,
  sliceMs,
  oursOnly,
}: ScenarioOptions): Promise<DistinctSeries> {
  const measured = new Map<BenchAlgorithm, ReadonlyMap<string, readonly number[]>>()
  // One algorithm after the other: a ratio is between those of one algorithm, which take turns.
  for (const key of BENCH_ALGORITHMS.map(createBenchKey)) {
    const count = Math.max(LEAST_TOKENS, Math.round((TOKENS[key.algorithm] * sliceMs) / 1000 / PIECES))
    const contenders = toSubjects(key, oursOnly).map((subject) => ({
      setup: { subject, algorithm: key.algorithm, jwk: key.given.jwk, tokens: 1, file: null },
      texts: [signToken(key)],
    }))
    const series = await measureVerifiers(contenders, rounds, () => ({
      kind: 'once',
      texts: Array.from({ length: count }, () => signToken(key)),
    }))
    measured.set(key.algorithm, series)
  }
  return measured
}

function toSubjects({ algorithm }: BenchKey, oursOnly: boolean): readonly SubjectName[] {
  if (oursOnly) return [BOUNDED, BARE]
  return [BOUNDED, BARE, FAST_JWT, JOSE, ...(knowsJsonwebtoken(algorithm) ? ([JSONWEBTOKEN] as const) : [])]
}
