import type { IncomingMessage } from 'node:http'

const NONE: readonly string[] = []

/**
 * All values of a header, one for each line that was sent. `incoming.headers` keeps only the first of some
 * headers (`authorization`) and joins others, so that two readers may see two different requests.
 * @param name lower-case
 */
export function readHeaderValues(incoming: IncomingMessage, name: string): readonly string[] {
  const raw = incoming.rawHeaders
  let values: string[] | undefined
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const line = raw[i]
    if (line === undefined || line.length !== name.length || line.toLowerCase() !== name) continue
    const value = raw[i + 1] ?? ''
    if (values === undefined) values = [value]
    else values.push(value)
  }
  return values ?? NONE
}
