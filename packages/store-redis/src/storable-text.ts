/** A lone surrogate becomes U+FFFD on its way, so that two texts would be one; NUL is refused as in the other stores. */
const UNSTORABLE = /\0|\p{Surrogate}/u

/** Whether every text comes back as it went in. What cannot be stored is not there either. */
export function isStorable(...texts: readonly (string | null | undefined)[]): boolean {
  for (const text of texts) if (typeof text === 'string' && UNSTORABLE.test(text)) return false
  return true
}

/** @throws RangeError when a text would not come back as it is */
export function checkStorable(...texts: readonly (string | null | undefined)[]): void {
  if (!isStorable(...texts)) throw new RangeError('a text holds NUL or a lone surrogate and cannot be stored')
}
