import type { TokenStore } from '@hallpass/core'
import type { RedisSubscriber } from './redis-client.ts'

/** Listens to the channel that revocations are told on. Only shortens the wait for a poll, so it never fails. */
export interface RevocationWatch {
  readonly add: TokenStore['watchRevocations']
  /** Nothing is told any more. The subscriber stays open. */
  close(): void
}

/** @param subscriber null = nothing is ever told */
export function createRevocationWatch(subscriber: RedisSubscriber | null, channel: string): RevocationWatch {
  const watches = new Set<() => void>()

  return {
    add(onChange) {
      if (subscriber === null) return () => {}
      let watching = true
      const listener = (): void => {
        if (watching) onChange()
      }
      const end = (): void => {
        if (!watching) return
        watching = false
        watches.delete(end)
        attempt(() => subscriber.unsubscribe(channel, listener))
      }
      watches.add(end)
      attempt(() => subscriber.subscribe(channel, listener))
      return end
    },
    close() {
      for (const end of [...watches]) end()
    },
  }
}

/** Failures are nobody's: the poll finds what was not told. */
function attempt(work: () => Promise<unknown>): void {
  const run = async (): Promise<unknown> => work()
  run().catch(() => {})
}
