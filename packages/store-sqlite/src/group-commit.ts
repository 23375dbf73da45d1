import { toPauseMs } from './busy-retry.ts'
import type { SqliteDatabase } from './sqlite-database.ts'
import { isBusy, SqliteStoreError, toStoreError } from './sqlite-error.ts'

/** Runs mutations so that those of one event-loop turn share a transaction. */
export interface GroupCommit {
  /**
   * What `work` answers, once it is committed. `work` runs under the write lock, after the current turn; it may run
   * twice (the first time rolled back), so it must do nothing but call the database.
   * @throws SqliteStoreError `busy` when the lock was not free in time, `failed`, `closed`
   */
  write<T>(work: () => T): Promise<T>
  /**
   * The same for counts that a machine without power may lose again, the last seconds of them: alone in a transaction
   * they do not wait for the disk, which would hold up the event loop. What a `write` commits after them takes them along.
   */
  writeUnsynced<T>(work: () => T): Promise<T>
  /** Refuses what comes later, and waits for what was accepted. */
  close(): Promise<void>
}

interface Job {
  readonly work: () => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
  readonly deadline: number
  readonly synced: boolean
  /** A transaction with it failed: it gets a savepoint of its own. */
  isolated: boolean
}

type Outcome = { readonly job: Job } & ({ readonly value: unknown } | { readonly error: unknown })

/** A transaction takes no new job after this long, so that neither lock nor event loop is held. */
const LONGEST_BATCH_MS = 2

export function createGroupCommit(database: SqliteDatabase, busyTimeoutMs: number): GroupCommit {
  const begin = database.prepare('BEGIN IMMEDIATE')
  const commit = database.prepare('COMMIT')
  const rollback = database.prepare('ROLLBACK')
  const savepoint = database.prepare('SAVEPOINT hallpass_job')
  const rollbackToSavepoint = database.prepare('ROLLBACK TO hallpass_job')
  const releaseSavepoint = database.prepare('RELEASE hallpass_job')

  let queue: Job[] = []
  let scheduled = false
  let closed = false
  let attempt = 0
  let synced = true
  const idle: (() => void)[] = []

  function schedule(): void {
    if (scheduled) return
    scheduled = true
    // The end of the turn: everything this turn asks for is in the queue by then.
    setImmediate(flush)
  }

  function flush(): void {
    scheduled = false
    if (takeLock()) {
      const outcomes = runBatch()
      if (outcomes !== null) settle(outcomes)
    }
    restoreSynced()
    if (scheduled) return
    if (queue.length > 0) schedule()
    else for (const resolve of idle.splice(0)) resolve()
  }

  /** @returns false when another connection has it; then the next attempt is on its way */
  function takeLock(): boolean {
    try {
      setSynced(queue.some((job) => job.synced))
      begin.run()
      attempt = 0
      return true
    } catch (error) {
      const failure = toStoreError(error)
      const now = performance.now()
      const lost = isBusy(error) ? queue.filter(({ deadline }) => deadline <= now) : queue
      queue = lost === queue ? [] : queue.filter(({ deadline }) => deadline > now)
      for (const job of lost) job.reject(failure)
      if (queue.length > 0) {
        attempt += 1
        scheduled = true
        setTimeout(flush, toPauseMs(attempt))
      }
      return false
    }
  }

  /** Not possible inside a transaction. The log stays whole either way: one that is not synced is cut off at its end. */
  function setSynced(asked: boolean): void {
    if (asked === synced) return
    database.exec(`PRAGMA synchronous = ${asked ? 'FULL' : 'NORMAL'}`)
    synced = asked
  }

  /** At once: the connection may be the application's, which writes tables of its own with it. */
  function restoreSynced(): void {
    try {
      setSynced(true)
    } catch {
      // The next batch tries again, and is refused when it cannot.
    }
  }

  /** @returns null when nothing was committed and the jobs are to run again, each on its own savepoint */
  function runBatch(): Outcome[] | null {
    const outcomes: Outcome[] = []
    const started = performance.now()
    try {
      for (const job of queue) {
        outcomes.push(job.isolated ? runIsolated(job) : { job, value: job.work() })
        if (performance.now() - started >= LONGEST_BATCH_MS) break
      }
    } catch (error) {
      abandon()
      const before = queue.slice(0, outcomes.length)
      const failing = queue[outcomes.length]
      for (const job of before) job.isolated = true
      if (failing?.isolated) {
        // On its own savepoint, and yet it took the transaction away: the others try again without it.
        queue = [...before, ...queue.slice(outcomes.length + 1)]
        failing.reject(toStoreError(error))
      } else if (failing !== undefined) failing.isolated = true
      return null
    }
    try {
      commit.run()
      return outcomes
    } catch (error) {
      abandon()
      const failure = toStoreError(error)
      return outcomes.map(({ job }) => ({ job, error: failure }))
    }
  }

  /** @throws whatever took the whole transaction away, as a full disk may */
  function runIsolated(job: Job): Outcome {
    savepoint.run()
    try {
      const value = job.work()
      releaseSavepoint.run()
      return { job, value }
    } catch (error) {
      try {
        rollbackToSavepoint.run()
        releaseSavepoint.run()
      } catch {
        throw error
      }
      return { job, error: toStoreError(error) }
    }
  }

  function abandon(): void {
    try {
      rollback.run()
    } catch {
      // Some failures end the transaction by themselves; then there is nothing to roll back.
    }
  }

  function settle(outcomes: readonly Outcome[]): void {
    queue = queue.slice(outcomes.length)
    for (const outcome of outcomes) {
      if ('error' in outcome) outcome.job.reject(outcome.error)
      else outcome.job.resolve(outcome.value)
    }
  }

  function add<T>(work: () => T, jobSynced: boolean): Promise<T> {
    if (closed) return Promise.reject(new SqliteStoreError('closed', 'the store is closed'))
    return new Promise<T>((resolve, reject) => {
      queue.push({
        work,
        resolve: (value) => resolve(value as T),
        reject,
        deadline: performance.now() + busyTimeoutMs,
        synced: jobSynced,
        isolated: false,
      })
      schedule()
    })
  }

  return {
    write: (work) => add(work, true),
    writeUnsynced: (work) => add(work, false),

    close() {
      closed = true
      if (queue.length === 0) return Promise.resolve()
      return new Promise((resolve) => idle.push(resolve))
    },
  }
}
