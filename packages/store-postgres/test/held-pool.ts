import type pg from 'pg'
import type { PostgresClient, PostgresPool, PostgresQuery } from '../src/index.ts'

export interface HeldPool {
  readonly pool: PostgresPool
  /** Resolves when the chosen statement has been done and its commit waits. */
  readonly reached: Promise<void>
  letGo(): void
}

/** The pool, with one hook around each statement. */
export function wrapPool(
  pool: pg.Pool,
  run: (client: pg.PoolClient, query: PostgresQuery) => ReturnType<PostgresClient['query']>,
): PostgresPool {
  return {
    on: (event, listener) => pool.on(event, listener),
    removeListener: (event, listener) => pool.removeListener(event, listener),
    async connect() {
      const client = await pool.connect()
      return {
        query: (query) => run(client, query),
        on: (event, listener) => client.on(event, listener),
        removeListener: (event, listener) => client.removeListener(event, listener),
        release: (destroy) => client.release(destroy),
      }
    },
  }
}

/** Holds the transaction of the first statement that `isMeant` open until it is let go. */
export function holdOpen(pool: pg.Pool, isMeant: (text: string) => boolean): HeldPool {
  const [reached, held] = [createGate(), createGate()]
  let used = false
  return {
    reached: reached.passed,
    letGo: held.open,
    pool: wrapPool(pool, async (client, query) => {
      if (used || !isMeant(query.text)) return client.query(query)
      used = true
      await client.query('BEGIN')
      const answer = await client.query(query)
      reached.open()
      await held.passed
      await client.query('COMMIT')
      return answer
    }),
  }
}

function createGate(): { readonly passed: Promise<void>; open(): void } {
  let open = (): void => {}
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open: () => open() }
}
