import { warnOfFailure } from '@hallpass/core'

/** Told of a fault inside, and where it happened. */
export type ReportError = (error: unknown, where: string) => void

/** The application's way to learn of faults, made safe; without one, a process warning without the error's message. */
export function createReportError(
  onError: ReportError = (error, where) => warnOfFailure(where, error),
): ReportError {
  return (error, where) => {
    try {
      onError(error, where)
    } catch {
      // A broken onError has nobody left to tell.
    }
  }
}
