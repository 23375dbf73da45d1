import type { JsonValue } from './token.ts'

/** The same value, frozen at every level. Only for values whose depth is bounded: it calls itself. */
export function freezeJson<T extends JsonValue>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    const inner: readonly JsonValue[] = Array.isArray(value) ? value : Object.values(value)
    for (const each of inner) if (typeof each === 'object') freezeJson(each)
    Object.freeze(value)
  }
  return value
}
