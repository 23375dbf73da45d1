import { setTimeout as delay } from 'node:timers/promises'
import { isBusy, toStoreError } from './sqlite-error.ts'

const LONGEST_PAUSE_MS = 5

/**
 * Milliseconds until the next attempt. SQLite's own busy wait sleeps inside the event loop; ours leaves it free.
 * Random, so that waiting processes do not come back together.
 */
export function toPauseMs(attempt: number): number {
  return 1 + Math.random() * Math.min(LONGEST_PAUSE_MS, attempt)
}

/**
 * What `work` answers, tried again while another connection is in the way.
 * @throws SqliteStoreError `busy` after `timeoutMs`
 */
export async function retryBusy<T>(work: () => T, timeoutMs: number): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (let attempt = 1; ; attempt += 1) {
    try {
      return work()
    } catch (error) {
      if (!isBusy(error) || performance.now() >= deadline) throw toStoreError(error)
    }
    await delay(toPauseMs(attempt))
  }
}
