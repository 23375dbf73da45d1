import { setTimeout as delay } from 'node:timers/promises'
import type { Database } from '../database.ts'
import { startServiceProcess } from '../start-service-process.ts'

export interface StalenessSetup {
  /** Null = strict. */
  readonly maxStalenessMs: number | null
  /** Whether the store tells of revocations; else they are polled for. */
  readonly push: boolean
  readonly revocations: number
}

export interface Staleness {
  readonly revocations: number
  /** From the acknowledgement to the beginning of the last request let through elsewhere; 0 = none was. */
  readonly p50Ms: number
  readonly p99Ms: number
  readonly longestMs: number
}

/** One process revokes while two others ask for the same token without a pause. */
export async function runStaleness(database: Database, setup: StalenessSetup): Promise<Staleness> {
  const { maxStalenessMs, push, revocations } = setup
  const place = database.createPlace()({ push })
  const start = () => startServiceProcess({ place, maxStalenessMs, storeTimeoutMs: 5000 })
  const revoker = await start()
  const watchers = await Promise.all([start(), start()])
  const delays: number[] = []
  try {
    for (let number = 0; number < revocations; number += 1) {
      const { token, id } = await revoker.ask('issue', {})
      const watching = watchers.map((watcher) => watcher.ask('watch', { token }))
      // At any moment between two polls.
      await delay(5 + Math.random() * Math.min(100, (maxStalenessMs ?? 20) / 4))
      const revokedAt = await revoker.ask('revoke', { id })
      for (const { code, lastAllowedAt } of await Promise.all(watching)) {
        // Stale is a refusal too, where the machine is so busy that a poll came late.
        if (code !== 'token_revoked' && code !== 'revocation_stale') {
          throw new Error(`a watcher was answered ${code}`)
        }
        delays.push(Math.max(0, (lastAllowedAt ?? revokedAt) - revokedAt))
      }
    }
  } finally {
    await Promise.all([revoker, ...watchers].map((process) => process.kill()))
  }
  const sorted = delays.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? 0
  return { revocations: delays.length, p50Ms: at(0.5), p99Ms: at(0.99), longestMs: at(1) }
}
