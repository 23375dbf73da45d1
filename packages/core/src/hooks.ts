import { isPromise } from './awaitable.ts'
import type { TokenHooks } from './token-service.ts'
import { warnOfFailure } from './warn.ts'

/** The application's hooks, made safe: one that throws or rejects never breaks a request. */
export interface SafeHooks {
  readonly onIssue: NonNullable<TokenHooks['onIssue']> | null
  readonly onDeny: NonNullable<TokenHooks['onDeny']> | null
  readonly onRevoke: NonNullable<TokenHooks['onRevoke']> | null
  readonly onLowCredits: NonNullable<TokenHooks['onLowCredits']> | null
  /** Work in the background failed. Never throws. */
  onError(error: unknown, where: string): void
}

/** Reads the hooks once; they are called as methods of the object they came from, which may be an instance. */
export function createSafeHooks(hooks: TokenHooks): SafeHooks {
  const given: ((error: unknown, where: string) => unknown) | undefined = hooks.onError
  const onError = (error: unknown, where: string): void => {
    try {
      if (given === undefined) {
        warnOfFailure(where, error)
        return
      }
      const result = Reflect.apply(given, hooks, [error, where])
      if (isPromise(result)) result.then(undefined, () => {})
    } catch {
      // A broken onError has nobody left to tell.
    }
  }
  const safe = <A extends readonly unknown[]>(
    name: string,
    hook: ((...args: A) => unknown) | undefined,
  ): ((...args: A) => void) | null => {
    if (hook === undefined) return null
    return (...args) => {
      try {
        const result = Reflect.apply(hook, hooks, args)
        if (isPromise(result)) result.then(undefined, (error: unknown) => onError(error, name))
      } catch (error) {
        onError(error, name)
      }
    }
  }
  return {
    onIssue: safe('onIssue', hooks.onIssue),
    onDeny: safe('onDeny', hooks.onDeny),
    onRevoke: safe('onRevoke', hooks.onRevoke),
    onLowCredits: safe('onLowCredits', hooks.onLowCredits),
    onError,
  }
}
