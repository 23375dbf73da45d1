import { isPromise } from './awaitable.ts'
import { TokenRequestError } from './request-error.ts'
import type { Awaitable } from './token.ts'

/**
 * Bounds every wait for the store, and turns its failures into one error of ours: nothing else may be done inside.
 * @returns the answer of the store, at once where the store answers at once
 * @throws TokenRequestError `store_unavailable` when it fails or takes too long
 */
export type StoreCall = <T>(call: () => Awaitable<T>) => Awaitable<T>

/**
 * @param timeoutMs how long an answer may take; null = as long as it takes
 * @param onError told of every failure; the caller's error says nothing of it
 */
export function createStoreCall(timeoutMs: number | null, onError: (error: unknown) => void): StoreCall {
  const unavailable = (error: unknown): TokenRequestError => {
    onError(error)
    return new TokenRequestError('store_unavailable', 'the token store does not answer; try again later')
  }
  return <T>(call: () => Awaitable<T>): Awaitable<T> => {
    let answer: Awaitable<T>
    try {
      answer = call()
    } catch (error) {
      throw unavailable(error)
    }
    if (!isPromise(answer)) return answer
    return new Promise<T>((resolve, reject) => {
      const giveUp = (): void => reject(unavailable(new Error('the store did not answer in time')))
      const timer = timeoutMs === null ? undefined : setTimeout(giveUp, timeoutMs)
      answer.then(
        (value) => {
          clearTimeout(timer)
          resolve(value)
        },
        (error: unknown) => {
          clearTimeout(timer)
          reject(unavailable(error))
        },
      )
    })
  }
}
