import { randomFillSync } from 'node:crypto'

const BYTES = 16
/** 12 bits behind the version and 6 behind the variant. */
const COUNTER_BITS = 18
/** A clock that is set back by no more than this goes on counting from its latest time. */
const MAX_STEP_BACK_MS = 10_000

const pool = Buffer.alloc(4096)
let poolAt = pool.length
let latestMs = Number.NEGATIVE_INFINITY
let counter = 0

/**
 * A UUIDv7 for this moment. Within the process each is greater than the one before, also when many are made in one
 * millisecond or the clock is set back by up to ten seconds. The last 56 bits are random.
 *
 * @throws RangeError for a moment before 1970, after the year 10889, or none at all
 * @see https://www.rfc-editor.org/rfc/rfc9562#section-6.2 (method 1, a counter with a random start)
 */
export function createUuidV7(now: Date): string {
  const at = takeRandom(BYTES)
  const ms = now.getTime()
  if (Number.isNaN(ms)) throw new RangeError('the clock shows no time')
  if (ms > latestMs || ms < latestMs - MAX_STEP_BACK_MS) {
    latestMs = ms
    // The first bit is left free, so that half of all numbers are still to come.
    counter = pool.readUInt32BE(at) >>> (33 - COUNTER_BITS)
  } else if (++counter >= 2 ** COUNTER_BITS) {
    latestMs++
    counter = 0
  }
  pool.writeUIntBE(latestMs, at, 6)
  pool.writeUInt16BE(0x7000 | (counter >>> 6), at + 6)
  pool.writeUInt8(0x80 | (counter & 0x3f), at + 8)
  const hex = pool.toString('hex', at, at + BYTES)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Whether the text is a UUID of any version in its canonical form: lower case, with hyphens. */
export function isUuid(text: string): boolean {
  return UUID.test(text)
}

/** Where so many fresh random bytes begin in the pool. */
function takeRandom(bytes: number): number {
  if (poolAt + bytes > pool.length) {
    randomFillSync(pool)
    poolAt = 0
  }
  const at = poolAt
  poolAt += bytes
  return at
}
