import type { JsonValue } from './token.ts'

/** The same value, frozen at every level. Only for values whose depth is bounded: it calls itself. */
export function freezeJson<T extends JsonValue>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) if (typeof inner === 'object') freezeJson(inner)
    Object.freeze(value)
  }
  return value
}

/** A list that nobody can change: the same where it is frozen, else a copy. */
export function freezeList(list: readonly string[]): readonly string[] {
  return Object.isFrozen(list) ? list : Object.freeze([...list])
}
