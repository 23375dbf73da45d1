/** Options of calls that make something. */
export interface CreateOptions {
  /**
   * The same key and input give the same token again: 1 to 255 visible ASCII characters. Default: one of this call's
   * own, so that its retries make one token.
   */
  readonly idempotencyKey?: string
}

/** A key that nobody else has. `crypto.randomUUID` would not be there on pages without TLS. */
export function createIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
