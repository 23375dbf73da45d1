/**
 * A name of the caller's that may be said back to it; null when it does not look like a name: it may be anything then, a
 * token among others.
 * @param path of what has this member, with a dot at its end
 */
export function toFieldName(name: string, path = ''): string | null {
  return /^[A-Za-z0-9_.-]{1,64}$/.test(name) ? path + name : null
}
