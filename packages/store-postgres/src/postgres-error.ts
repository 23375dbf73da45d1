import { isNativeError } from 'node:util/types'
import { ConfigurationError } from '@hallpass/core'

/** The database did not do what it was asked. Holds no value of a statement. */
export class PostgresStoreError extends Error {
  override readonly name = 'PostgresStoreError'
  /** `closed`: the store was closed. `failed`: all else. */
  readonly code: 'closed' | 'failed'
  /** The server's five-character code (`53300` = too many connections); null where no server answered. */
  readonly sqlState: string | null
  /** Name of the constraint or unique index that refused; null = none did. */
  readonly constraint: string | null

  constructor(
    code: PostgresStoreError['code'],
    message: string,
    server: { readonly sqlState: string; readonly constraint: string | null } | null = null,
  ) {
    super(message)
    this.code = code
    this.sqlState = server?.sqlState ?? null
    this.constraint = server?.constraint ?? null
  }
}

/** Two transactions were in each other's way: the server undid one, and the same may succeed a moment later. */
const CONFLICTS: ReadonlySet<string> = new Set(['40001', '40P01'])
/** Classes of errors whose message may quote a value: data exceptions and violated constraints. */
const QUOTING = /^2[23]/

/** An error that the server answered, as `pg` hands it on. */
interface ServerError extends Error {
  readonly code: string
  readonly severity: string
  readonly constraint?: string
}

function isServerError(error: unknown): error is ServerError {
  if (!isNativeError(error) || !('code' in error) || !('severity' in error)) return false
  return typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code)
}

/** Whether the connection can be used on after this error: the server has answered and goes on. */
export function isConnectionUsable(error: unknown): boolean {
  return isServerError(error) && error.severity === 'ERROR'
}

export function isConflict(error: unknown): boolean {
  return isServerError(error) && CONFLICTS.has(error.code)
}

/** Whether this unique index refused the statement. */
export function isViolationOf(error: unknown, index: string): boolean {
  return error instanceof PostgresStoreError && error.constraint === index
}

/** What callers of the store get to see. The driver's own error quotes rows in its details, so it is not kept. */
export function toStoreError(error: unknown): PostgresStoreError | ConfigurationError {
  if (error instanceof PostgresStoreError || error instanceof ConfigurationError) return error
  if (!isServerError(error))
    return new PostgresStoreError('failed', `the database failed: ${toReason(error)}`)
  const { code: sqlState, constraint = null } = error
  const what = QUOTING.test(sqlState) ? (constraint ?? 'a value was refused') : error.message
  return new PostgresStoreError('failed', `the database failed (SQLSTATE ${sqlState}): ${what}`, {
    sqlState,
    constraint,
  })
}

/** Why a connection could not be made, or broke. */
function toReason(error: unknown): string {
  if (!isNativeError(error)) return 'no reason given'
  // Of several addresses that were tried, Node's error has a code and no message.
  if (error.message !== '') return error.message
  return 'code' in error ? String(error.code) : error.name
}
