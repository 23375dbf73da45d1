import { toFieldName } from './field-name.ts'
import { ConfigurationError, TokenRequestError } from './request-error.ts'

/** The name of each member of a type, of all kinds of a union: where one is missing here, the compiler says so. */
export type KnownMembers<T> = Readonly<Record<T extends unknown ? keyof T : never, true>>

/**
 * Refuses options with a name that nobody reads: a misspelt limit would limit nothing.
 * @param whoHas as the message begins, with its verb: `a guard has`
 * @throws ConfigurationError
 */
export function assertOptions<T extends object>(options: T, known: KnownMembers<T>, whoHas: string): void {
  const given: unknown = options
  if (typeof given !== 'object' || given === null) {
    throw new ConfigurationError(`${whoHas} options, and they are an object`)
  }
  const name = findUnknown(given, known)
  if (name !== undefined) throw new ConfigurationError(`${whoHas} no option \`${name}\``)
}

/**
 * The same of what is asked of a service. A member that is undefined asks for nothing, whatever its name.
 * @param what as the message begins: `a list`
 * @param path of the object in the request, with a dot at its end
 * @throws TokenRequestError `invalid_request` naming the member
 */
export function assertInput<T extends object>(
  input: T,
  known: KnownMembers<T>,
  what: string,
  path = '',
): void {
  const given: unknown = input
  if (typeof given !== 'object' || given === null) {
    throw new TokenRequestError('invalid_request', `${what} takes an object`)
  }
  const name = findUnknown(given, known, (value) => value !== undefined)
  if (name === undefined) return
  const said = toFieldName(name)
  const field = said === null ? null : path + said
  throw new TokenRequestError('invalid_request', `${what} has no ${said ?? 'such member'}`, field)
}

/**
 * The first name that nobody reads, of a plain object: an instance of a class may have members of its own.
 * @param counts whether a value is looked at; default: each
 */
export function findUnknown(
  given: object,
  known: object,
  counts: (value: unknown) => boolean = () => true,
): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(given)
  if (prototype !== Object.prototype && prototype !== null) return undefined
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(known, name) && counts(value)) return name
  }
  return undefined
}
