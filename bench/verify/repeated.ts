import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createMemoryStore,
  createTokenService,
  type RevocationEntry,
  type TokenService,
  type TokenStore,
} from '@hallpass/core'
import { createSqliteStore } from '@hallpass/store-sqlite'
import { measureRounds, repeat, type Subject } from '../harness/in-process.ts'
import type { ScenarioOptions } from '../harness/result.ts'
import { createUuidV7 } from '../harness/uuid.ts'
import { settleUsage } from './distinct.ts'
import { type BenchKey, createBenchKey, ISSUER } from './keys.ts'
import { LIMITS, signToken } from './signed-tokens.ts'
import {
  assertDenies,
  assertVerifies,
  createFastJwtVerify,
  createHallpassVerify,
  createJoseVerify,
  createJsonwebtokenVerify,
  type Verify,
} from './verifiers.ts'

export const STRING_ONLY = 'the string only'
export const BOUNDED = 'hallpass bounded, nothing revoked'
export const BOUNDED_REVOKED = 'hallpass bounded, 100,000 revoked'
export const STRICT = 'hallpass strict, SQLite'
export const FAST_JWT_CACHE = 'fast-jwt, its cache'

export const ROTATIONS = [100, 10_000] as const
const REVOKED = 100_000
/** Between two turns of the event loop. */
const STEP = 1000

/** CPU µs per verification in each round by number of tokens and subject; the making of the string is in it. */
export type RepeatedSeries = ReadonlyMap<number, ReadonlyMap<string, readonly number[]>>

export async function measureRepeated(options: ScenarioOptions): Promise<RepeatedSeries> {
  const folder = await mkdtemp(join(tmpdir(), 'hallpass-bench-'))
  const key = createBenchKey('EdDSA')
  const revokedStore = createMemoryStore()
  await importRevocations(revokedStore)
  const bounded = await openService(createMemoryStore(), key, 'bounded')
  const boundedRevoked = await openService(revokedStore, key, 'bounded')
  const strict = await openService(await createSqliteStore(join(folder, 'tokens.sqlite')), key, 'strict')
  const services = [bounded, boundedRevoked, strict]
  try {
    const texts = await issueTexts(strict, Math.max(...ROTATIONS))
    const measured = new Map<number, ReadonlyMap<string, readonly number[]>>()
    for (const count of ROTATIONS) {
      const ours: Contender[] = [
        [BOUNDED, createHallpassVerify(bounded, key), bounded],
        [BOUNDED_REVOKED, createHallpassVerify(boundedRevoked, key), boundedRevoked],
        [STRICT, createHallpassVerify(strict, key), strict],
      ]
      const good = toBytes(texts.slice(0, count))
      const subjects = await createSubjects(ours, good, options.sliceMs)
      if (!options.oursOnly) subjects.push(...(await createPeerSubjects(count, options.sliceMs)))
      subjects.unshift({ name: STRING_ONLY, slice: () => rotate(good, options.sliceMs, isText) })
      measured.set(count, await measureRounds(subjects, options.rounds))
    }
    await assertOursDeny([BOUNDED, bounded], key, texts[0], null)
    await assertOursDeny(
      [BOUNDED_REVOKED, boundedRevoked],
      key,
      texts[0],
      await revokeOne(boundedRevoked, key),
    )
    await assertOursDeny([STRICT, strict], key, texts[0], await revokeOne(strict, key))
    return measured
  } finally {
    for (const service of services) await service.close()
    await rm(folder, { recursive: true })
  }
}

type Contender = readonly [name: string, verify: Verify, service?: TokenService]

function openService(store: TokenStore, key: BenchKey, mode: 'bounded' | 'strict'): Promise<TokenService> {
  return createTokenService({
    issuer: ISSUER,
    store,
    keys: { jwks: [key.given] },
    revocation: mode === 'strict' ? { mode } : { mode, maxStalenessMs: 60_000 },
    maintenance: false,
  })
}

/** Ids of other tokens of the same project that have been revoked and have not expired. */
async function importRevocations(store: TokenStore): Promise<void> {
  const refusedFrom = new Date()
  const signedExpiresAt = new Date(refusedFrom.getTime() + 3_600_000)
  const entries = Array.from({ length: REVOKED }, (): RevocationEntry => {
    return { project: 'default', id: createUuidV7(), reason: 'revoked', refusedFrom, signedExpiresAt }
  })
  await store.importRevocations(entries)
}

async function issueTexts(service: TokenService, count: number): Promise<readonly string[]> {
  const texts: string[] = []
  while (texts.length < count) {
    const issued = await service.issueMany(Array.from({ length: 1000 }, () => LIMITS))
    texts.push(...issued.map(({ token }) => token))
  }
  return texts
}

function toBytes(texts: readonly string[]): readonly Buffer[] {
  return texts.map((text) => Buffer.from(text))
}

async function createSubjects(
  contenders: readonly Contender[],
  tokens: readonly Buffer[],
  sliceMs: number,
): Promise<Subject[]> {
  for (const [name, verify] of contenders) {
    await assertVerifies(name, verify, tokens[0]?.toString('latin1') ?? '')
    // Once around, so that no slice is too short to have seen all of them before.
    for (const token of tokens) await verify(token.toString('latin1'))
  }
  return contenders.map(([name, verify, service]) => ({
    name,
    slice: () => rotate(tokens, sliceMs, verify),
    settle: async () => {
      if (service !== undefined) await settleUsage(service)
    },
  }))
}

/** With HS256, which is the fastest for each of them; the claims are the same. */
async function createPeerSubjects(count: number, sliceMs: number): Promise<Subject[]> {
  const key = createBenchKey('HS256')
  const tokens = toBytes(Array.from({ length: count }, () => signToken(key)))
  const peers: Contender[] = [
    // Its own size is 1000 tokens; with more in rotation than it has room for, it would find none.
    [FAST_JWT_CACHE, await createFastJwtVerify(key, count > 1000 ? 2 * count : true)],
    ['fast-jwt', await createFastJwtVerify(key, false)],
    ['jose', await createJoseVerify(key)],
    ['jsonwebtoken', await createJsonwebtokenVerify(key)],
  ]
  return createSubjects(peers, tokens, sliceMs)
}

/** Verifies the tokens in turn, each time from a string that is made then, as a socket delivers it. */
function rotate(tokens: readonly Buffer[], sliceMs: number, verify: Verify): Promise<number> {
  let at = 0
  const step = (): number | Promise<number> => {
    for (let done = 0; done < STEP; done += 1) {
      const verdict = verify(tokens[at]?.toString('latin1') ?? '')
      at = at + 1 === tokens.length ? 0 : at + 1
      if (verdict === true) continue
      if (verdict === false) throw new Error('a good token was refused')
      return verdict.then((accepted) => finishStep(accepted, STEP - done - 1))
    }
    return STEP
  }
  const finishStep = async (accepted: boolean, left: number): Promise<number> => {
    if (!accepted) throw new Error('a good token was refused')
    for (let done = 0; done < left; done += 1) {
      if (!(await verify(tokens[at]?.toString('latin1') ?? ''))) throw new Error('a good token was refused')
      at = at + 1 === tokens.length ? 0 : at + 1
    }
    return STEP
  }
  return repeat(sliceMs, step)
}

function isText(text: string): boolean {
  return text.length > 0
}

/** A token that was accepted and then revoked. */
async function revokeOne(service: TokenService, key: BenchKey): Promise<string> {
  const { token, record } = await service.issue(LIMITS)
  await assertVerifies('hallpass', createHallpassVerify(service, key), token)
  await service.revoke(record.project, record.id)
  return token
}

function assertOursDeny(
  [name, service]: readonly [string, TokenService],
  key: BenchKey,
  good: string | undefined,
  revoked: string | null,
): Promise<void> {
  if (good === undefined) throw new Error('no token was issued')
  return assertDenies(name, service, key, good, revoked)
}
