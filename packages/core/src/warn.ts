import { isNativeError } from 'node:util/types'

const WARN_EVERY_MS = 60_000
/** Names and codes of errors are few; this only bounds what a strange driver could do. */
const MOST_WARNINGS = 1000
const warnedAt = new Map<string, number>()

/**
 * Says that work in the background failed, as a process warning: the kind of work and the error's name and code, not its
 * message, since messages of drivers and authorizers may hold secrets. Each at most once a minute: a store that is down
 * fails thousands of times.
 * @param where a constant name of the work; it is never what a caller sent
 */
export function warnOfFailure(where: string, error: unknown): void {
  const warning = `${where} failed (${toErrorName(error)})`
  const now = performance.now()
  if (now - (warnedAt.get(warning) ?? Number.NEGATIVE_INFINITY) < WARN_EVERY_MS) return
  if (warnedAt.size >= MOST_WARNINGS) warnedAt.clear()
  warnedAt.set(warning, now)
  process.emitWarning(warning, 'HallpassWarning')
}

function toErrorName(error: unknown): string {
  if (!isNativeError(error)) return typeof error
  return 'code' in error && typeof error.code === 'string' ? `${error.name} ${error.code}` : error.name
}
