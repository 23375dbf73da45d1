import { isNativeError } from 'node:util/types'
/** The database did not do what it was asked. Holds SQLite's code and no value of a statement. */
export class SqliteStoreError extends Error {
  override readonly name = 'SqliteStoreError'
  /** `busy`: others held the write lock for too long. `closed`: the store was closed. `failed`: all else. */
  readonly code: 'busy' | 'closed' | 'failed'

  constructor(code: SqliteStoreError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

const SQLITE_BUSY = 5
const SQLITE_LOCKED = 6
const SQLITE_NOTADB = 26

/** SQLite's primary result code, from either library's error; null = the error is not SQLite's. */
function toResultCode(error: unknown): { readonly number: number | null; readonly text: string } | null {
  if (!isNativeError(error)) return null
  // node:sqlite says { code: 'ERR_SQLITE_ERROR', errcode: 261 }, better-sqlite3 { code: 'SQLITE_BUSY_RECOVERY' }.
  if ('errcode' in error && typeof error.errcode === 'number') {
    const meaning = 'errstr' in error && typeof error.errstr === 'string' ? error.errstr : 'error'
    return { number: error.errcode & 0xff, text: `${meaning} (SQLite result ${error.errcode})` }
  }
  if ('code' in error && typeof error.code === 'string' && error.code.startsWith('SQLITE_')) {
    return { number: null, text: error.code }
  }
  return null
}

/** Whether another connection was in the way, so that the same may succeed a moment later. */
export function isBusy(error: unknown): boolean {
  const code = toResultCode(error)
  if (code === null) return false
  return (
    code.number === SQLITE_BUSY || code.number === SQLITE_LOCKED || /^SQLITE_(BUSY|LOCKED)/.test(code.text)
  )
}

/** Whether the file is something else than a database. */
export function isNotDatabase(error: unknown): boolean {
  const code = toResultCode(error)
  return code !== null && (code.number === SQLITE_NOTADB || code.text.startsWith('SQLITE_NOTADB'))
}

/** What callers of the store get to see: SQLite's own errors under one name, all others as they are. */
export function toStoreError(error: unknown): unknown {
  const code = toResultCode(error)
  if (code === null) return error
  if (isBusy(error)) {
    return new SqliteStoreError('busy', 'the database stayed locked by another connection', { cause: error })
  }
  return new SqliteStoreError('failed', `the database failed: ${code.text}`, { cause: error })
}
