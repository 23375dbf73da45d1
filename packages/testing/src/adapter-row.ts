import type { AdapterBench } from './adapter-bench.ts'
import type { RawAnswer } from './raw-exchange.ts'

/** What an answer must be. Members that are left out are not looked at. */
export interface ExpectedAnswer {
  /** Several where the host, or Node's parser before it, may refuse first; none of them serves anything. */
  readonly status: number | readonly number[]
  /** `error` of a JSON body. */
  readonly error?: string
  /** Header → its only value; null = it must not be there. */
  readonly headers?: Readonly<Record<string, string | null>>
  /** The exact body. */
  readonly body?: string
  /** Members that a JSON body must have. */
  readonly json?: Readonly<Record<string, unknown>>
}

/** One line of the adapter contract. */
export interface AdapterRow {
  readonly id: string
  readonly title: string
  /** Sends what the row is about; one answer for each expectation. */
  readonly run: (bench: AdapterBench) => Promise<readonly RawAnswer[]>
  readonly expected: readonly ExpectedAnswer[]
  /** The answers may hold the text of a token (an issue). */
  readonly showsToken?: true
}

/** Second writing of the table in `@hallpass/http`: the contract is not derived from what it checks. */
const DENIED: Readonly<Record<string, readonly [status: number, challenge: string | null]>> = {
  token_missing: [401, 'Bearer'],
  request_ambiguous: [400, 'Bearer error="invalid_request"'],
  token_malformed: [401, 'Bearer error="invalid_token"'],
  signature_invalid: [401, 'Bearer error="invalid_token"'],
  key_unknown: [401, 'Bearer error="invalid_token"'],
  token_expired: [401, 'Bearer error="invalid_token"'],
  token_not_yet_valid: [401, 'Bearer error="invalid_token"'],
  token_revoked: [401, 'Bearer error="invalid_token"'],
  token_unknown: [401, 'Bearer error="invalid_token"'],
  ip_denied: [403, null],
  path_denied: [403, null],
  method_denied: [403, null],
  project_denied: [403, null],
  credits_exhausted: [402, null],
  store_unavailable: [503, null],
}

/** The answer to a denied request: status, challenge, type and caching of its code. */
export function denied(error: string, more: Readonly<Record<string, string | null>> = {}): ExpectedAnswer {
  const known = DENIED[error]
  if (known === undefined) throw new Error(`no expectation for ${error}`)
  const [status, challenge] = known
  return {
    status,
    error,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'www-authenticate': challenge,
      ...more,
    },
  }
}

/** A refusal that may come from Node's parser or from the host before our code: nothing is served in any case. */
export const REFUSED: ExpectedAnswer = { status: [400, 403, 404] }

/** How an answer reads in the table. */
export function toCell(answer: RawAnswer): string {
  const error = readJson(answer)?.error
  return typeof error === 'string' ? `${answer.status} ${error}` : String(answer.status)
}

/** How an expectation reads in the table. */
export function toExpectedCell({ status, error }: ExpectedAnswer): string {
  const statuses = typeof status === 'number' ? String(status) : status.join('|')
  return error === undefined ? statuses : `${statuses} ${error}`
}

/** What is wrong with an answer, one line each; empty = nothing. */
export function findFaults(expected: ExpectedAnswer, answer: RawAnswer): readonly string[] {
  const faults: string[] = []
  const statuses = typeof expected.status === 'number' ? [expected.status] : expected.status
  if (!statuses.includes(answer.status)) faults.push(`status ${answer.status}, not ${statuses.join(' or ')}`)
  const json = readJson(answer)
  if (expected.error !== undefined) {
    if (json?.error !== expected.error) faults.push(`error ${String(json?.error)}, not ${expected.error}`)
    if (typeof json?.message !== 'string' || json.message === '') faults.push('no message')
  }
  for (const [name, value] of Object.entries(expected.headers ?? {})) {
    const values = answer.headers.get(name)
    const seen = values === undefined ? null : values.join(' and ')
    if (seen !== value) faults.push(`${name}: ${seen}, not ${value}`)
  }
  if (expected.body !== undefined && answer.body.toString() !== expected.body) {
    faults.push(`body of ${answer.body.length} bytes is not the expected one`)
  }
  for (const [name, value] of Object.entries(expected.json ?? {})) {
    const seen = JSON.stringify(json?.[name])
    if (seen !== JSON.stringify(value)) faults.push(`${name} is ${seen}, not ${JSON.stringify(value)}`)
  }
  return faults
}

/** The members of a JSON object body; undefined for any other body. */
export function readJson(answer: RawAnswer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(answer.body.toString())
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}
