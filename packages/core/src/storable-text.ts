/**
 * NUL ends a text for some readers of SQLite, and PostgreSQL has no text with one; a lone surrogate becomes U+FFFD on its way,
 * so that two texts would be one.
 */
const UNSTORABLE = /\0|\p{Surrogate}/u

/** Whether every text comes back from a database as it went in. What cannot be stored is not there either. */
export function isStorable(...texts: readonly (string | null | undefined)[]): boolean {
  for (const text of texts) if (typeof text === 'string' && UNSTORABLE.test(text)) return false
  return true
}

/** @throws RangeError when a text would not come back as it is */
export function checkStorable(...texts: readonly (string | null | undefined)[]): void {
  if (!isStorable(...texts)) throw new RangeError('a text holds NUL or a lone surrogate and cannot be stored')
}
