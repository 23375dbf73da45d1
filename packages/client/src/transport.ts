import { toHallpassError } from './error-answer.ts'
import type { Fetch, FetchResponse } from './fetch.ts'
import { HallpassError } from './hallpass-error.ts'

/** One call of the API. */
export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly url: string
  /** Sent as JSON; undefined = no body. */
  readonly body?: unknown
  readonly idempotencyKey?: string
  /** Whether sending it twice does the same as sending it once. */
  readonly repeatable: boolean
}

export interface TransportOptions {
  /** The token of the moment. */
  token(): string
  readonly fetch: Fetch
  /** How long one attempt may take, its body included. */
  readonly timeoutMs: number
  /** How often a repeatable call is sent again. */
  readonly retries: number
  /** Resolves after so many milliseconds. */
  wait(ms: number): Promise<void>
}

/** @returns what the JSON of a 2xx answer says. @throws HallpassError */
export type Transport = (call: ApiCall) => Promise<unknown>

const FIRST_WAIT_MS = 250
/** A server that asks for more is not waited for. */
const LONGEST_WAIT_SECONDS = 30
const WORTH_ANOTHER_TRY: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504])

/**
 * Sends calls, each attempt bounded in time. A repeatable call that got no answer, or one that may be another
 * tomorrow (408, 425, 429, 5xx), is sent again after a wait that doubles, or the one that `Retry-After` asks for.
 */
export function createTransport(options: TransportOptions): Transport {
  return async (call) => {
    for (let attempt = 0; ; attempt++) {
      try {
        return await sendOnce(options, call)
      } catch (error) {
        const waitMs = attempt < options.retries && call.repeatable ? toWaitMs(error, attempt) : null
        if (waitMs === null) throw error
        await options.wait(waitMs)
      }
    }
  }
}

/** How long to wait before the next attempt; null = there is no point in one. */
function toWaitMs(error: unknown, attempt: number): number | null {
  if (!(error instanceof HallpassError)) return null
  const { status, code, retryAfterSeconds } = error
  if (status === null ? code === 'invalid_argument' : !WORTH_ANOTHER_TRY.has(status)) return null
  if (retryAfterSeconds !== null) {
    return retryAfterSeconds <= LONGEST_WAIT_SECONDS ? retryAfterSeconds * 1000 : null
  }
  // At random, so that clients that failed together do not come back together.
  return FIRST_WAIT_MS * 2 ** attempt * (0.5 + Math.random() / 2)
}

async function sendOnce(options: TransportOptions, call: ApiCall): Promise<unknown> {
  const { method, url, body, idempotencyKey } = call
  const headers: Record<string, string> = {
    accept: 'application/json',
    authorization: `Bearer ${options.token()}`,
  }
  if (body !== undefined) headers['content-type'] = 'application/json'
  if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey
  const content = body === undefined ? {} : { body: toJson(body) }
  const signal = AbortSignal.timeout(options.timeoutMs)
  let response: FetchResponse
  let text: string
  try {
    response = await options.fetch(url, {
      method,
      headers,
      ...content,
      signal,
      // The API has no redirects; one that comes from elsewhere must not carry a token away.
      redirect: 'error',
      credentials: 'omit',
      cache: 'no-store',
    })
    text = await response.text()
  } catch {
    // What was caught may quote the request, so that nothing of it is kept.
    if (signal.aborted) {
      throw new HallpassError('timeout', `the server did not answer within ${options.timeoutMs} ms`)
    }
    throw new HallpassError('network_error', 'the server cannot be reached, or the connection broke')
  }
  const value = parseJson(text)
  if (response.status < 200 || response.status > 299) throw toHallpassError(response, value)
  if (typeof value !== 'object' || value === null) {
    throw new HallpassError('invalid_response', 'the answer is not JSON', { status: response.status })
  }
  return value
}

function toJson(body: unknown): string {
  try {
    return JSON.stringify(body)
  } catch {
    throw new HallpassError('invalid_argument', 'the request cannot be written as JSON')
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
