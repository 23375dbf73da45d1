import { ConfigurationError } from '@hallpass/core'

/** The names of all options of `T`. As a record, so that the compiler asks for those that are missing. */
export type OptionNames<T> = Readonly<Record<keyof T, true>>

/**
 * Refuses options with a name that is not known: a misspelt one would do nothing.
 * @param whoHas for the message, with its verb: `a guard has`
 * @throws ConfigurationError
 */
export function checkOptionNames<T extends object>(options: T, names: OptionNames<T>, whoHas: string): void {
  if (typeof options !== 'object' || options === null) {
    throw new ConfigurationError(`${whoHas} options, and they are an object`)
  }
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(names, name)) throw new ConfigurationError(`${whoHas} no option \`${name}\``)
  }
}
