import { BodyError, type Handler, type HttpResponse } from '@hallpass/http'

/** More than this is refused by the inspecting handler. */
export const INSPECT_LIMIT_BYTES = 2048

const TIMEOUT_MS = 5000

/** A handler that answers with what it was handed over, and remembers how reading each body ended. */
export interface InspectHandler {
  readonly handler: Handler
  /**
   * `read` or the code of a BodyError, for the request that carries `x-mark: <mark>`; waits for it, and gives up with
   * `nothing` after five seconds.
   */
  outcome(mark: string): Promise<string>
}

export function createInspectHandler(): InspectHandler {
  const outcomes = new Map<string, Deferred<string>>()
  const outcomeOf = (mark: string): Deferred<string> => {
    const known = outcomes.get(mark) ?? createDeferred()
    outcomes.set(mark, known)
    return known
  }
  return {
    outcome(mark) {
      const { promise, resolve } = outcomeOf(mark)
      const timer = setTimeout(resolve, TIMEOUT_MS, 'nothing')
      return promise.finally(() => clearTimeout(timer))
    },
    async handler(request) {
      const settle = outcomeOf(request.headers.get('x-mark')?.[0] ?? '').resolve
      try {
        const body = await request.body(INSPECT_LIMIT_BYTES)
        settle('read')
        const text = body instanceof Uint8Array ? Buffer.from(body).toString() : JSON.stringify(body.parsed)
        const { method, target, originalTarget, headers } = request
        return toJson(200, {
          method,
          target,
          originalTarget,
          body: text,
          twice: headers.get('x-twice') ?? [],
        })
      } catch (error) {
        if (!(error instanceof BodyError)) throw error
        settle(error.code)
        return toJson(error.code === 'body_too_large' ? 413 : 400, {
          error: error.code,
          message: error.message,
        })
      }
    },
  }
}

interface Deferred<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
}

function createDeferred(): Deferred<string> {
  let resolve: (value: string) => void = () => {}
  const promise = new Promise<string>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

function toJson(status: number, value: unknown): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(value),
  }
}
