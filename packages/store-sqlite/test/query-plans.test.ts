import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { ListFilter, TokenStore } from '@hallpass/core'
import { createStoredToken } from '@hallpass/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSqliteStore, type SqliteDatabase } from '../src/index.ts'
import { toListSql } from '../src/token-lookup.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

const folder = createTemporaryFolder()
const client = new DatabaseSync(join(folder.path, 'tokens.db'))
/** All SQL that the store prepares. */
const prepared: string[] = []
let store: TokenStore

beforeAll(async () => {
  const watched: SqliteDatabase = {
    exec: (sql) => client.exec(sql),
    prepare: (sql) => {
      prepared.push(sql)
      return client.prepare(sql)
    },
  }
  store = await createSqliteStore(watched)
  await store.insert(
    Array.from({ length: 1000 }, (_, index) =>
      createStoredToken({ subject: `s${index % 50}`, name: `n${index}` }),
    ),
    {},
  )
})
afterAll(async () => {
  await store.close()
  client.close()
  folder.remove()
})

function explain(sql: string): string[] {
  const parameters = sql.split('?').length - 1
  const rows = client.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...Array.from({ length: parameters }, () => 1))
  return rows.map(({ detail }) => String(detail))
}

const FILTERS: readonly (readonly [filter: Omit<ListFilter, 'project'>, index: string, key: string])[] = [
  [{}, 'by_id', 'project=?'],
  [{ subject: 'a' }, 'by_subject', 'project=? AND subject=?'],
  [{ application: 'a' }, 'by_application', 'project=? AND application=?'],
  [{ name: 'a' }, 'by_name', 'project=? AND name=?'],
  [{ subject: 'a', application: 'a' }, 'by_subject', 'project=? AND subject=?'],
  [{ subject: 'a', name: 'a' }, 'by_name', 'project=? AND name=?'],
  [{ application: 'a', name: 'a' }, 'by_name', 'project=? AND name=?'],
  [{ subject: 'a', application: 'a', name: 'a' }, 'by_name', 'project=? AND name=?'],
]

describe('a page is one walk along an index, and nothing is sorted', () => {
  for (const [filter, index, key] of FILTERS) {
    test(`filter ${JSON.stringify(filter)}`, () => {
      const whole = { project: 'default', ...filter }
      expect(explain(toListSql(whole, false))).toEqual([
        `SEARCH hallpass_tokens USING INDEX hallpass_tokens_${index} (${key})`,
      ])
      expect(explain(toListSql(whole, true))).toEqual([
        `SEARCH hallpass_tokens USING INDEX hallpass_tokens_${index} (${key} AND id<?)`,
      ])
    })
  }
})

test('a token is found by its index alone', () => {
  const find = prepared.find(
    (sql) => /^SELECT project, id, subject/.test(sql) && sql.endsWith('project = ? AND id = ?'),
  )
  expect(explain(find ?? '')).toEqual([
    'SEARCH hallpass_tokens USING INDEX hallpass_tokens_by_id (project=? AND id=?)',
  ])
})

test('a token that was found before is found by its row', () => {
  const find = prepared.find((sql) => /^SELECT project, id, token_sha256/.test(sql))
  expect(explain(find ?? '')).toEqual(['SEARCH hallpass_tokens USING INTEGER PRIMARY KEY (rowid=?)'])
})

test('no statement of the store walks a whole table, but for the list of keys', () => {
  const statements = prepared.filter(
    (sql) => /^\s*(SELECT|INSERT|UPDATE|DELETE)\b/.test(sql) && /hallpass_/.test(sql),
  )
  expect(statements.length).toBeGreaterThan(30)
  const scans = statements.filter((sql) => {
    // Dozens of keys; one version, read once; one sequence.
    if (/FROM hallpass_keys ORDER|hallpass_migrations|sqlite_sequence/.test(sql)) return false
    return explain(sql).some((detail) => /^SCAN (?!\(subquery|CONSTANT|\d+-ROW VALUES)/.test(detail))
  })
  expect(scans).toEqual([])
})
