import type { FetchResponse } from './fetch.ts'
import { HallpassError, type HallpassErrorDetails } from './hallpass-error.ts'

const LONGEST_MESSAGE = 500
/** A run of what a compact JWS is written with: matched as a whole, so that a long text takes linear time. */
const RUN = /[\w.-]+/g
const SHORTEST_PART = 8

/** The error that an answer of 4xx or 5xx stands for, in either form: `{ error, message }` or `{ errors: [{ code }] }`. */
export function toHallpassError(response: FetchResponse, body: unknown): HallpassError {
  const { status } = response
  const retryAfterSeconds = readRetryAfter(response)
  const { error, message, details, errors } = toMembers(body)
  if (typeof error === 'string') {
    const more = { status, retryAfterSeconds, details: toDetails(details) }
    return new HallpassError(toText(error), toText(message), more)
  }
  const first = toMembers(Array.isArray(errors) ? errors[0] : undefined)
  const code = typeof first.code === 'string' ? toText(first.code) : 'invalid_response'
  return new HallpassError(code, toText(first.message ?? `the server answered ${status}`), {
    status,
    retryAfterSeconds,
    details: typeof first.suggestion === 'string' ? { suggestion: toText(first.suggestion) } : null,
  })
}

/** Whole seconds only: the other form of the header needs a clock that agrees with the server's. */
function readRetryAfter({ headers }: FetchResponse): number | null {
  const value = headers.get('retry-after')
  return value !== null && /^\d{1,6}$/.test(value) ? Number(value) : null
}

function toDetails(value: unknown): HallpassErrorDetails | null {
  if (typeof value !== 'object' || value === null) return null
  const { field, scope, remaining, cost } = toMembers(value)
  return {
    ...(typeof field === 'string' && { field: toText(field) }),
    ...(Array.isArray(scope) && { scope: scope.map(toText) }),
    ...(typeof remaining === 'number' && { remaining }),
    ...(typeof cost === 'number' && { cost }),
  }
}

/** Text of a server, or of whatever stands between: cut, and without anything that may be a token. */
function toText(value: unknown): string {
  return typeof value === 'string' ? value.replace(RUN, hideToken).slice(0, LONGEST_MESSAGE) : ''
}

function hideToken(run: string): string {
  const parts = run.split('.').map(({ length }) => length >= SHORTEST_PART)
  return parts.some((isLong, i) => isLong && parts[i + 1] && parts[i + 2]) ? '[token]' : run
}

function toMembers(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
