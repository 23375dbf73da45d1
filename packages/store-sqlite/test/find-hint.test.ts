import { DatabaseSync } from 'node:sqlite'
import type { FindHint, StoredToken } from '@hallpass/core'
import { createStoredToken, createTokenId } from '@hallpass/testing'
import { expect, test } from 'vitest'
import { createSqliteStore } from '../src/index.ts'
import { beforeEachWithPath } from './temporary-folder.ts'
import { wrapDatabase } from './wrapped-database.ts'

let path = ''
beforeEachWithPath((given) => {
  path = given
})

const AT = new Date('2026-11-21T12:30:00.000Z')

function noHint(): FindHint {
  return { hint: null }
}

test('what another connection changes is seen by a find that has the token decoded already', async () => {
  const hint = noHint()
  const [store, other] = [await createSqliteStore(path), await createSqliteStore(path)]
  const token = createStoredToken({ name: 'old', credits: { limit: 5, remaining: 5 } })
  await store.insert([token], {})
  expect(store.find('default', token.id, hint)).toStrictEqual(token)
  await other.update('default', token.id, { name: 'new', addCredits: 1, expiresAt: AT, at: new Date(0) })
  await other.touch([{ project: 'default', id: token.id, at: AT }])
  await other.revoke('default', token.id, AT)
  const changed = { ...token, name: 'new', credits: { limit: 6, remaining: 6 }, expiresAt: AT }
  expect(store.find('default', token.id, hint)).toStrictEqual({ ...changed, lastUsedAt: AT, revokedAt: AT })
  await other.purge({ tokensBefore: new Date(AT.getTime() + 1), receiptsBefore: AT, feedBefore: AT })
  expect(store.find('default', token.id, hint)).toBeNull()
  await store.close()
  await other.close()
})

test('STO-48 another token in the place of one that was removed is that other token', async () => {
  const hint = noHint()
  const [store, other] = [await createSqliteStore(path), await createSqliteStore(path)]
  const token = createStoredToken({ subject: 'ann', expiresAt: new Date(0) })
  await store.insert([token], {})
  expect(store.find('default', token.id, hint)).toStrictEqual(token)
  await other.purge({ tokensBefore: AT, receiptsBefore: AT, feedBefore: AT })
  const next = createStoredToken({ id: token.id, subject: 'bob', tokenSha256: 'f'.repeat(64) })
  await other.insert([next], {})
  expect(store.find('default', token.id, hint)).toStrictEqual(next)
  await store.close()
  await other.close()
})

test('STO-49 two tokens of one hash keep apart', async () => {
  const store = await createSqliteStore(path)
  const mine = createStoredToken({ project: 'mine', subject: 'ann' })
  const yours = createStoredToken({ ...mine, project: 'yours', subject: 'bob' })
  const copy = createStoredToken({ project: 'mine', subject: 'eve', tokenSha256: mine.tokenSha256 })
  const tokens = [mine, yours, copy]
  await store.insert(tokens, {})
  // Each with a hint of its own, and all with one that is always of another.
  const hints = tokens.map(noHint)
  const shared = noHint()
  for (let round = 0; round < 2; round += 1) {
    for (const [index, token] of tokens.entries()) {
      expect(store.find(token.project, token.id, hints[index])).toStrictEqual(token)
      expect(store.find(token.project, token.id, shared)).toStrictEqual(token)
    }
  }
  await store.close()
})

test('what another store left in a hint is not believed', async () => {
  const [store, other] = [await createSqliteStore(path), await createSqliteStore(`${path}-other`)]
  const token = createStoredToken({ pool: 'old' })
  const moved = { ...token, pool: 'new' }
  await store.insert([token], {})
  await other.insert([moved], {})
  const hint = noHint()
  for (let round = 0; round < 2; round += 1) {
    expect(store.find('default', token.id, hint)).toStrictEqual(token)
    expect(other.find('default', token.id, hint)).toStrictEqual(moved)
  }
  await store.close()
  await other.close()
})

test('a list that was found cannot be changed for the next one who finds it', async () => {
  const store = await createSqliteStore(path)
  const token = createStoredToken({ scope: ['files.read'], claims: { deep: { list: ['one'] } } })
  await store.insert([token], {})
  const hint = noHint()
  for (let round = 0; round < 2; round += 1) {
    const found = await store.find('default', token.id, hint)
    expect(found).toStrictEqual(token)
    expect(() => Object.assign(found?.scope ?? [], { 1: 'admin' })).toThrow(TypeError)
    expect(() => Object.assign(Object(found?.claims.deep), { admin: true })).toThrow(TypeError)
    found?.createdAt.setTime(0)
    found?.signedExpiresAt?.setTime(0)
  }
  expect(store.find('default', token.id, hint)).toStrictEqual(token)
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
    // The last is asked for with what was left by the first, which now leads to its row.
    const [own, taken] = [noHint(), noHint()]
    for (const hint of [own, taken]) expect(store.find(first.project, first.id, hint)).toStrictEqual(first)
    rotateRows(first, second)
    expect(store.find(second.project, second.id, taken)).toStrictEqual(second)
    expect(store.find(first.project, first.id, own)).toStrictEqual(first)
    expect(store.find(second.project, second.id, own)).toStrictEqual(second)
  }
  await store.close()
})

test('a row that another token has by now does not bring the removed one back', async () => {
  const [hint, nextHint] = [noHint(), noHint()]
  const [store, other] = [await createSqliteStore(path), await createSqliteStore(path)]
  const token = createStoredToken({ expiresAt: new Date(0) })
  await store.insert([token], {})
  expect(store.find('default', token.id, hint)).toStrictEqual(token)
  await other.purge({ tokensBefore: AT, receiptsBefore: AT, feedBefore: AT })
  const next = createStoredToken({ subject: 'bob' })
  await other.insert([next], {})
  const client = new DatabaseSync(path)
  expect(client.prepare('SELECT rowid AS row FROM hallpass_tokens').all()).toEqual([{ row: 1 }])
  client.close()
  expect(store.find('default', token.id, hint)).toBeNull()
  expect(store.find('default', next.id, nextHint)).toStrictEqual(next)
  // The same id and text again, in another row.
  const again = { ...token, expiresAt: AT, name: 'again' }
  await other.insert([again], {})
  expect(store.find('default', token.id, hint)).toStrictEqual(again)
  expect(store.find('default', next.id, nextHint)).toStrictEqual(next)
  await store.close()
  await other.close()
})

test('tokens are found after others were purged and the file was made smaller', async () => {
  const store = await createSqliteStore(path)
  const tokens = Array.from({ length: 100 }, (_, index) =>
    createStoredToken(index % 3 === 0 ? {} : { expiresAt: new Date(0) }),
  )
  await store.insert(tokens, {})
  const hints = tokens.map(noHint)
  const find = (index: number) => store.find('default', tokens[index]?.id ?? '', hints[index])
  for (const [index, token] of tokens.entries()) expect(find(index)).toStrictEqual(token)
  await store.purge({ tokensBefore: AT, receiptsBefore: AT, feedBefore: AT })
  const client = new DatabaseSync(path)
  client.exec('VACUUM')
  client.close()
  const added = tokens.map(() => createStoredToken())
  await store.insert(added, {})
  for (const [index, token] of tokens.entries()) {
    expect(find(index)).toStrictEqual(index % 3 === 0 ? token : null)
  }
  for (const token of added) expect(store.find('default', token.id)).toStrictEqual(token)
  await store.close()
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
  const hint = noHint()
  for (let round = 0; round < 2; round += 1) {
    expect(store.find('default', token.id, hint)).toStrictEqual(token)
  }
  expect(asked).toEqual(['WHERE project = ? AND id = ?', 'WHERE rowid = ?'])
  client.exec('UPDATE hallpass_tokens SET rowid = 7')
  meanwhile = () => client.exec('UPDATE hallpass_tokens SET rowid = rowid + 1')
  expect(store.find('default', token.id, hint)).toStrictEqual(token)
  meanwhile = () => client.exec('DELETE FROM hallpass_tokens')
  expect(store.find('default', token.id, hint)).toBeNull()
  await store.close()
  client.close()
})

test('STO-107 a driver that knows how to answer lists, and does not, is read as it answers', async () => {
  const client = new DatabaseSync(path)
  const store = await createSqliteStore(wrapDatabase(client, () => ({ raw: () => ({}) })))
  const token = createStoredToken()
  await store.insert([token], {})
  const hint = noHint()
  for (let round = 0; round < 2; round += 1) {
    expect(store.find('default', token.id, hint)).toStrictEqual(token)
  }
  await store.revoke('default', token.id, AT)
  const { entries, cursor, more } = await store.revokedSince(null, 10)
  expect(entries).toMatchObject([{ id: token.id, reason: 'revoked', refusedFrom: AT }])
  expect([cursor, more]).toEqual(['1', false])
  await store.close()
  client.close()
})
