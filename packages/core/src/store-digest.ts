import { toSha256 } from './sha256.ts'
import { readRevocations, readRows } from './store-pages.ts'
import type { StoredRow } from './stored-row.ts'
import type { Counter, TokenStore } from './token-store.ts'

/** What a copy tells apart. */
export const COPIED_KINDS = ['key', 'revocation', 'token', 'pool', 'receipt', 'usage'] as const
export type CopiedKind = (typeof COPIED_KINDS)[number]

/** How many of a kind a store holds, and a hash of all of them that does not depend on their order. */
export interface KindDigest {
  readonly count: number
  /** Lower-case hex. */
  readonly sha256: string
}

/**
 * Reads everything that a store holds.
 * @param onRead told of each batch
 */
export async function digestStore(
  store: TokenStore,
  batchSize: number,
  onRead: (kind: CopiedKind, count: number) => void,
): Promise<Record<CopiedKind, KindDigest>> {
  const sums = new Map<CopiedKind, { count: number; sum: bigint }>()
  const add = (kind: CopiedKind, texts: readonly string[]): void => {
    const { count, sum } = sums.get(kind) ?? { count: 0, sum: 0n }
    sums.set(kind, { count: count + texts.length, sum: texts.reduce(addHash, sum) })
    if (texts.length > 0) onRead(kind, texts.length)
  }

  const keys = await store.keys()
  add(
    'key',
    keys.map((key) => toText(key)),
  )
  // The order of the feed counts: each entry is hashed with its place.
  let place = 0
  for await (const entries of readRevocations(store, batchSize)) {
    add(
      'revocation',
      entries.map((entry) => `${place++} ${toText(entry)}`),
    )
  }
  for await (const rows of readRows(store, batchSize)) {
    for (const kind of COPIED_KINDS) add(kind, rows.filter((row) => row.kind === kind).map(toRowText))
  }
  const toDigest = (kind: CopiedKind): KindDigest => {
    const { count, sum } = sums.get(kind) ?? { count: 0, sum: 0n }
    return { count, sha256: sum.toString(16).padStart(64, '0') }
  }
  return {
    key: toDigest('key'),
    revocation: toDigest('revocation'),
    token: toDigest('token'),
    pool: toDigest('pool'),
    receipt: toDigest('receipt'),
    usage: toDigest('usage'),
  }
}

/** A sum, because stores answer in orders of their own. */
function addHash(sum: bigint, text: string): bigint {
  const hash = toSha256(text)
  return BigInt.asUintN(256, sum + BigInt(`0x${hash}`))
}

function toRowText(row: StoredRow): string {
  switch (row.kind) {
    case 'token': {
      const { token, uniqueName, idempotency } = row
      const { credits } = token
      return JSON.stringify([
        toText({ ...token, credits: credits === null ? null : [credits.limit, credits.remaining] }),
        uniqueName,
        idempotency === null ? null : [idempotency.keySha256, idempotency.requestSha256],
      ])
    }
    case 'pool':
      return toText(row.pool)
    case 'receipt':
      return toText({ ...row.receipt, counters: row.receipt.counters.map(toCounterText) })
    case 'usage':
      return toText(row.usage)
  }
}

function toCounterText(counter: Counter): readonly string[] {
  return 'id' in counter ? ['id', counter.project, counter.id] : ['pool', counter.project, counter.pool]
}

/** Members sorted by name: stores make their objects in orders of their own. Claims stay in the order they are in. */
function toText(value: object): string {
  return JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
