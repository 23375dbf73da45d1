import { isNativeError } from 'node:util/types'
/** Told of a fault inside, and where it happened. */
export type ReportError = (error: unknown, where: string) => void

/**
 * The application's way to learn of faults, made safe; without one, a process warning that holds the error's name
 * and code only, since messages of drivers and authorizers may hold secrets.
 */
export function createReportError(onError: ReportError | undefined): ReportError {
  return (error, where) => {
    try {
      if (onError !== undefined) onError(error, where)
      else process.emitWarning(`${where} failed (${toErrorName(error)})`, 'HallpassWarning')
    } catch {
      // A broken onError has nobody left to tell.
    }
  }
}

function toErrorName(error: unknown): string {
  if (!isNativeError(error)) return typeof error
  return 'code' in error && typeof error.code === 'string' ? `${error.name} ${error.code}` : error.name
}
