import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { StoredToken } from '@hallpass/core'
import { createStoredToken } from '@hallpass/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createSqliteStore } from '../src/index.ts'
import { createTokenCache } from '../src/token-cache.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

let folder = createTemporaryFolder()
let path = ''
beforeEach(() => {
  folder = createTemporaryFolder()
  path = join(folder.path, 'tokens.db')
})
afterEach(() => folder.remove())

const AT = new Date('2026-11-21T12:30:00.000Z')

test('what another connection changes is seen by a find that has the token decoded already', async () => {
  const [store, other] = [await createSqliteStore(path), await createSqliteStore(path)]
  const token = createStoredToken({ name: 'old', credits: { limit: 5, remaining: 5 } })
  await store.insert([token], {})
  expect(store.find('default', token.id)).toStrictEqual(token)
  await other.update('default', token.id, { name: 'new', addCredits: 1, expiresAt: AT, at: new Date(0) })
  await other.touch([{ project: 'default', id: token.id, at: AT }])
  await other.revoke('default', token.id, AT)
  const changed = { ...token, name: 'new', credits: { limit: 6, remaining: 6 }, expiresAt: AT }
  expect(store.find('default', token.id)).toStrictEqual({ ...changed, lastUsedAt: AT, revokedAt: AT })
  await other.purge({ tokensBefore: new Date(AT.getTime() + 1), receiptsBefore: AT, feedBefore: AT })
  expect(store.find('default', token.id)).toBeNull()
  await store.close()
  await other.close()
})

test('STO-48 another token in the place of one that was removed is that other token', async () => {
  const [store, other] = [await createSqliteStore(path), await createSqliteStore(path)]
  const token = createStoredToken({ subject: 'ann', expiresAt: new Date(0) })
  await store.insert([token], {})
  expect(store.find('default', token.id)).toStrictEqual(token)
  await other.purge({ tokensBefore: AT, receiptsBefore: AT, feedBefore: AT })
  const next = createStoredToken({ id: token.id, subject: 'bob', tokenSha256: 'f'.repeat(64) })
  await other.insert([next], {})
  expect(store.find('default', token.id)).toStrictEqual(next)
  await store.close()
  await other.close()
})

test('STO-49 two tokens of one hash keep apart', async () => {
  const store = await createSqliteStore(path)
  const mine = createStoredToken({ project: 'mine', subject: 'ann' })
  const yours = createStoredToken({ ...mine, project: 'yours', subject: 'bob' })
  const copy = createStoredToken({ project: 'mine', subject: 'eve', tokenSha256: mine.tokenSha256 })
  await store.insert([mine, yours, copy], {})
  for (let round = 0; round < 2; round += 1) {
    expect(store.find('mine', mine.id)).toStrictEqual(mine)
    expect(store.find('yours', mine.id)).toStrictEqual(yours)
    expect(store.find('mine', copy.id)).toStrictEqual(copy)
  }
  await store.close()
})

test('a list that was found cannot be changed for the next one who finds it', async () => {
  const store = await createSqliteStore(path)
  const token = createStoredToken({ scope: ['files.read'], claims: { deep: { list: ['one'] } } })
  await store.insert([token], {})
  const found = await store.find('default', token.id)
  expect(() => Object.assign(found?.scope ?? [], { 1: 'admin' })).toThrow(TypeError)
  expect(() => Object.assign(Object(found?.claims.deep), { admin: true })).toThrow(TypeError)
  found?.createdAt.setTime(0)
  found?.signedExpiresAt?.setTime(0)
  expect(store.find('default', token.id)).toStrictEqual(token)
  await store.close()
})

test('the cache holds what is in use, and not more than twice a generation', () => {
  const cache = createTokenCache()
  const find = (token: StoredToken) => cache.get(token.project, token.id, token.tokenSha256)
  const used = createStoredToken()
  cache.set(used)
  const first = createStoredToken()
  cache.set(first)
  const others = Array.from({ length: 30_000 }, (_, index) => ({ ...first, id: `id-${index}` }))
  for (const [index, other] of others.entries()) {
    cache.set(other)
    if (index % 1000 === 0) find(used)
  }
  expect(find(used)).toBe(used)
  expect(find(first)).toBeUndefined()
  const held = others.filter((other) => find(other) !== undefined).length
  expect(held).toBeLessThanOrEqual(20_000)
  expect(held).toBeGreaterThan(0)
})

test('what is found is of this project and of this text', () => {
  const cache = createTokenCache()
  const token = createStoredToken()
  cache.set(token)
  expect(cache.get('other', token.id, token.tokenSha256)).toBeUndefined()
  expect(cache.get(token.project, token.id, createStoredToken().tokenSha256)).toBeUndefined()
  expect(cache.get(token.project, token.id, token.tokenSha256)).toBe(token)
})

test('a row that vanishes between the two reads of a find is not there', async () => {
  const client = new DatabaseSync(path)
  const store = await createSqliteStore({
    exec: (sql) => client.exec(sql),
    prepare: (sql) => {
      const statement = client.prepare(sql)
      return {
        run: (...values) => statement.run(...values),
        all: (...values) => statement.all(...values),
        get: (...values) => {
          const row = statement.get(...values)
          if (sql.startsWith('SELECT token_sha256')) client.exec('DELETE FROM hallpass_tokens')
          return row
        },
      }
    },
  })
  const token = createStoredToken()
  await store.insert([token], {})
  expect(store.find('default', token.id)).toBeNull()
  await store.close()
  client.close()
})

test('STO-107 a driver that knows how to answer lists, and does not, is read as it answers', async () => {
  const client = new DatabaseSync(path)
  const store = await createSqliteStore({
    exec: (sql) => client.exec(sql),
    prepare: (sql) => {
      const statement = client.prepare(sql)
      return {
        run: (...values) => statement.run(...values),
        all: (...values) => statement.all(...values),
        get: (...values) => statement.get(...values),
        raw: () => ({}),
      }
    },
  })
  const token = createStoredToken()
  await store.insert([token], {})
  expect(store.find('default', token.id)).toStrictEqual(token)
  await store.revoke('default', token.id, AT)
  const { entries, cursor, more } = await store.revokedSince(null, 10)
  expect(entries).toMatchObject([{ id: token.id, reason: 'revoked', refusedFrom: AT }])
  expect([cursor, more]).toEqual(['1', false])
  await store.close()
  client.close()
})
