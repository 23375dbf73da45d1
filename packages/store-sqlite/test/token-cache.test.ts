import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { StoredToken } from '@hallpass/core'
import { createStoredToken, createTokenId } from '@hallpass/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createSqliteStore } from '../src/index.ts'
import { createTokenCache, type LastingPart } from '../src/token-cache.ts'
import { toLastingPart } from '../src/token-rows.ts'
import { createTemporaryFolder } from './temporary-folder.ts'
import { wrapDatabase } from './wrapped-database.ts'

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

/** Gives the row of the first id to the second, of the second to the third, and so on around. */
function rotateRows(...tokens: readonly StoredToken[]): void {
  const client = new DatabaseSync(path)
  const find = client.prepare('SELECT rowid AS row FROM hallpass_tokens WHERE project = ? AND id = ?')
  const move = client.prepare('UPDATE hallpass_tokens SET rowid = ? WHERE project = ? AND id = ?')
  const rows = tokens.map(({ project, id }) => Number(find.get(project, id)?.row))
  for (const [index, { project, id }] of tokens.entries()) move.run(-1 - index, project, id)
  for (const [index, { project, id }] of tokens.entries()) move.run(rows.at(index - 1) ?? 0, project, id)
  client.close()
}

test('tokens that changed rows are found, each with what it is', async () => {
  const store = await createSqliteStore(path)
  const mine = createStoredToken({ project: 'mine', subject: 'ann', name: 'a' })
  const yours = createStoredToken({ ...mine, project: 'yours', subject: 'bob', name: 'b' })
  const copy = createStoredToken({ ...mine, id: createTokenId(), subject: 'eve', name: 'c' })
  await store.insert([mine, yours, copy], {})
  for (const [first, second] of [
    // The same id and text in another project; the same text under another id.
    [mine, yours],
    [mine, copy],
  ] as const) {
    expect(store.find(first.project, first.id)).toStrictEqual(first)
    rotateRows(first, second)
    expect(store.find(first.project, first.id)).toStrictEqual(first)
    expect(store.find(second.project, second.id)).toStrictEqual(second)
  }
  await store.close()
})

test('a row that another token has by now does not bring the removed one back', async () => {
  const [store, other] = [await createSqliteStore(path), await createSqliteStore(path)]
  const token = createStoredToken({ expiresAt: new Date(0) })
  await store.insert([token], {})
  expect(store.find('default', token.id)).toStrictEqual(token)
  await other.purge({ tokensBefore: AT, receiptsBefore: AT, feedBefore: AT })
  const next = createStoredToken({ subject: 'bob' })
  await other.insert([next], {})
  const client = new DatabaseSync(path)
  expect(client.prepare('SELECT rowid AS row FROM hallpass_tokens').all()).toEqual([{ row: 1 }])
  client.close()
  expect(store.find('default', token.id)).toBeNull()
  expect(store.find('default', next.id)).toStrictEqual(next)
  // The same id and text again, in another row.
  const again = { ...token, expiresAt: AT, name: 'again' }
  await other.insert([again], {})
  expect(store.find('default', token.id)).toStrictEqual(again)
  expect(store.find('default', next.id)).toStrictEqual(next)
  await store.close()
  await other.close()
})

test('tokens are found after others were purged and the file was made smaller', async () => {
  const store = await createSqliteStore(path)
  const tokens = Array.from({ length: 100 }, (_, index) =>
    createStoredToken(index % 3 === 0 ? {} : { expiresAt: new Date(0) }),
  )
  await store.insert(tokens, {})
  for (const token of tokens) expect(store.find('default', token.id)).toStrictEqual(token)
  await store.purge({ tokensBefore: AT, receiptsBefore: AT, feedBefore: AT })
  const client = new DatabaseSync(path)
  client.exec('VACUUM')
  client.close()
  const added = tokens.map(() => createStoredToken())
  await store.insert(added, {})
  for (const [index, token] of tokens.entries()) {
    expect(store.find('default', token.id)).toStrictEqual(index % 3 === 0 ? token : null)
  }
  for (const token of added) expect(store.find('default', token.id)).toStrictEqual(token)
  await store.close()
})

test('the cache holds what is in use, and not more than twice a generation', () => {
  const cache = createTokenCache()
  const find = (part: LastingPart) => cache.get(part.project, part.id)
  const used = toLastingPart(createStoredToken(), 1)
  cache.set(used)
  const first = toLastingPart(createStoredToken(), 2)
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

test('what is found is of this project', () => {
  const cache = createTokenCache()
  const part = toLastingPart(createStoredToken(), 1)
  cache.set(part)
  expect(cache.get('other', part.id)).toBeUndefined()
  expect(cache.get(part.project, part.id)).toBe(part)
})

test('a token that was found before is read once more, by its row; one that moves meanwhile is found', async () => {
  const client = new DatabaseSync(path)
  const asked: string[] = []
  let meanwhile = (): void => {}
  const watched = wrapDatabase(client, (statement, sql) => ({
    get: (...values) => {
      const row = statement.get(...values)
      asked.push(sql.slice(sql.indexOf('WHERE')))
      meanwhile()
      return row
    },
  }))
  const store = await createSqliteStore(watched)
  const token = createStoredToken()
  await store.insert([token], {})
  asked.length = 0
  for (let round = 0; round < 2; round += 1) expect(store.find('default', token.id)).toStrictEqual(token)
  expect(asked).toEqual(['WHERE project = ? AND id = ?', 'WHERE rowid = ?'])
  client.exec('UPDATE hallpass_tokens SET rowid = 7')
  meanwhile = () => client.exec('UPDATE hallpass_tokens SET rowid = rowid + 1')
  expect(store.find('default', token.id)).toStrictEqual(token)
  meanwhile = () => client.exec('DELETE FROM hallpass_tokens')
  expect(store.find('default', token.id)).toBeNull()
  await store.close()
  client.close()
})

test('STO-107 a driver that knows how to answer lists, and does not, is read as it answers', async () => {
  const client = new DatabaseSync(path)
  const store = await createSqliteStore(wrapDatabase(client, () => ({ raw: () => ({}) })))
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
