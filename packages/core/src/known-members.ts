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
 * The same of what is asked of a service.
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
  const name = findUnknown(given, known)
  if (name === undefined) return
  const field = toFieldName(name, path)
  throw new TokenRequestError('invalid_request', `${what} has no ${field ?? 'such member'}`, field)
}

function findUnknown(given: object, known: object): string | undefined {
  for (const name of Object.keys(given)) if (!Object.hasOwn(known, name)) return name
  return undefined
}
