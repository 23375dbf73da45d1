import type { TokenStore } from '@hallpass/core'
import type { LoadEvent, Outcome } from './service-commands.ts'
import type { ServiceProcess } from './start-service-process.ts'

/** What clients were told by services. */
export interface Ledger {
  /** Counts what this process tells, from now on. */
  follow(process: Pick<ServiceProcess, 'onEvent'>): void
  readonly issued: ReadonlySet<string>
  readonly revoked: ReadonlySet<string>
  /** Receipts by metered token. */
  readonly spent: ReadonlyMap<string, readonly string[]>
  /** Requests with a revoked token that were let through after the revocation was acknowledged. */
  readonly allowedAfterwards: number
  readonly refused: ReadonlyMap<Outcome, number>
  /** Answers other than refusals, of everybody. */
  readonly answers: number
}

export interface Meter {
  readonly id: string
  readonly limit: number
}

/** One row of the table. */
export interface Tally {
  readonly acknowledged: number
  /** Acknowledged tokens that are not there, and acknowledged spends that were not charged. */
  readonly lost: number
  /** Acknowledged revocations that do not hold. */
  readonly undone: number
  /** Credits granted beyond a limit. */
  readonly overSpent: number
  /** Credits charged for requests whose answer nobody got. */
  readonly unanswered: number
}

export function createLedger(): Ledger {
  const issued = new Set<string>()
  const revoked = new Set<string>()
  const spent = new Map<string, string[]>()
  const refused = new Map<Outcome, number>()
  let allowedAfterwards = 0
  let answers = 0

  function count(event: LoadEvent): void {
    if (event.did === 'refuse') {
      refused.set(event.code, (refused.get(event.code) ?? 0) + 1)
      return
    }
    answers += 1
    if (event.did === 'issue') issued.add(event.id)
    else if (event.did === 'revoke') revoked.add(event.id)
    else if (event.did === 'see allowed') allowedAfterwards += 1
    else if (event.did === 'spend') {
      const receipts = spent.get(event.id)
      if (receipts === undefined) spent.set(event.id, [event.receipt])
      else receipts.push(event.receipt)
    }
  }

  return {
    follow: (process) => process.onEvent(count),
    issued,
    revoked,
    spent,
    refused,
    get allowedAfterwards() {
      return allowedAfterwards
    },
    get answers() {
      return answers
    },
  }
}

/** Holds what was acknowledged against what the store keeps. Gives every receipt back while doing so. */
export async function takeStock(store: TokenStore, ledger: Ledger, meters: readonly Meter[]): Promise<Tally> {
  let lost = 0
  let undone = ledger.allowedAfterwards
  let overSpent = 0
  let unanswered = 0
  let spends = 0
  const feed = await readFeed(store)
  await inGroups([...ledger.issued], async (id) => {
    if ((await store.find('default', id)) === null) lost += 1
  })
  await inGroups([...ledger.revoked], async (id) => {
    const token = await store.find('default', id)
    if (token !== null && (token.revokedAt === null || !feed.has(id))) undone += 1
  })
  for (const { id, limit } of meters) {
    const receipts = ledger.spent.get(id) ?? []
    const remaining = (await store.find('default', id))?.credits?.remaining ?? limit
    const charged = limit - remaining
    spends += receipts.length
    overSpent += Math.max(0, receipts.length - limit, -remaining)
    unanswered += Math.max(0, charged - receipts.length)
    await inGroups(receipts, async (receipt) => {
      if ((await store.refund(receipt, new Date())) !== 'refunded') lost += 1
    })
  }
  const acknowledged = ledger.issued.size + ledger.revoked.size + spends
  return { acknowledged, lost, undone, overSpent, unanswered }
}

async function readFeed(store: TokenStore): Promise<ReadonlySet<string>> {
  const ids = new Set<string>()
  let cursor: string | null = null
  for (let more = true; more; ) {
    const page = await store.revokedSince(cursor, 10_000)
    for (const { id } of page.entries) ids.add(id)
    cursor = page.cursor
    more = page.more
  }
  return ids
}

async function inGroups<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < items.length; from += 64) {
    await Promise.all(items.slice(from, from + 64).map(work))
  }
}
