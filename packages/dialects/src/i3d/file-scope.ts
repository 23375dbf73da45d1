/**
 * What a token is for, in i3D's words: the service's vhost, a slash, and the file as the caller wrote it. Nothing,
 * or the vhost alone, is everything that the vhost has; so is everything below a file that ends in a slash.
 */
export function toFileScope(file: string | undefined, vhost: string): string {
  if (file === undefined) return `${vhost}/`
  const below = file.replace(/^\/+/, '')
  if (below === vhost) return `${vhost}/`
  return below.startsWith(`${vhost}/`) ? below : `${vhost}/${below}`
}

/** The path pattern for such a file. Spaces may stand as they are, and a star is a star: no file has a wildcard. */
export function toFilePattern(file: string): string {
  return `/${file.replaceAll(' ', '%20').replaceAll('*', '%2A')}`
}
