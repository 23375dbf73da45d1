import { BindingError, type FieldError } from './binding-error.ts'
import { FieldProblem, type FieldValue, isEmpty, type SentValue, toFieldValue } from './field-value.ts'
import type { Field, Fields } from './fields.ts'

/** A name and a value as they were sent. */
export type Entry = readonly [name: string, value: SentValue]

/** The fields of a request, by their documented names. */
export interface BoundRequest {
  text(name: string): string | null
  texts(name: string): readonly string[] | null
  date(name: string): Date | null
  /** The field's name as it was sent; null = it was not. */
  sentAs(name: string): string | null
}

interface Sent {
  readonly field: Field
  readonly name: string
  readonly value: SentValue
}

/** The longest name of a field is shorter. */
const MAX_NAME = 64

/**
 * The request that some sources make, a later one over an earlier one. Names are read in any case; unknown names and
 * empty values are passed over.
 * @throws BindingError with every field that cannot be read, or that one source holds twice
 */
export function bindRequest(fields: Fields, sources: readonly (readonly Entry[])[]): BoundRequest {
  const errors: FieldError[] = []
  const sent = new Map<string, Sent>()
  for (const source of sources) {
    for (const [name, one] of pickFields(fields, source, errors)) sent.set(name, one)
  }
  const values = new Map<string, FieldValue>()
  for (const [name, { field, value, name: sentAs }] of sent) {
    try {
      values.set(name, toFieldValue(field.kind, value))
    } catch (error) {
      if (!(error instanceof FieldProblem)) throw error
      errors.push({ fieldName: sentAs, message: `${field.name} ${error.message}` })
    }
  }
  if (errors.length > 0) throw new BindingError(errors)
  const read = (name: string): FieldValue => values.get(name) ?? null
  return {
    text(name) {
      const value = read(name)
      return typeof value === 'string' ? value : null
    },
    texts(name) {
      const value = read(name)
      return typeof value === 'string' || value instanceof Date ? null : value
    },
    date(name) {
      const value = read(name)
      return value instanceof Date ? value : null
    },
    sentAs: (name) => sent.get(name)?.name ?? null,
  }
}

/** A list may be sent in several parts; anything else twice is a question of which one counts. */
function pickFields(fields: Fields, source: readonly Entry[], errors: FieldError[]): Map<string, Sent> {
  const found = new Map<string, Sent>()
  for (const [name, value] of source) {
    const field = name.length > MAX_NAME ? undefined : fields.get(name.toLowerCase())
    if (field === undefined || isEmpty(value)) continue
    const before = found.get(field.name)
    if (before === undefined) {
      found.set(field.name, { field, name, value })
    } else if (field.kind === 'texts' && typeof before.value === 'string' && typeof value === 'string') {
      found.set(field.name, { ...before, value: `${before.value},${value}` })
    } else {
      errors.push({ fieldName: name, message: `${field.name} is given twice` })
    }
  }
  return found
}
