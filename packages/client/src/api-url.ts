import { HallpassError } from './hallpass-error.ts'

/**
 * Where an API is mounted, without a slash at its end. In a browser a path such as `/tokens` will do.
 * @throws HallpassError `invalid_argument`
 */
export function parseApiUrl(url: unknown, option: string): string {
  if (typeof url === 'string' && /^(?:https?:\/\/[^/?#@\s]+|(?=\/(?!\/)))(?:\/[^?#\s]*)?$/i.test(url)) {
    return url.replace(/\/+$/, '')
  }
  throw new HallpassError(
    'invalid_argument',
    `${option} must be a URL such as https://host/path, without a name, a password, a query or a fragment`,
  )
}

/**
 * An id as a segment of a path.
 * @throws HallpassError `invalid_argument` for one that would lead to another path
 */
export function toSegment(id: unknown, argument: string): string {
  if (typeof id === 'string' && id !== '' && id !== '.' && id !== '..') return encode(id, argument)
  throw new HallpassError('invalid_argument', `${argument} must be the text of an id`)
}

/**
 * Parameters as a query with its `?`; empty where there are none. Undefined ones are left out.
 * @throws HallpassError `invalid_argument`
 */
export function toQuery(parameters: Readonly<Record<string, string | number | undefined>>): string {
  const pairs = Object.entries(parameters)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encode(String(value), name)}`)
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}

function encode(text: string, argument: string): string {
  try {
    return encodeURIComponent(text)
  } catch {
    throw new HallpassError('invalid_argument', `${argument} must not hold half a character`)
  }
}
