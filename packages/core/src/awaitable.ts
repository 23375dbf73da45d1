import type { Awaitable } from './token.ts'

/** Whether a value has to be waited for. By shape, since a promise may come from another realm (Jest). */
export function isPromise<T>(value: Awaitable<T>): value is Promise<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
