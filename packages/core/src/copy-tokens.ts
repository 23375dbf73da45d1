import { createRowDigest, type RowDigest } from './row-digest.ts'
import type { StoredRow } from './stored-row.ts'
import type { RevocationEntry, TokenStore } from './token-store.ts'

/** What a copy tells apart. */
export const COPIED_KINDS = ['key', 'revocation', 'token', 'pool', 'receipt', 'usage'] as const
export type CopiedKind = (typeof COPIED_KINDS)[number]

export interface CopyProgress {
  /** `verify` reads both stores again after everything was copied. */
  readonly step: 'copy' | 'verify'
  /** How many were done in this step so far. */
  readonly counts: Readonly<Record<CopiedKind, number>>
}

export interface CopyOptions {
  /** Called after each batch. What it throws ends the copy, which may be run again. */
  readonly onProgress?: (progress: CopyProgress) => void
  /** How many are read and written at once, 1 to 1000. Default 500. */
  readonly batchSize?: number
}

/** What both stores hold now, each kind with the same SHA-256. */
export interface CopyResult {
  readonly counts: Readonly<Record<CopiedKind, number>>
}

/** Two stores do not hold the same, or cannot come to. `kind` says of what. */
export class CopyError extends Error {
  override readonly name = 'CopyError'
  readonly kind: CopiedKind

  constructor(kind: CopiedKind, message: string) {
    super(message)
    this.kind = kind
  }
}

/**
 * Copies everything that a service needs from one store to another: signing keys (as they are, under the same
 * master secret), the revocation feed, tokens with the names they hold and their idempotency keys, pools, receipts
 * and usage. Leases stay behind.
 *
 * No service may run on either store meanwhile, and no other copy. `to` must be empty or what an earlier copy of the
 * same store left: a copy that was cut off is run again, and adds what is missing. Nothing that is in `to` is ever
 * changed or removed. At the end both are read once more and compared by the number and hash of each kind.
 * @throws CopyError when `to` holds something else than `from`: before anything is written, where its keys or
 *   revocations show it, or else by the comparison at the end
 */
export async function copyTokens(
  from: TokenStore,
  to: TokenStore,
  { onProgress = () => {}, batchSize = 500 }: CopyOptions = {},
): Promise<CopyResult> {
  if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > 1000) {
    throw new RangeError('batchSize must be a whole number from 1 to 1000')
  }
  const copied = createCounts()
  const tell = (kind: CopiedKind, more: number): void => {
    copied[kind] += more
    onProgress({ step: 'copy', counts: { ...copied } })
  }
  await checkKeys(from, to)
  await copyRevocations(from, to, batchSize, (more) => tell('revocation', more))
  await copyKeys(from, to, (more) => tell('key', more))
  for await (const rows of readRows(from, batchSize)) {
    await to.importRows(rows)
    for (const [kind, more] of countKinds(rows)) tell(kind, more)
  }
  return { counts: await verify(from, to, batchSize, onProgress) }
}

/** Keys come first, so whatever holds a key that `from` does not is no part of a copy of it. */
async function checkKeys(from: TokenStore, to: TokenStore): Promise<void> {
  const ids = new Set((await from.keys()).map(({ id }) => id))
  for (const { id } of await to.keys()) {
    if (!ids.has(id)) throw new CopyError('key', 'the target holds signing keys of another store: take an empty one')
  }
}

async function copyKeys(from: TokenStore, to: TokenStore, tell: (more: number) => void): Promise<void> {
  const keys = await from.keys()
  for (const key of keys) await to.insertKey(key)
  tell(keys.length)
}

/** The feed is an order without keys of its own: what `to` has must be its beginning, and the rest is added. */
async function copyRevocations(
  from: TokenStore,
  to: TokenStore,
  batchSize: number,
  tell: (more: number) => void,
): Promise<void> {
  const there = readFeed(to, batchSize)
  let done = await there.next()
  let ahead: readonly RevocationEntry[] = done.done === true ? [] : done.value
  for await (const entries of readFeed(from, batchSize)) {
    let same = 0
    for (const entry of entries) {
      if (ahead.length === 0 && done.done !== true) {
        done = await there.next()
        ahead = done.done === true ? [] : done.value
      }
      const [known] = ahead
      if (known === undefined) break
      if (!isSameEntry(known, entry)) throw foreignFeed()
      ahead = ahead.slice(1)
      same += 1
    }
    if (same < entries.length) await to.importRevocations(entries.slice(same))
    tell(entries.length)
  }
  if (ahead.length > 0) throw foreignFeed()
}

async function verify(
  from: TokenStore,
  to: TokenStore,
  batchSize: number,
  onProgress: (progress: CopyProgress) => void,
): Promise<Record<CopiedKind, number>> {
  const counts = createCounts()
  const expected = await digestStore(from, batchSize, (kind, more) => {
    counts[kind] += more
    onProgress({ step: 'verify', counts: { ...counts } })
  })
  const found = await digestStore(to, batchSize, () => {})
  for (const kind of COPIED_KINDS) {
    if (found[kind].count !== expected[kind].count || found[kind].hash() !== expected[kind].hash()) {
      throw new CopyError(
        kind,
        `the copy differs (${kind}: ${expected[kind].count} in the source, ${found[kind].count} in the target): let no service run on either store, and begin again with an empty target`,
      )
    }
  }
  return counts
}
