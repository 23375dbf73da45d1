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

/** Binds a request to the fields, from some sources, a later one over an earlier one. @throws BindingError */
export type BindRequest = (sources: readonly (readonly Entry[])[]) => BoundRequest

/** What one source holds of the fields, by their documented names. */
interface Picked {
  readonly sent: ReadonlyMap<string, Sent>
  readonly errors: readonly FieldError[]
}

/** The longest name of a field is shorter. */
const MAX_NAME = 64

/**
 * Binds one request after the other. Names are read in any case; unknown names and empty values are passed over. A
 * source that many requests share, such as the query of a batch, is read once.
 * @returns what throws a BindingError with every field that cannot be read, or that one source holds twice
 */
export function createBindRequest(fields: Fields): BindRequest {
  const pickedOf = new Map<readonly Entry[], Picked>()
  const known = new Map<Sent, FieldValue | FieldProblem>()

  const pick = (source: readonly Entry[]): Picked => {
    const picked = pickedOf.get(source) ?? pickFields(fields, source)
    pickedOf.set(source, picked)
    return picked
  }
  const toValue = (sent: Sent): FieldValue | FieldProblem => {
    const value = known.get(sent)
    if (value !== undefined) return value
    const read = tryFieldValue(sent)
    known.set(sent, read)
    return read
  }

  return (sources) => {
    const picked = sources.map(pick)
    const errors = picked.flatMap((one) => one.errors)
    const sent = new Map(picked.flatMap((one) => [...one.sent]))
    const values = new Map<string, FieldValue>()
    for (const [name, one] of sent) {
      const value = toValue(one)
      if (value instanceof FieldProblem) {
        errors.push({ fieldName: one.name, message: `${one.field.name} ${value.message}` })
      } else {
        values.set(name, value)
      }
    }
    if (errors.length > 0) throw new BindingError(errors)
    return toBoundRequest(values, sent)
  }
}

/** The only request that some sources make. @throws BindingError */
export function bindRequest(fields: Fields, sources: readonly (readonly Entry[])[]): BoundRequest {
  return createBindRequest(fields)(sources)
}

function toBoundRequest(
  values: ReadonlyMap<string, FieldValue>,
  sent: ReadonlyMap<string, Sent>,
): BoundRequest {
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

function tryFieldValue({ field, value }: Sent): FieldValue | FieldProblem {
  try {
    return toFieldValue(field.kind, value)
  } catch (error) {
    if (error instanceof FieldProblem) return error
    throw error
  }
}

/** A list may be sent in several parts; anything else twice is a question of which one counts. */
function pickFields(fields: Fields, source: readonly Entry[]): Picked {
  const found = new Map<string, Sent>()
  // One error for each field, however often it is sent: the answer must not outgrow the request.
  const errors = new Map<string, FieldError>()
  for (const [name, value] of source) {
    const field = name.length > MAX_NAME ? undefined : fields.get(name.toLowerCase())
    if (field === undefined || isEmpty(value)) continue
    const before = found.get(field.name)
    if (before === undefined) {
      found.set(field.name, { field, name, value })
    } else if (field.kind === 'texts' && typeof before.value === 'string' && typeof value === 'string') {
      found.set(field.name, { ...before, value: `${before.value},${value}` })
    } else if (!errors.has(field.name)) {
      errors.set(field.name, { fieldName: name, message: `${field.name} is given twice` })
    }
  }
  return { sent: found, errors: [...errors.values()] }
}
