import { createTokenService } from '@hallpass/core'
import { createStoredToken, createTokenId } from '@hallpass/testing'
import pg from 'pg'
import { expect, test, vi } from 'vitest'
import { createPostgresStore, PostgresStoreError } from '../src/index.ts'
import { startCutProxy } from './cut-proxy.ts'
import { holdOpen, wrapPool } from './held-pool.ts'
import { createSchemaName, useDatabase } from './test-database.ts'

const AT = new Date('2026-11-21T12:30:00.000Z')
const REQUEST = { address: null, target: null, method: null, cost: 1 }
const database = useDatabase()

/** Ends the connections that carry this name, as an administrator or a failover would. */
async function terminate(name: string): Promise<void> {
  await database.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1', [
    name,
  ])
}

test('STO-79 idle connections that the server ends are replaced, and the process lives', async () => {
  // A pool without a listener of its own, as a newcomer makes it.
  const pool = new pg.Pool({ connectionString: database.url(), application_name: 'idle' })
  const store = await createPostgresStore(pool, { schema: createSchemaName() })
  const token = createStoredToken()
  await store.insert([token], {})
  await Promise.all(Array.from({ length: 5 }, () => store.find('default', token.id)))
  const idle = pool.totalCount
  expect(idle).toBeGreaterThan(1)
  await terminate('idle')
  await vi.waitFor(() => expect(pool.totalCount).toBe(0))
  expect(await store.find('default', token.id)).toStrictEqual(token)
  await store.close()
  // Also after it was closed, and with a second store on the same pool.
  expect(pool.listenerCount('error')).toBe(1)
  await terminate('idle')
  await vi.waitFor(() => expect(pool.totalCount).toBe(0))
  await pool.end()
})

test('STO-78 a connection that is lost in the middle of a call fails the call, and the next one works', async () => {
  const schema = createSchemaName()
  const store = await database.openStore({ schema, pool: database.openPool({ application_name: 'middle' }) })
  const held = holdOpen(database.openPool(), (text) => text.includes('pg_advisory_xact_lock'))
  const holder = await createPostgresStore(held.pool, { schema })
  const [first, second] = [createStoredToken(), createStoredToken()]
  await store.insert([first, second], {})
  const holding = holder.revoke('default', first.id, AT)
  await held.reached
  const lost = Promise.resolve(store.revoke('default', second.id, AT)).catch((error: unknown) => error)
  const update = { expiresAt: AT, at: new Date(0) }
  const lostInTransaction = Promise.resolve(store.update('default', second.id, update)).catch(
    (error: unknown) => error,
  )
  await vi.waitFor(async () => {
    const rows = await database.query(
      `SELECT 1 FROM pg_stat_activity WHERE application_name = 'middle' AND wait_event_type = 'Lock'`,
    )
    expect(rows.length).toBe(2)
  })
  await terminate('middle')
  expect(await lost).toBeInstanceOf(PostgresStoreError)
  expect(await lost).toMatchObject({ code: 'failed' })
  expect(await lostInTransaction).toBeInstanceOf(PostgresStoreError)
  held.letGo()
  await holding
  expect((await store.find('default', second.id))?.revokedAt).toBeNull()
  expect((await store.revokedSince(null, 10)).entries.map(({ id }) => id)).toEqual([first.id])
  expect((await store.revoke('default', second.id, AT))?.revokedAt).toEqual(AT)
  await holder.close()
})

test('STO-84 a server that cannot be reached is 503 for the service, never a pass, and it recovers by itself', async () => {
  const { hostname, port } = new URL(database.url())
  const proxy = await startCutProxy({ host: hostname, port: Number(port) })
  const url = new URL(database.url())
  url.port = String(proxy.port)
  const pool = database.openPool({ connectionString: url.href })
  const store = await database.openStore({ pool })
  const errors: unknown[] = []
  const service = await createTokenService({
    issuer: 'https://issuer.example',
    store,
    keys: { masterSecret: Buffer.alloc(32, 7).toString('base64url') },
    maintenance: false,
    hooks: { onError: (error) => void errors.push(error) },
  })
  const { token, record } = await service.issue({ credits: 5 })
  const outcome = async (): Promise<string> => {
    const decision = await service.authorize(token, REQUEST)
    return decision.allowed ? 'allowed' : decision.code
  }
  expect(await outcome()).toBe('allowed')
  proxy.cut()
  expect(await outcome()).toBe('store_unavailable')
  await expect(service.revoke('default', record.id)).rejects.toMatchObject({ code: 'store_unavailable' })
  expect(errors.length).toBeGreaterThanOrEqual(2)
  for (const error of errors) expect(error).toBeInstanceOf(PostgresStoreError)
  proxy.mend()
  expect(await outcome()).toBe('allowed')
  await service.revoke('default', record.id)
  expect(await outcome()).toBe('token_revoked')
  await service.close()
  await proxy.close()
})

test('CRD-67 a spend whose connection breaks while it waits for a lock takes nothing when it comes through', async () => {
  const { hostname, port } = new URL(database.url())
  const proxy = await startCutProxy({ host: hostname, port: Number(port) })
  const url = new URL(database.url())
  url.port = String(proxy.port)
  const schema = createSchemaName()
  const pool = database.openPool({ connectionString: url.href, application_name: 'late' })
  const service = await createTokenService({
    issuer: 'https://issuer.example',
    store: await database.openStore({ pool, schema }),
    keys: { masterSecret: Buffer.alloc(32, 7).toString('base64url') },
    maintenance: false,
    hooks: { onError: () => {} },
  })
  const { token, record } = await service.issue({ credits: 5 })
  const holder = await database.openPool().connect()
  await holder.query('BEGIN')
  await holder.query(`SELECT 1 FROM "${schema}".tokens WHERE id = $1 FOR UPDATE`, [record.id])
  const decision = service.authorize(token, REQUEST)
  const count = async (condition: string): Promise<number> =>
    (await database.query(`SELECT 1 FROM pg_stat_activity WHERE application_name = 'late' AND ${condition}`))
      .length
  await vi.waitFor(async () => expect(await count("wait_event_type = 'Lock'")).toBe(1))
  proxy.cut()
  proxy.mend()
  expect(await decision).toMatchObject({ allowed: false, code: 'store_unavailable' })
  // Given back while it is still under way: the server has not noticed that nobody waits for it any more.
  await vi.waitFor(async () =>
    expect(await database.query(`SELECT refunded_at FROM "${schema}".receipts`)).toHaveLength(1),
  )
  expect(await count("wait_event_type = 'Lock'")).toBe(1)
  await holder.query('COMMIT')
  holder.release()
  await vi.waitFor(async () => expect(await count("state = 'active'")).toBe(0))
  expect(await service.get('default', record.id)).toMatchObject({ credits: { limit: 5, remaining: 5 } })
  await service.close()
  await proxy.close()
})

test('a server that becomes a standby under the store fails: what it knew last lets nobody in', async () => {
  let standby = false
  const pool = wrapPool(database.openPool(), async (client, query) => {
    const answer = await client.query(query)
    return standby ? { rows: answer.rows.map((row) => ({ ...row, standby: 't' })) } : answer
  })
  const schema = createSchemaName()
  const store = await createPostgresStore(pool, { schema })
  const token = createStoredToken()
  await store.insert([token], {})
  expect(await store.find('default', token.id)).toStrictEqual(token)
  standby = true
  await expect(store.find('default', token.id)).rejects.toThrow(/standby/)
  await expect(store.revokedSince(null, 1)).rejects.toThrow(/standby/)
  standby = false
  expect((await store.revokedSince(null, 1)).entries).toEqual([])
  await store.close()
  await database.dropSchema(schema)
})

test('a pool without a free connection is an error once the pool gives up', async () => {
  const schema = createSchemaName()
  const pool = database.openPool({ max: 1, connectionTimeoutMillis: 100 })
  const store = await database.openStore({ schema, pool })
  const client = await pool.connect()
  await expect(store.find('default', 'x')).rejects.toMatchObject({
    name: 'PostgresStoreError',
    sqlState: null,
  })
  client.release()
  expect(await store.find('default', 'x')).toBeNull()
})

test('STO-80 an error names the constraint and none of the values', async () => {
  const store = await database.openStore()
  const token = createStoredToken({ subject: 'secret-subject', name: 'secret-name' })
  await store.insert([token], {})
  const error = await Promise.resolve(store.insert([token], {})).catch((reason: unknown) => reason)
  expect(error).toMatchObject({
    code: 'failed',
    sqlState: '23505',
    constraint: 'tokens_by_id',
  })
  expect(Object(error)).not.toHaveProperty('cause')
  const broken = createStoredToken({ subject: 'secret-subject', credits: { limit: 1, remaining: 2 } })
  const refused = await Promise.resolve(store.insert([broken], {})).catch((reason: unknown) => reason)
  expect(refused).toMatchObject({ sqlState: '23514' })
  for (const shown of [error, refused].map(
    (one) => `${one} ${JSON.stringify(one)} ${Object.values(Object(one))}`,
  )) {
    expect(shown).not.toContain('secret')
    expect(shown).not.toContain(token.id)
    expect(shown).not.toContain(broken.tokenSha256)
  }
})

test('STO-83 a process that hangs inside a transaction is cut off by the server, with its locks', async () => {
  const settings: unknown[] = []
  const pool = wrapPool(database.openPool(), async (client, query) => {
    if (query.text === 'COMMIT') {
      const name = 'idle_in_transaction_session_timeout'
      const { rows } = await client.query('SELECT current_setting($1) AS timeout', [name])
      settings.push(...rows)
    }
    return client.query(query)
  })
  const schema = createSchemaName()
  const store = await createPostgresStore(pool, { schema })
  const token = createStoredToken()
  await store.insert([token], {})
  settings.length = 0
  await store.update('default', token.id, { name: 'x', at: new Date(0) })
  expect(settings).toEqual([{ timeout: '5s' }])
  await store.close()
  await database.dropSchema(schema)
})

test('a closed store refuses, waits for what it accepted, and leaves the pool open', async () => {
  const pool = database.openPool()
  const store = await database.openStore({ pool })
  const token = createStoredToken()
  const pending = store.insert([token], {})
  await store.close()
  expect(await pending).toEqual({ outcome: 'inserted' })
  await expect(store.find('default', token.id)).rejects.toMatchObject({ code: 'closed' })
  await expect(store.revoke('default', token.id, AT)).rejects.toThrow(/closed/)
  await expect(store.update('default', token.id, { at: AT })).rejects.toThrow(PostgresStoreError)
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
})

test('nothing is left behind on a connection, so that a PgBouncer may lend it to the next one', async () => {
  const pool = database.openPool({ max: 4 })
  const [other, another] = [await pool.connect(), await pool.connect()]
  let turn = 0
  let inTransaction: pg.PoolClient | null = null
  // Every statement outside a transaction comes by another connection, as in PgBouncer's transaction mode.
  const lent = wrapPool(pool, async (_client, query) => {
    const server = inTransaction ?? (turn++ % 2 === 0 ? other : another)
    if (query.text.startsWith('BEGIN')) inTransaction = server
    if (query.text === 'COMMIT' || query.text === 'ROLLBACK') inTransaction = null
    return server.query(query)
  })
  const schema = createSchemaName()
  const store = await createPostgresStore(lent, { schema })
  const token = createStoredToken({ credits: { limit: 9, remaining: 9 }, name: 'one' })
  await store.insert([token], { uniqueName: true })
  await store.createPool({ project: 'default', name: 'shared', limit: 9, remaining: 9 })
  const counters = [
    { project: 'default', pool: 'shared' },
    { project: 'default', id: token.id },
  ]
  expect(await store.spend({ receipt: createTokenId(), counters, amount: 2, at: AT })).toEqual({
    outcome: 'spent',
    remaining: [7, 7],
  })
  await store.update('default', token.id, { name: 'two', expiresAt: AT, at: new Date(0) })
  await store.revoke('default', token.id, AT)
  expect((await store.revokedSince(null, 10)).entries).toHaveLength(2)
  for (const server of [other, another]) {
    const { rows } = await server.query(`
      SELECT (SELECT count(*)::int FROM pg_prepared_statements) AS statements,
        (SELECT count(*)::int FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory') AS locks,
        (SELECT count(*)::int FROM pg_listening_channels()) AS channels,
        (SELECT count(*)::int FROM pg_settings WHERE source = 'session') AS settings,
        pg_my_temp_schema()::int AS temporary, txid_current_if_assigned() AS transaction`)
    expect(rows).toEqual([
      { statements: 0, locks: 0, channels: 0, settings: 0, temporary: 0, transaction: null },
    ])
    server.release()
  }
  await store.close()
  await database.dropSchema(schema)
})
