import { randomBytes } from 'node:crypto'

let counter = 0

/** A UUIDv7 that sorts after those made before it in this process for the same or an earlier time. @see RFC 9562 */
export function createUuidV7(ms: number = Date.now()): string {
  counter += 1
  const time = ms.toString(16).padStart(12, '0')
  // The counter fills the 12 bits behind the version and the next 14.
  const high = ((counter >>> 14) & 0xfff).toString(16).padStart(3, '0')
  const low = (0x8000 | (counter & 0x3fff)).toString(16)
  return `${time.slice(0, 8)}-${time.slice(8)}-7${high}-${low}-${randomBytes(6).toString('hex')}`
}
