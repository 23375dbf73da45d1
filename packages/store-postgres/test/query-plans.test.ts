import type { ListFilter } from '@hallpass/core'
import { createStoredToken, createTokenId } from '@hallpass/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import { createPostgresStore, type PostgresQuery } from '../src/index.ts'
import { toTables } from '../src/tables.ts'
import { toListQuery } from '../src/token-lookup.ts'
import { wrapPool } from './held-pool.ts'
import { createSchemaName, useDatabase } from './test-database.ts'

const AT = new Date('2026-11-21T12:30:00.000Z')
const TOKENS = 30_000
const database = useDatabase()
const schema = createSchemaName()
const tables = toTables(schema)

interface Plan {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly 'Shared Hit Blocks'?: number
  readonly 'Shared Read Blocks'?: number
  readonly Plans?: readonly Plan[]
}

async function explain(text: string, values: readonly unknown[], how = 'FORMAT JSON'): Promise<Plan> {
  const [row] = await database.query(`EXPLAIN (${how}) ${text}`, [...values])
  const [explained] = (row?.['QUERY PLAN'] ?? []) as { readonly Plan: Plan }[]
  if (explained === undefined) throw new Error('there is no plan')
  return explained.Plan
}

function toNodes(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(toNodes)]
}

beforeAll(async () => {
  const store = await database.openStore({ schema })
  await store.close()
  // Ids in order, as they are issued; every hundredth is expired, every fiftieth revoked.
  await database.query(`
    INSERT INTO ${tables.tokens} (project, id, subject, name, application, profile, key_id, created_at, expires_at,
      revoked_at, ip, scope, claims, token_sha256, created_by, holds_name, credit_limit, credit_remaining)
    SELECT 'default', lpad(n::text, 8, '0'), 's' || n % 500, 'n' || n % 5000, 'a' || n % 20, 'native', 'key-1', n,
      CASE WHEN n % 100 = 0 THEN n ELSE 9000000000000 END, CASE WHEN n % 50 = 0 THEN n END, '[]', '[]', '{}',
      md5(n::text), 'service', false, 9, 9
    FROM generate_series(1, ${TOKENS}) AS n`)
  await database.query(`
    INSERT INTO ${tables.revocations} SELECT nextval('${tables.revocationSequence}'), 'default', n::text, 'revoked', n, n
    FROM generate_series(1, ${TOKENS}) AS n`)
  await database.query(`
    INSERT INTO ${tables.receipts} SELECT 'r' || n, n, 1, '[]', '[]' FROM generate_series(1, ${TOKENS}) AS n`)
  await database.query(`
    INSERT INTO ${tables.usage} SELECT 'p' || n % 50, '2026-11-21', 'a', 's', n::text, 1, 1
    FROM generate_series(1, ${TOKENS}) AS n`)
  for (const table of ['tokens', 'revocations', 'receipts', 'usage'] as const) {
    await database.query(`ANALYZE ${tables[table]}`)
  }
})

const FILTERS: readonly (readonly [filter: Omit<ListFilter, 'project'>, indexes: readonly string[]])[] = [
  [{}, ['tokens_by_id']],
  [{ subject: 's7' }, ['tokens_by_subject']],
  [{ application: 'a7' }, ['tokens_by_application']],
  [{ name: 'n7' }, ['tokens_by_name']],
  [{ subject: 's7', application: 'a7' }, ['tokens_by_subject']],
  [{ subject: 's7', name: 'n7' }, ['tokens_by_name']],
  [{ application: 'nobody' }, ['tokens_by_application']],
]

describe('a page costs what it holds, whatever else is stored', () => {
  for (const [filter, indexes] of FILTERS) {
    for (const after of [null, '00020000']) {
      test(`filter ${JSON.stringify(filter)}, ${after === null ? 'first page' : 'a later page'}`, async () => {
        const { text, values } = toListQuery(tables, { project: 'default', ...filter }, after, 50)
        const plan = await explain(text, values, 'FORMAT JSON, ANALYZE, BUFFERS')
        const nodes = toNodes(plan)
        expect(nodes.flatMap((node) => node['Index Name'] ?? [])).toEqual(indexes)
        expect(nodes.map((node) => node['Node Type'])).not.toContain('Seq Scan')
        // At most one block for each row, and the way down the index.
        expect((plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0)).toBeLessThan(80)
      })
    }
  }
})

test('no statement of the store walks a whole table', async () => {
  const ran: PostgresQuery[] = []
  const pool = wrapPool(database.openPool(), (client, query) => {
    ran.push(query)
    return client.query(query)
  })
  const store = await createPostgresStore(pool, { schema })
  const token = createStoredToken({ credits: { limit: 9, remaining: 9 }, name: 'mine' })
  const once = { keySha256: 'a'.repeat(64), requestSha256: 'b'.repeat(64) }
  await store.insert([token], { uniqueName: true, idempotency: once })
  await store.insert([createStoredToken({ name: 'mine' })], { uniqueName: true, idempotency: once })
  await store.insert([createStoredToken({ name: 'mine' })], { uniqueName: true })
  await store.find('default', token.id)
  await store.update('default', token.id, { name: 'other', expiresAt: AT, at: new Date(0) })
  await store.createPool({ project: 'default', name: 'shared', limit: 9, remaining: 9 })
  const counters = [
    { project: 'default', id: token.id },
    { project: 'default', pool: 'shared' },
  ]
  const spend = { receipt: createTokenId(), counters, amount: 1, at: new Date(0) }
  await store.spend(spend)
  await store.spend({ ...spend, receipt: createTokenId(), amount: 1000 })
  await store.refund(spend.receipt, AT)
  await store.refund('nobody', AT)
  await store.touch(
    Array.from({ length: 50 }, (_, n) => ({ project: 'default', id: `000${20_000 + n}`, at: AT })),
  )
  const usage = { project: 'p1', day: '2026-11-21', application: 'a', subject: 's', tokenId: 't' }
  await store.addUsage([{ ...usage, calls: 1, credits: 1 }])
  await store.usage({ project: 'p1', from: '2026-11-01', to: '2026-11-30', by: 'token' })
  await store.revoke('default', token.id, AT)
  await store.revokeAll('default', 's7', AT)
  await store.revokedSince('29000', 100)
  await store.deleteUnusedKey('default', 'key-9')
  const past = new Date(500)
  await store.purge({ tokensBefore: past, receiptsBefore: past, feedBefore: past, usageBefore: '2026-11-02' })
  await store.close()

  const statements = ran.filter(
    ({ text }) => text.includes(`"${schema}".`) && !text.includes('hallpass_migrations'),
  )
  expect(new Set(statements.map(({ text }) => text)).size).toBeGreaterThan(20)
  for (const { text, values } of statements) {
    const walked = toNodes(await explain(text, values ?? []))
      .filter((node) => node['Node Type'] === 'Seq Scan')
      .map((node) => node['Relation Name'])
      // One pool; a sequence is one row.
      .filter((name) => name !== 'pools' && name !== 'revocation_sequence' && name !== 'keys')
    expect(walked, text).toEqual([])
  }
})
