import { createStoredToken, createTokenId } from '@hallpass/testing'
import { expect, test } from 'vitest'
import { createSchemaName, useDatabase } from './test-database.ts'

const AT = new Date('2026-11-21T12:30:00.000Z')
const PAST = new Date(0)
const database = useDatabase()

/** Notes what `synchronous_commit` is when a transaction commits, for every change of every table. */
async function watchCommits(schema: string): Promise<void> {
  await database.query(`CREATE TABLE "${schema}".commits (change text, setting text)`)
  await database.query(`
    CREATE FUNCTION "${schema}".note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO "${schema}".commits VALUES (TG_OP || ' ' || TG_TABLE_NAME, current_setting('synchronous_commit'));
      RETURN NULL;
    END $$`)
  const tables = await database.query(
    `SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
     WHERE nspname = $1 AND relkind = 'r' AND relname NOT IN ('commits', 'hallpass_migrations')`,
    [schema],
  )
  for (const { relname } of tables) {
    await database.query(`
      CREATE CONSTRAINT TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON "${schema}".${relname}
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "${schema}".note()`)
  }
}

test('STO-76 every mutation waits for the disk, though the role says that commits need not', async () => {
  const schema = createSchemaName()
  const pool = database.openPool({ options: '-c synchronous_commit=off', max: 1 })
  const store = await database.openStore({ schema, pool })
  await watchCommits(schema)

  const metered = createStoredToken({ credits: { limit: 9, remaining: 9 }, keyId: 'key-1' })
  const [shortened, old] = [createStoredToken(), createStoredToken({ expiresAt: PAST })]
  await store.insert([metered, shortened, old], { uniqueName: true })
  await store.createPool({ project: 'default', name: 'shared', limit: 9, remaining: 9 })
  await store.addPoolCredits('default', 'shared', 1)
  const counters = [
    { project: 'default', pool: 'shared' },
    { project: 'default', id: metered.id },
  ]
  const receipt = createTokenId()
  expect(await store.spend({ receipt, counters, amount: 1, at: AT })).toMatchObject({ outcome: 'spent' })
  expect(await store.refund(receipt, AT)).toBe('refunded')
  await store.touch([{ project: 'default', id: metered.id, at: AT }])
  const usage = { project: 'default', day: '2026-11-21', application: 'a', subject: 's', tokenId: 't' }
  await store.addUsage([{ ...usage, calls: 1, credits: 1 }])
  await store.addUsage([{ ...usage, calls: 1, credits: 1 }])
  await store.update('default', shortened.id, { expiresAt: AT, at: PAST })
  await store.revoke('default', shortened.id, AT)
  expect(await store.revokeAll('default', null, AT)).toBe(1)
  const key = { id: 'key-2', project: 'default', profile: 'native', algorithm: 'EdDSA', version: 1 }
  await store.insertKey({ ...key, createdAt: AT, activatesAt: AT, sealed: 'a' })
  await store.resealKey('key-2', 'b')
  expect(await store.deleteUnusedKey('default', 'key-2')).toBe(true)
  expect(await store.lease('purge', 'a', PAST, AT)).toBe(true)
  expect(await store.lease('purge', 'a', PAST, AT)).toBe(true)
  const later = new Date('2027-01-01T00:00:00Z')
  expect(await store.purge({ tokensBefore: later, receiptsBefore: later, feedBefore: later })).toBe(3)

  const commits = await database.query(
    `SELECT DISTINCT change, setting FROM "${schema}".commits ORDER BY change`,
  )
  expect(commits.map(({ change }) => change)).toEqual([
    'DELETE keys',
    'DELETE receipts',
    'DELETE revocations',
    'DELETE tokens',
    'INSERT keys',
    'INSERT leases',
    'INSERT pools',
    'INSERT receipts',
    'INSERT revocations',
    'INSERT tokens',
    'INSERT usage',
    'UPDATE keys',
    'UPDATE leases',
    'UPDATE pools',
    'UPDATE receipts',
    'UPDATE tokens',
    'UPDATE usage',
  ])
  expect(new Set(commits.map(({ setting }) => setting))).toEqual(new Set(['on']))
  // It held for the transactions alone: the connection is as it was.
  expect((await pool.query('SHOW synchronous_commit')).rows).toEqual([{ synchronous_commit: 'off' }])
})
