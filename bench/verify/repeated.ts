import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTokenService } from '@hallpass/core'
import { createSqliteStore } from '@hallpass/store-sqlite'
import type { ScenarioOptions } from '../harness/result.ts'
import { createFolder, issueAll } from '../harness/tokens.ts'
import { type BenchKey, createBenchKey, ISSUER } from './keys.ts'
import { type Contender, measureVerifiers, PIECES } from './rounds.ts'
import { LIMITS, signToken } from './signed-tokens.ts'
import {
  BOUNDED,
  BOUNDED_REVOKED,
  FAST_JWT,
  FAST_JWT_CACHE,
  JOSE,
  JSONWEBTOKEN,
  STRICT,
  STRICT_EXCLUSIVE,
  STRING_ONLY,
  type SubjectName,
} from './subjects.ts'

export const ROTATIONS = [100, 10_000] as const

const OURS: readonly SubjectName[] = [STRING_ONLY, BOUNDED, BOUNDED_REVOKED, STRICT, STRICT_EXCLUSIVE]
const PEERS: readonly SubjectName[] = [FAST_JWT_CACHE, FAST_JWT, JOSE, JSONWEBTOKEN]

/** CPU µs per verification in each round by number of tokens and subject; the making of the string is in it. */
export type RepeatedSeries = ReadonlyMap<number, ReadonlyMap<string, readonly number[]>>

export async function measureRepeated({
  rounds,
  sliceMs,
  oursOnly,
}: ScenarioOptions): Promise<RepeatedSeries> {
  const folder = await createFolder()
  try {
    const file = join(folder.path, 'tokens.db')
    const most = Math.max(...ROTATIONS)
    const key = createBenchKey('EdDSA')
    const texts = await issueTexts(file, key, most)
    const alone = join(folder.path, 'alone.db')
    await copyFile(file, alone)
    const files = new Map([
      [STRICT, file],
      [STRICT_EXCLUSIVE, alone],
    ])
    // The fastest for each of them; the claims are the same.
    const peerKey = createBenchKey('HS256')
    const peerTexts = oursOnly ? [] : Array.from({ length: most }, () => signToken(peerKey))
    const measured = new Map<number, ReadonlyMap<string, readonly number[]>>()
    for (const count of ROTATIONS) {
      const contenders = [
        ...OURS.map((subject) => toContender(subject, key, texts.slice(0, count), files)),
        ...(oursOnly ? [] : PEERS).map((subject) =>
          toContender(subject, peerKey, peerTexts.slice(0, count), files),
        ),
      ]
      measured.set(
        count,
        await measureVerifiers(contenders, rounds, () => ({ kind: 'again', ms: sliceMs / PIECES })),
      )
    }
    return measured
  } finally {
    await folder.remove()
  }
}

function toContender(
  subject: SubjectName,
  { algorithm, given: { jwk } }: BenchKey,
  texts: readonly string[],
  files: ReadonlyMap<string, string>,
): Contender {
  return {
    setup: { subject, algorithm, jwk, tokens: texts.length, file: files.get(subject) ?? null },
    texts,
  }
}

/** Into the file that the strict subject looks into; the bounded ones verify the same tokens. */
async function issueTexts(file: string, key: BenchKey, count: number): Promise<readonly string[]> {
  const service = await createTokenService({
    issuer: ISSUER,
    store: await createSqliteStore(file),
    keys: { jwks: [key.given] },
    revocation: { mode: 'strict' },
    maintenance: false,
  })
  try {
    const issued = await issueAll(
      service,
      Array.from({ length: count }, () => LIMITS),
    )
    return issued.map(({ token }) => token)
  } finally {
    await service.close()
  }
}
