import { COPIED_KINDS, type CopiedKind, digestStore } from './store-digest.ts'
import { readRevocations, readRows } from './store-pages.ts'
import type { RevocationEntry, TokenStore } from './token-store.ts'

export interface CopyProgress {
  /** After everything was copied, both stores are read to `verify` it. */
  readonly step: 'copy' | 'verify'
  /** How many this step has seen so far, with those that were in the target already. */
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
  const tell = createCounter('copy', onProgress)
  await checkKeys(from, to)
  await copyRevocations(from, to, batchSize, (more) => tell('revocation', more))
  const keys = await from.keys()
  for (const key of keys) await to.insertKey(key)
  tell('key', keys.length)
  for await (const rows of readRows(from, batchSize)) {
    await to.importRows(rows)
    for (const kind of COPIED_KINDS) tell(kind, rows.filter((row) => row.kind === kind).length)
  }
  return { counts: await verify(from, to, batchSize, onProgress) }
}

/** Every key is made once, so a store with a key that `from` does not have is no copy of it. */
async function checkKeys(from: TokenStore, to: TokenStore): Promise<void> {
  const ids = new Set((await from.keys()).map(({ id }) => id))
  for (const { id } of await to.keys()) {
    if (!ids.has(id))
      throw new CopyError('key', 'the target holds signing keys of another store: take an empty one')
  }
}

/** The feed is an order without keys of its own: what `to` has must be its beginning, and the rest is added. */
async function copyRevocations(
  from: TokenStore,
  to: TokenStore,
  batchSize: number,
  tell: (more: number) => void,
): Promise<void> {
  const there = readEntries(to, batchSize)
  let known = await there.next()
  for await (const entries of readRevocations(from, batchSize)) {
    const missing: RevocationEntry[] = []
    for (const entry of entries) {
      if (known.done === true) missing.push(entry)
      else if (isSameEntry(known.value, entry)) known = await there.next()
      else throw foreignFeed()
    }
    if (missing.length > 0) await to.importRevocations(missing)
    tell(entries.length)
  }
  if (known.done !== true) throw foreignFeed()
}

async function* readEntries(
  store: TokenStore,
  batchSize: number,
): AsyncGenerator<RevocationEntry, undefined> {
  for await (const entries of readRevocations(store, batchSize)) yield* entries
  return undefined
}

function isSameEntry(a: RevocationEntry, b: RevocationEntry): boolean {
  return (
    a.project === b.project &&
    a.id === b.id &&
    a.reason === b.reason &&
    a.refusedFrom.getTime() === b.refusedFrom.getTime() &&
    a.signedExpiresAt?.getTime() === b.signedExpiresAt?.getTime()
  )
}

function foreignFeed(): CopyError {
  return new CopyError('revocation', 'the target holds other revocations than the source: take an empty one')
}

async function verify(
  from: TokenStore,
  to: TokenStore,
  batchSize: number,
  onProgress: NonNullable<CopyOptions['onProgress']>,
): Promise<Record<CopiedKind, number>> {
  const [source, target] = await Promise.all([
    digestStore(from, batchSize, () => {}),
    digestStore(to, batchSize, createCounter('verify', onProgress)),
  ])
  const counts = { ...NOTHING }
  for (const kind of COPIED_KINDS) {
    const [expected, found] = [source[kind], target[kind]]
    counts[kind] = expected.count
    if (found.count === expected.count && found.sha256 === expected.sha256) continue
    throw new CopyError(
      kind,
      `the ${kind} rows differ (${expected.count} in the source, ${found.count} in the target): stop every service on both and copy into an empty store`,
    )
  }
  return counts
}

const NOTHING: Readonly<Record<CopiedKind, number>> = {
  key: 0,
  revocation: 0,
  token: 0,
  pool: 0,
  receipt: 0,
  usage: 0,
}

function createCounter(
  step: CopyProgress['step'],
  onProgress: NonNullable<CopyOptions['onProgress']>,
): (kind: CopiedKind, more: number) => void {
  const counts = { ...NOTHING }
  return (kind, more) => {
    if (more === 0) return
    counts[kind] += more
    onProgress({ step, counts: { ...counts } })
  }
}
