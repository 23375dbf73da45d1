import { isPromise, warnOfFailure } from '@hallpass/core'

/** Told of a fault inside, and where it happened. */
export type ReportError = (error: unknown, where: string) => void

/**
 * The application's way to learn of faults, made safe: one that throws or rejects never breaks a request. Without one,
 * a process warning without the error's message.
 */
export function createReportError(
  onError: ReportError = (error, where) => warnOfFailure(where, error),
): ReportError {
  const given: (error: unknown, where: string) => unknown = onError
  return (error, where) => {
    try {
      const result = given(error, where)
      if (isPromise(result)) result.then(undefined, () => {})
    } catch {
      // A broken onError has nobody left to tell.
    }
  }
}
