import type { TokenStore } from '@hallpass/core'
import type { Tables } from './tables.ts'

/** What the store needs of a `Client` of `pg` that nobody else uses and that is not connected yet. */
export interface PostgresListener {
  connect(): Promise<unknown>
  query(text: string): Promise<unknown>
  on(event: 'notification' | 'error' | 'end', listener: () => void): unknown
  end(): Promise<void>
}

export interface RevocationListener extends Pick<TokenStore, 'watchRevocations'> {
  close(): Promise<void>
}

/** Waiting time after the first failure in a row and after many. */
const PAUSES_MS = { shortest: 500, longest: 30_000 } as const

/**
 * Listens for what other processes add to the feed, on a connection of its own, while somebody watches. Whatever
 * happens to the connection, nothing is thrown: the feed is polled all the same, and a new connection is tried for.
 */
export function createRevocationListener(
  tables: Tables,
  createClient: (() => PostgresListener) | null,
): RevocationListener {
  const watchers = new Set<() => void>()
  let current: PostgresListener | null = null
  let timer: NodeJS.Timeout | null = null
  let failures = 0
  let closed = false

  function tell(): void {
    for (const onChange of watchers) onChange()
  }

  async function open(): Promise<void> {
    timer = null
    if (createClient === null || watchers.size === 0) return
    let client: PostgresListener
    try {
      client = createClient()
    } catch {
      return retry()
    }
    current = client
    const lose = (): void => {
      if (current !== client) return
      current = null
      void client.end().catch(() => {})
      retry()
    }
    client.on('error', lose)
    client.on('end', lose)
    client.on('notification', tell)
    try {
      await client.connect()
      await client.query(`LISTEN "${tables.channel}"`)
      failures = 0
      // What was added while nobody listened.
      tell()
    } catch {
      lose()
    }
  }

  function retry(): void {
    if (watchers.size === 0 || timer !== null) return
    const pause = Math.min(PAUSES_MS.longest, PAUSES_MS.shortest * 2 ** failures)
    failures += 1
    // Random, so that processes that lost one server do not come back together.
    timer = setTimeout(() => void open(), pause * (0.5 + Math.random() / 2)).unref()
  }

  async function stop(): Promise<void> {
    if (timer !== null) clearTimeout(timer)
    timer = null
    failures = 0
    const client = current
    current = null
    await client?.end().catch(() => {})
  }

  return {
    watchRevocations(onChange) {
      if (closed) return () => {}
      const watcher = (): void => onChange()
      watchers.add(watcher)
      if (watchers.size === 1) void open()
      return () => {
        if (watchers.delete(watcher) && watchers.size === 0) void stop()
      }
    },
    close() {
      closed = true
      watchers.clear()
      return stop()
    },
  }
}
