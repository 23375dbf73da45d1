import { monitorEventLoopDelay } from 'node:perf_hooks'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises'
import { createStoredToken } from '@hallpass/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createGroupCommit } from '../src/group-commit.ts'
import { createSqliteStore, type SqliteDatabase, SqliteStoreError } from '../src/index.ts'
import { beforeEachWithPath } from './temporary-folder.ts'
import { wrapDatabase } from './wrapped-database.ts'

let path = ''
beforeEachWithPath((given) => {
  path = given
})
let client: DatabaseSync
/** What was run of BEGIN, COMMIT and so on, in order. */
let log: string[]

beforeEach(() => {
  client = new DatabaseSync(path)
  client.exec('PRAGMA journal_mode = WAL; CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT) STRICT')
  log = []
})
afterEach(() => client.close())

/** The client, with a log of its transactions, and with statements that fail on demand. */
function watch(failing: (sql: string) => boolean = () => false): SqliteDatabase {
  return wrapDatabase(client, (statement, sql) => ({
    run(...values) {
      if (/^(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)/.test(sql)) log.push(sql)
      if (failing(sql)) throw new Error(`${sql} failed`)
      return statement.run(...values)
    },
  }))
}

function addNote(id: number): () => number {
  return () => {
    client.prepare('INSERT INTO notes VALUES (?, ?)').run(id, 'text')
    return id
  }
}

function readNotes(): unknown[] {
  return client
    .prepare('SELECT id FROM notes ORDER BY id')
    .all()
    .map(({ id }) => id)
}

describe('group commit', () => {
  test('the writes of one turn share one transaction, and are answered after COMMIT', async () => {
    const commits = createGroupCommit(watch(), 1000)
    const answered: string[] = []
    const writes = [1, 2, 3].map(async (id) => {
      await commits.write(addNote(id))
      answered.push(log.at(-1) ?? '')
    })
    expect(readNotes()).toEqual([])
    await Promise.all(writes)
    expect(log).toEqual(['BEGIN IMMEDIATE', 'COMMIT'])
    expect(answered).toEqual(['COMMIT', 'COMMIT', 'COMMIT'])
    await commits.write(addNote(4))
    expect(log).toEqual(['BEGIN IMMEDIATE', 'COMMIT', 'BEGIN IMMEDIATE', 'COMMIT'])
    expect(readNotes()).toEqual([1, 2, 3, 4])
  })

  test('what need not be synced is not, unless it shares its transaction; the connection stays synced', async () => {
    const synced = (): boolean => {
      const level = client.prepare('PRAGMA synchronous').get()
      if (level?.synchronous !== 1 && level?.synchronous !== 2) throw new Error('an unexpected level')
      return level.synchronous === 2
    }
    const commits = createGroupCommit(watch(), 1000)
    expect(synced()).toBe(true)
    expect(await commits.write(synced)).toBe(true)
    expect(await commits.writeUnsynced(synced)).toBe(false)
    expect(synced()).toBe(true)
    expect(await Promise.all([commits.writeUnsynced(synced), commits.writeUnsynced(synced)])).toEqual([
      false,
      false,
    ])
    expect(await Promise.all([commits.writeUnsynced(synced), commits.write(synced)])).toEqual([true, true])
    expect(log.filter((sql) => sql === 'COMMIT')).toHaveLength(4)
    const failed = commits.writeUnsynced(() => {
      throw new Error('the count')
    })
    await expect(failed).rejects.toThrow('the count')
    expect(synced()).toBe(true)
    expect(await commits.write(synced)).toBe(true)
  })

  test('a write is refused when the connection cannot be set to sync again', async () => {
    const database = watch()
    let broken = false
    const exec = (sql: string): unknown => {
      if (broken && sql.endsWith('FULL')) throw new Error('the pragma')
      return database.exec(sql)
    }
    const commits = createGroupCommit({ ...database, exec }, 1000)
    broken = true
    await commits.writeUnsynced(addNote(1))
    await expect(commits.write(addNote(2))).rejects.toThrow('the pragma')
    broken = false
    await commits.write(addNote(3))
    expect(readNotes()).toEqual([1, 3])
  })

  test('a write that fails fails alone, and leaves nothing of itself', async () => {
    const commits = createGroupCommit(watch(), 1000)
    const settled = await Promise.allSettled([
      commits.write(addNote(1)),
      commits.write(() => {
        addNote(2)()
        addNote(1)()
      }),
      commits.write(addNote(3)),
      commits.write(() => {
        addNote(4)()
        throw new RangeError('not from SQLite')
      }),
      commits.write(addNote(5)),
    ])
    expect(settled.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ])
    expect(settled[1]).toMatchObject({ reason: { name: 'SqliteStoreError', code: 'failed' } })
    expect(settled[3]).toMatchObject({ reason: { name: 'RangeError', message: 'not from SQLite' } })
    expect(readNotes()).toEqual([1, 3, 5])
  })

  test('STO-40 a COMMIT that fails fails every write of its transaction, and the next one works', async () => {
    let broken = true
    const commits = createGroupCommit(
      watch((sql) => sql === 'COMMIT' && broken),
      1000,
    )
    const settled = await Promise.allSettled([commits.write(addNote(1)), commits.write(addNote(2))])
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(readNotes()).toEqual([])
    broken = false
    expect(await commits.write(addNote(3))).toBe(3)
    expect(readNotes()).toEqual([3])
  })

  test('STO-41 a write whose failure takes the whole transaction away fails alone', async () => {
    const commits = createGroupCommit(watch(), 1000)
    const settled = await Promise.allSettled([
      commits.write(addNote(1)),
      commits.write(() => {
        client.exec('ROLLBACK')
        throw new Error('as after an I/O error')
      }),
      commits.write(addNote(2)),
    ])
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(settled[1]).toMatchObject({ reason: { message: 'as after an I/O error' } })
    expect(readNotes()).toEqual([1, 2])
    expect(log.at(-1)).toBe('COMMIT')
  })

  test('a transaction is not made longer than 2 ms by what waits behind it', async () => {
    const commits = createGroupCommit(watch(), 1000)
    const slow = (id: number) => () => {
      const until = performance.now() + 3
      while (performance.now() < until);
      return addNote(id)()
    }
    expect(await Promise.all([1, 2, 3].map((id) => commits.write(slow(id))))).toEqual([1, 2, 3])
    expect(log.filter((sql) => sql === 'COMMIT')).toHaveLength(3)
  })

  test('a write that follows an answer sees what was answered', async () => {
    const commits = createGroupCommit(watch(), 1000)
    for (let id = 1; id <= 5; id += 1) {
      await commits.write(addNote(id))
      expect(readNotes()).toHaveLength(id)
    }
  })

  test('close waits for what was accepted and refuses what comes later', async () => {
    const commits = createGroupCommit(watch(), 1000)
    const pending = commits.write(addNote(1))
    await commits.close()
    expect(readNotes()).toEqual([1])
    expect(await pending).toBe(1)
    await expect(commits.write(addNote(2))).rejects.toMatchObject({ code: 'closed' })
    await commits.close()
  })
})

describe('a write lock that another connection holds', () => {
  let other: DatabaseSync
  beforeEach(() => {
    other = new DatabaseSync(path)
  })
  afterEach(() => other.close())

  test('STO-42 is waited for outside the event loop, and the write goes through when it is free', async () => {
    const store = await createSqliteStore(path)
    other.exec('BEGIN IMMEDIATE')
    const delays = monitorEventLoopDelay({ resolution: 1 })
    delays.enable()
    const token = createStoredToken()
    let answered = false
    const pending = Promise.resolve(store.insert([token], {})).finally(() => {
      answered = true
    })
    let ticks = 0
    for (const until = performance.now() + 300; performance.now() < until; ticks += 1) {
      await delay(1)
      // Reads do not wait for it either.
      expect(store.find('default', token.id)).toBeNull()
    }
    delays.disable()
    expect(answered).toBe(false)
    expect(ticks).toBeGreaterThan(50)
    expect(delays.percentile(50) / 1e6).toBeLessThan(20)
    other.exec('COMMIT')
    expect(await pending).toEqual({ outcome: 'inserted' })
    await store.close()
  })

  test('STO-43 fails the write after the bound, with nothing written, and the store goes on', async () => {
    const store = await createSqliteStore(path, { busyTimeoutMs: 60 })
    other.exec('BEGIN IMMEDIATE')
    const [early, late] = [createStoredToken(), createStoredToken()]
    const started = performance.now()
    const failing = Promise.resolve(store.insert([early], {}))
    await expect(failing).rejects.toThrow(SqliteStoreError)
    await expect(failing).rejects.toMatchObject({ code: 'busy' })
    expect(performance.now() - started).toBeGreaterThanOrEqual(55)
    expect(store.find('default', early.id)).toBeNull()
    const next = store.insert([late], {})
    other.exec('COMMIT')
    expect(await next).toEqual({ outcome: 'inserted' })
    expect(store.find('default', early.id)).toBeNull()
    await store.close()
  })

  test('a bound of 0 is one attempt', async () => {
    const store = await createSqliteStore(path, { busyTimeoutMs: 0 })
    other.exec('BEGIN IMMEDIATE')
    await expect(store.insert([createStoredToken()], {})).rejects.toMatchObject({ code: 'busy' })
    other.exec('COMMIT')
    await store.close()
  })

  test('close waits for a write that waits', async () => {
    const store = await createSqliteStore(path)
    other.exec('BEGIN IMMEDIATE')
    const pending = store.insert([createStoredToken()], {})
    const closed = store.close()
    await turn()
    other.exec('COMMIT')
    expect(await pending).toEqual({ outcome: 'inserted' })
    await closed
  })

  test('a file that another process has for itself is waited for by reads too', async () => {
    const store = await createSqliteStore(path, { busyTimeoutMs: 1000 })
    const token = createStoredToken()
    await store.insert([token], {})
    await store.close()
    const reader = new DatabaseSync(path)
    const reading = await createSqliteStore(reader, { busyTimeoutMs: 1000 })
    const busy = Object.assign(new Error('database is locked'), { code: 'ERR_SQLITE_ERROR', errcode: 261 })
    let failures = 3
    const watched = wrapDatabase(reader, (statement, sql) => ({
      get: (...values) => {
        if (sql.endsWith('WHERE project = ? AND id = ?') && failures > 0) {
          failures -= 1
          throw busy
        }
        return statement.get(...values)
      },
    }))
    await reading.close()
    const recovering = await createSqliteStore(watched, { busyTimeoutMs: 1000 })
    const answer = recovering.find('default', token.id)
    expect(answer).toBeInstanceOf(Promise)
    expect(await answer).toStrictEqual(token)
    expect(recovering.find('default', token.id)).toStrictEqual(token)
    await recovering.close()
    reader.close()
  })
})

describe('a disk that fails', () => {
  test('STO-44 a full disk fails the write with a code and no value, and what was answered stays', async () => {
    const store = await createSqliteStore(client)
    const kept = createStoredToken()
    await store.insert([kept], {})
    const { page_count: pages } = client.prepare('PRAGMA page_count').get() as { page_count: number }
    client.exec(`PRAGMA max_page_count = ${pages}`)
    const big = createStoredToken({ subject: 'secret-subject', claims: { note: 'x'.repeat(100_000) } })
    const error = await Promise.resolve(store.insert([big], {})).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ name: 'SqliteStoreError', code: 'failed' })
    expect(String(error)).toContain('database or disk is full')
    expect(String(error)).not.toContain('secret-subject')
    expect(await store.find('default', big.id)).toBeNull()
    client.exec(`PRAGMA max_page_count = ${pages + 1000}`)
    expect(await store.insert([big], {})).toEqual({ outcome: 'inserted' })
    expect(await store.find('default', kept.id)).toStrictEqual(kept)
    await store.close()
  })

  test('STO-45 a connection that was closed under the store fails, and never answers null', async () => {
    const own = new DatabaseSync(path)
    const store = await createSqliteStore(own)
    own.close()
    expect(() => store.find('default', 'x')).toThrow()
    expect(() => store.revokedSince(null, 1)).toThrow()
    await expect(store.revoke('default', 'x', new Date())).rejects.toThrow()
  })

  test('STO-46 a closed store refuses', async () => {
    const store = await createSqliteStore(path)
    await store.close()
    expect(() => store.find('default', 'x')).toThrow(SqliteStoreError)
    expect(() => store.list({ project: 'default' }, null, 1)).toThrow(/closed/)
    await expect(store.insert([createStoredToken()], {})).rejects.toMatchObject({ code: 'closed' })
    await expect(store.revokeAll('default', null, new Date())).rejects.toMatchObject({ code: 'closed' })
  })
})
