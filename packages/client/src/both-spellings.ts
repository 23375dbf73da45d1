type CamelCase<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name

/** A value of JSON in which every member `token_id` can also be read as `tokenId`. */
export type BothSpellings<T> = T extends readonly (infer Item)[]
  ? readonly BothSpellings<Item>[]
  : T extends object
    ? { readonly [Name in keyof T]: BothSpellings<T[Name]> } & {
        readonly [Name in keyof T as Name extends string ? CamelCase<Name> : Name]: BothSpellings<T[Name]>
      }
    : T

/**
 * Adds the camelCase spelling of every member. The API's own JSON is in snake_case, its documented clients read the
 * same members in camelCase: programs written for either go on working.
 */
export function toBothSpellings(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toBothSpellings)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      const both = toBothSpellings(member)
      return [
        [name, both],
        [toCamelCase(name), both],
      ]
    }),
  )
}

function toCamelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase())
}
