import { HallpassError } from './hallpass-error.ts'

/** Options of calls that make something. */
export interface CreateOptions {
  /**
   * The same key and input give the same token again: 1 to 255 visible ASCII characters. Default: one of this call's
   * own, so that its retries make one token.
   */
  readonly idempotencyKey?: string
}

/** A key that nobody else has. `crypto.randomUUID` would not be there on pages without TLS. */
function createIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/**
 * The key that a call is sent with: the caller's own, else a new one.
 * @throws HallpassError `invalid_argument` for one that no header can carry, or that no server takes
 */
export function toIdempotencyKey({ idempotencyKey }: CreateOptions): string {
  if (idempotencyKey === undefined) return createIdempotencyKey()
  if (typeof idempotencyKey === 'string' && /^[\x21-\x7e]{1,255}$/.test(idempotencyKey)) return idempotencyKey
  throw new HallpassError('invalid_argument', 'idempotencyKey must be 1 to 255 visible ASCII characters')
}
