import { createMemoryStore, createTokenService, type TokenService } from '@hallpass/core'
import { measureRounds, type Subject } from '../harness/in-process.ts'
import type { ScenarioOptions } from '../harness/result.ts'
import { BENCH_ALGORITHMS, type BenchAlgorithm, type BenchKey, createBenchKey, ISSUER } from './keys.ts'
import { signToken } from './signed-tokens.ts'
import {
  assertDenies,
  assertVerifies,
  createBareVerify,
  createFastJwtVerify,
  createHallpassVerify,
  createJoseVerify,
  createJsonwebtokenVerify,
  knowsJsonwebtoken,
  type Verify,
} from './verifiers.ts'

export const HALLPASS = 'hallpass bounded'
export const FAST_JWT = 'fast-jwt'

/** Tokens in a slice of one second; fewer where the making of a token is slow. */
const TOKENS: Record<BenchAlgorithm, number> = {
  HS256: 20_000,
  RS256: 1000,
  PS256: 1000,
  ES256: 3000,
  EdDSA: 3000,
}
const LEAST_TOKENS = 200
/** Between two turns of the event loop. */
const STEP = 500

/** CPU µs per verification in each round by algorithm and subject, of tokens that nobody has seen before. */
export type DistinctSeries = ReadonlyMap<BenchAlgorithm, ReadonlyMap<string, readonly number[]>>

export async function measureDistinct({
  rounds,
  sliceMs,
  oursOnly,
}: ScenarioOptions): Promise<DistinctSeries> {
  const keys = BENCH_ALGORITHMS.map(createBenchKey)
  const service = await createTokenService({
    issuer: ISSUER,
    store: createMemoryStore(),
    keys: { jwks: keys.map(({ given }) => given) },
    revocation: { mode: 'bounded', maxStalenessMs: 60_000 },
    maintenance: false,
  })
  const measured = new Map<BenchAlgorithm, ReadonlyMap<string, readonly number[]>>()
  // One algorithm after the other: a ratio is between those of one algorithm, which take turns.
  for (const key of keys) {
    const verifiers = await createVerifiers(service, key, oursOnly)
    for (const [name, verify] of verifiers) await assertVerifies(name, verify, signToken(key))
    await assertDenies(HALLPASS, service, key, signToken(key), null)
    const count = Math.max(LEAST_TOKENS, Math.round((TOKENS[key.algorithm] * sliceMs) / 1000))
    let tokens: readonly Buffer[] = []
    const subjects = verifiers.map(([name, verify]) => createSubject(name, verify, service, () => tokens))
    const series = await measureRounds(subjects, rounds, () => {
      tokens = Array.from({ length: count }, () => Buffer.from(signToken(key)))
    })
    measured.set(key.algorithm, series)
  }
  await service.close()
  return measured
}

async function createVerifiers(
  service: TokenService,
  key: BenchKey,
  oursOnly: boolean,
): Promise<(readonly [name: string, verify: Verify])[]> {
  const ours = [
    [HALLPASS, createHallpassVerify(service, key)],
    ['node:crypto, signature only', createBareVerify(key)],
  ] as const
  if (oursOnly) return [...ours]
  return [
    ...ours,
    [FAST_JWT, await createFastJwtVerify(key, false)],
    ['jose', await createJoseVerify(key)],
    ...(knowsJsonwebtoken(key.algorithm)
      ? [['jsonwebtoken', await createJsonwebtokenVerify(key)] as const]
      : []),
  ]
}

/** Verifies every token of the round once. */
function createSubject(
  name: string,
  verify: Verify,
  service: TokenService,
  tokens: () => readonly Buffer[],
): Subject {
  let texts: readonly string[] = []
  return {
    name,
    prepare() {
      // Strings of its own: none has been hashed or flattened by another.
      texts = tokens().map((bytes) => bytes.toString('latin1'))
    },
    async slice() {
      for (let at = 0; at < texts.length; at += STEP) {
        for (const text of texts.slice(at, at + STEP)) {
          const verdict = verify(text)
          const accepted = typeof verdict === 'boolean' ? verdict : await verdict
          if (!accepted) throw new Error(`${name} refuses a good token`)
        }
        await new Promise(setImmediate)
      }
      return texts.length
    },
    settle: () => settleUsage(service),
  }
}

/** Writes what was counted now, and not in the slice of another. */
export async function settleUsage(service: TokenService): Promise<void> {
  await service.usage({ project: 'none' })
}
