/**
 * A function that remembers what it made of a text, for at most `most` texts; then it begins anew. For what many tokens
 * have in common. Nobody may change the result. What throws is not remembered.
 */
export function memoize<T extends object>(make: (text: string) => T, most: number): (text: string) => T {
  const made = new Map<string, T>()
  return (text) => {
    const known = made.get(text)
    if (known !== undefined) return known
    const own = copyText(text)
    // What UTF-8 cannot write would be remembered as something else.
    if (own !== text) return make(text)
    const result = make(own)
    if (made.size >= most) made.clear()
    made.set(own, result)
    return result
  }
}

/** A function that remembers what it made of the last text. */
export function memoizeLast<T>(make: (text: string) => T): (text: string) => T {
  let last: { readonly text: string; readonly made: T } | undefined
  return (text) => {
    if (last === undefined || last.text !== text) last = { text, made: make(text) }
    return last.made
  }
}

/** A part of a longer text keeps all of it in memory; the copy does not. */
export function copyText(text: string): string {
  return Buffer.from(text).toString()
}
