import { TokenRequestError } from './request-error.ts'
import type { JsonObject, JsonValue } from './token.ts'

const MAX_BYTES = 4096
const MAX_DEPTH = 8

/** Names that mean something to a verifier: registered (IANA), or our own. */
const RESERVED: ReadonlySet<string> = new Set([
  ...['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti'],
  ...['client_id', 'scope', 'project', 'ip', 'paths', 'methods', 'metered'],
  ...[
    'typ',
    'cnf',
    'act',
    'azp',
    'nonce',
    'auth_time',
    'acr',
    'amr',
    'sid',
    'at_hash',
    'c_hash',
    'events',
    'txn',
  ],
])

const PROTOTYPE_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** What no store can be trusted to give back: NUL and lone surrogates. */
const UNSTORABLE = /[\0\p{Cs}]/u

/**
 * Keys that JSON writes with an escape. V8's JSON.parse may read those as another key
 * (https://github.com/nodejs/node/issues/63785), and stores use it.
 */
const ESCAPED_KEY = /["\\\0-\x1f]/

/**
 * A deep copy of an application's own claims: an object of JSON values, at most 4096 bytes as JSON and 8 levels
 * deep. Nothing is converted: class instances, functions, undefined, NaN and big integers are refused, and so are
 * cycles, `__proto__`, `constructor` and `prototype` as keys at any level, and at the top the names that a
 * verifier gives a meaning to. Keys may not hold quotes, backslashes or control characters.
 *
 * @throws TokenRequestError `invalid_request`; the message names a reserved claim
 */
export function parseCustomClaims(value: unknown, field = 'claims'): JsonObject {
  if (!isPlainObject(value)) throw refusal(field, 'must be an object')
  for (const name of Object.keys(value)) {
    if (RESERVED.has(name)) throw refusal(field, `must not set "${name}", which is reserved`)
  }
  // Each copy is charged no more than its JSON will take, so that a cycle or a flood ends the walk early.
  const budget = { left: MAX_BYTES }
  const copy = copyObject(value, 1, budget, field)
  if (Buffer.byteLength(JSON.stringify(copy)) > MAX_BYTES) throw tooLong(field)
  return copy
}

interface Budget {
  left: number
}

function copyValue(value: unknown, depth: number, budget: Budget, field: string): JsonValue {
  charge(budget, 1, field)
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'string') return copyText(value, budget, field)
  if (typeof value === 'number' && Number.isFinite(value)) return value === 0 ? 0 : value
  if (Array.isArray(value)) return copyArray(value, depth + 1, budget, field)
  if (isPlainObject(value)) return copyObject(value, depth + 1, budget, field)
  throw refusal(field, 'must hold JSON values only')
}

function copyText(value: string, budget: Budget, field: string): string {
  charge(budget, value.length, field)
  if (UNSTORABLE.test(value)) throw refusal(field, 'must not hold NUL characters or lone surrogates')
  return value
}

function copyArray(
  value: readonly unknown[],
  depth: number,
  budget: Budget,
  field: string,
): readonly JsonValue[] {
  assertDepth(depth, field)
  // Unlike `map`, this sees holes.
  return Array.from(value, (item) => copyValue(item, depth, budget, field))
}

function copyObject(
  value: Readonly<Record<string, unknown>>,
  depth: number,
  budget: Budget,
  field: string,
): JsonObject {
  assertDepth(depth, field)
  const copy: Record<string, JsonValue> = {}
  for (const key of Object.keys(value)) {
    if (PROTOTYPE_KEYS.has(key)) throw refusal(field, `must not use "${key}" as a key`)
    if (ESCAPED_KEY.test(key))
      throw refusal(field, 'must not use quotes, backslashes or control characters in a key')
    copy[copyText(key, budget, field)] = copyValue(value[key], depth, budget, field)
  }
  return copy
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return (
    (prototype === Object.prototype || prototype === null) && Object.getOwnPropertySymbols(value).length === 0
  )
}

function charge(budget: Budget, bytes: number, field: string): void {
  budget.left -= bytes
  if (budget.left < 0) throw tooLong(field)
}

function assertDepth(depth: number, field: string): void {
  if (depth > MAX_DEPTH) throw refusal(field, `must not be nested deeper than ${MAX_DEPTH} levels`)
}

function tooLong(field: string): TokenRequestError {
  return refusal(field, `must not be longer than ${MAX_BYTES} bytes as JSON`)
}

function refusal(field: string, why: string): TokenRequestError {
  return new TokenRequestError('invalid_request', `${field} ${why}`, field)
}
