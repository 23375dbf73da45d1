import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { ConfigurationError } from '@hallpass/core'
import { createStoredToken } from '@hallpass/testing'
import Database from 'better-sqlite3'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { createSqliteStore, type SqliteDatabase } from '../src/index.ts'
import { beforeEachWithPath } from './temporary-folder.ts'

let path = ''
beforeEachWithPath((given) => {
  path = given
})

async function refusalOf(opening: Promise<unknown>): Promise<ConfigurationError> {
  const error = await opening.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof ConfigurationError))
    throw new Error('a ConfigurationError was expected', { cause: error })
  return error
}

describe('what is opened', () => {
  test('both libraries fit the structural type', () => {
    expectTypeOf<DatabaseSync>().toExtend<SqliteDatabase>()
    expectTypeOf<Database.Database>().toExtend<SqliteDatabase>()
  })

  test('a path and its file: URL are the same database', async () => {
    const byPath = await createSqliteStore(path)
    const byUrl = await createSqliteStore(pathToFileURL(path))
    const byText = await createSqliteStore(pathToFileURL(path).href)
    const token = createStoredToken()
    await byPath.insert([token], {})
    expect(await byUrl.find('default', token.id)).toStrictEqual(token)
    expect(await byText.find('default', token.id)).toStrictEqual(token)
    expect(byPath.persistent).toBe(true)
    for (const store of [byPath, byUrl, byText]) await store.close()
  })

  test('a store that is closed and opened again has everything', async () => {
    const token = createStoredToken({ claims: { plan: 'gold' } })
    const before = await createSqliteStore(path)
    await before.insert([token], {})
    await before.close()
    const after = await createSqliteStore(path)
    expect(await after.find('default', token.id)).toStrictEqual(token)
    await after.close()
  })

  describe('STO-109 a file that one store has for itself', () => {
    const busy = { name: 'SqliteStoreError', code: 'busy' }

    test('is opened by nobody else, and by the next one when it is closed', async () => {
      const token = createStoredToken()
      const first = await createSqliteStore(path, { exclusive: true })
      await first.insert([token], {})
      await expect(createSqliteStore(path, { busyTimeoutMs: 20 })).rejects.toMatchObject(busy)
      await expect(createSqliteStore(path, { busyTimeoutMs: 20, exclusive: true })).rejects.toMatchObject(
        busy,
      )
      expect(await first.find('default', token.id)).toStrictEqual(token)
      const waiting = createSqliteStore(path, { busyTimeoutMs: 5000 })
      await first.close()
      const next = await waiting
      expect(await next.find('default', token.id)).toStrictEqual(token)
      await next.close()
    })

    test('is not taken from others who have it open', async () => {
      const shared = await createSqliteStore(path)
      await expect(createSqliteStore(path, { busyTimeoutMs: 20, exclusive: true })).rejects.toMatchObject(
        busy,
      )
      const token = createStoredToken()
      await shared.insert([token], {})
      expect(await shared.find('default', token.id)).toStrictEqual(token)
      await shared.close()
    })

    test.each([
      ['node:sqlite', () => new DatabaseSync(path)],
      ['better-sqlite3', () => new Database(path)],
    ] as const)(
      'is held by a connection of %s that had it open before, until that is closed',
      async (_name, connect) => {
        // By the same library: a process's locks do not hold against another copy of SQLite in it.
        const openOther = async () => {
          const other = connect()
          try {
            return await createSqliteStore(other, { busyTimeoutMs: 20 })
          } finally {
            other.close()
          }
        }
        await openOther()
        const client = connect()
        client.prepare('SELECT COUNT(*) FROM hallpass_tokens').get()
        const store = await createSqliteStore(client, { exclusive: true })
        await expect(openOther()).rejects.toMatchObject(busy)
        await store.close()
        await expect(openOther()).rejects.toMatchObject(busy)
        client.close()
        await openOther()
      },
    )

    test('needs no memory that processes share', async () => {
      const store = await createSqliteStore(path, { exclusive: true })
      await store.insert([createStoredToken()], {})
      expect(readdirSync(dirname(path)).toSorted()).toEqual(['tokens.db', 'tokens.db-wal'])
      await store.close()
      expect(readdirSync(dirname(path))).toEqual(['tokens.db'])
    })
  })

  test('the connection is in WAL mode, syncs every commit and never waits inside SQLite', async () => {
    for (const client of [new DatabaseSync(path, { timeout: 5000 }), new Database(path, { timeout: 5000 })]) {
      const database: SqliteDatabase = client
      const store = await createSqliteStore(database)
      expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
      expect(database.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 })
      expect(database.prepare('PRAGMA busy_timeout').get()).toEqual({ timeout: 0 })
      await store.close()
      client.close()
    }
  })

  test('STO-108 no folder for temporary files is needed, and temporary tables of the application stay', async () => {
    const plain = new DatabaseSync(path)
    await (await createSqliteStore(plain)).close()
    expect(plain.prepare('PRAGMA temp_store').get()).toEqual({ temp_store: 2 })
    plain.close()
    const client = new DatabaseSync(path)
    client.exec('CREATE TEMP TABLE mine (id INTEGER); INSERT INTO mine VALUES (7)')
    await (await createSqliteStore(client)).close()
    expect(client.prepare('SELECT id FROM mine').all()).toEqual([{ id: 7 }])
    client.close()
  })

  test('a connection that was passed in stays open, one of our own is closed', async () => {
    const client = new DatabaseSync(path)
    const store = await createSqliteStore(client)
    await store.close()
    expect(client.isOpen).toBe(true)
    client.close()
    const own = await createSqliteStore(path)
    await own.close()
    // The last connection that closes takes the WAL with it.
    expect(() => statSync(`${path}-wal`)).toThrow(/ENOENT/)
  })

  test('an application may keep its own tables in the file', async () => {
    const client = new DatabaseSync(path)
    client.exec("CREATE TABLE tokens (id TEXT); INSERT INTO tokens VALUES ('mine')")
    const store = await createSqliteStore(client)
    await store.insert([createStoredToken()], {})
    expect(client.prepare('SELECT id FROM tokens').all()).toEqual([{ id: 'mine' }])
    await store.close()
    client.close()
  })

  test('STO-27 the files are for their owner alone, under any umask', async () => {
    const umask = process.umask(0)
    try {
      const store = await createSqliteStore(path)
      await store.insert([createStoredToken()], {})
      for (const file of [path, `${path}-wal`, `${path}-shm`]) expect(statSync(file).mode & 0o777).toBe(0o600)
      await store.close()
    } finally {
      process.umask(umask)
    }
  })

  test('the mode of a file that is there already is left as it is', async () => {
    writeFileSync(path, '')
    chmodSync(path, 0o640)
    const store = await createSqliteStore(path)
    expect(statSync(path).mode & 0o777).toBe(0o640)
    await store.close()
  })
})

describe('what is refused', () => {
  test('STO-30 a database in memory, however it is written', async () => {
    for (const source of [':memory:', '']) {
      expect((await refusalOf(createSqliteStore(source))).message).toContain('createMemoryStore')
    }
    for (const client of [new DatabaseSync(':memory:'), new Database(':memory:')]) {
      expect((await refusalOf(createSqliteStore(client))).message).toContain('createMemoryStore')
      client.close()
    }
  })

  test('STO-31 a URL that is no plain file', async () => {
    for (const source of [
      'file:tokens.db?mode=memory',
      `${pathToFileURL(path).href}?vfs=unix-none`,
      `${pathToFileURL(path).href}#x`,
      new URL('https://example.com/tokens.db'),
    ]) {
      expect((await refusalOf(createSqliteStore(source))).message).toContain('must be a file')
    }
  })

  test('STO-32 a folder that is not there, without telling its name', async () => {
    const error = await refusalOf(createSqliteStore(join(dirname(path), 'secret-name', 'tokens.db')))
    expect(error.message).toContain('ENOENT')
    expect(error.message).not.toContain('secret-name')
  })

  test('STO-33 a file that is something else stays as it is', async () => {
    const content = `${'not a database '.repeat(100)}\n`
    writeFileSync(path, content)
    expect((await refusalOf(createSqliteStore(path))).message).toContain('not a SQLite database')
    expect(readFileSync(path, 'utf8')).toBe(content)
    expect((await refusalOf(createSqliteStore(new DatabaseSync(path)))).message).toContain(
      'not a SQLite database',
    )
    expect((await refusalOf(createSqliteStore(new Database(path)))).message).toContain(
      'not a SQLite database',
    )
  })

  test('a folder in the place of the file', async () => {
    mkdirSync(path)
    await expect(createSqliteStore(path)).rejects.toThrow(/cannot be opened/)
  })

  test('STO-34 a file system that cannot hold a WAL', async () => {
    const client = new DatabaseSync(path)
    // The answer of SQLite on a file system without shared memory: the mode stays what it was.
    const withoutWal: SqliteDatabase = {
      exec: (sql) => client.exec(sql),
      prepare: (sql) =>
        client.prepare(sql === 'PRAGMA journal_mode = WAL' ? 'PRAGMA journal_mode = DELETE' : sql),
    }
    const error = await refusalOf(createSqliteStore(withoutWal))
    expect(error.message).toMatch(/journal mode delete.*network file systems/)
    client.close()
  })

  test('STO-35 a connection whose integers are bigints or whose rows are lists', async () => {
    const bigints = new DatabaseSync(path, { readBigInts: true })
    const lists = new DatabaseSync(path, { returnArrays: true })
    const safeIntegers = new Database(path)
    safeIntegers.defaultSafeIntegers()
    for (const client of [bigints, lists, safeIntegers]) {
      expect((await refusalOf(createSqliteStore(client))).message).toContain('its defaults')
      client.close()
    }
  })

  test('a file whose index was taken away; it does not stay locked', async () => {
    await (await createSqliteStore(path)).close()
    const database = new DatabaseSync(path)
    database.exec('DROP INDEX hallpass_tokens_by_held_name')
    database.close()
    await expect(createSqliteStore(path, { exclusive: true })).rejects.toThrow(/no such index/)
    const again = new DatabaseSync(path)
    again.exec('CREATE TABLE mine (id)')
    again.close()
  })

  test.each([undefined, null, 7, Promise.resolve(null)])(
    '%s in the place of the database',
    async (source) => {
      const error = await refusalOf(createSqliteStore(source as unknown as string))
      expect(error.message).toContain('the database is a path')
    },
  )

  test('an option that is not known', async () => {
    const options: object = { busyTimeout: 5 }
    expect((await refusalOf(createSqliteStore(path, options))).message).toContain('no option `busyTimeout`')
  })

  test('a bound that is no bound', async () => {
    for (const busyTimeoutMs of [-1, 0.5, Number.NaN, 60_001, Number.POSITIVE_INFINITY]) {
      expect((await refusalOf(createSqliteStore(path, { busyTimeoutMs }))).message).toContain('busyTimeoutMs')
    }
    const exclusive = 'yes' as unknown as boolean
    expect((await refusalOf(createSqliteStore(path, { exclusive }))).message).toContain('exclusive')
  })
})
