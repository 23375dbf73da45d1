import { setImmediate } from 'node:timers/promises'
import { type TokenFingerprint, toTokenFingerprint } from './token-fingerprint.ts'
import type { RevocationEntry } from './token-store.ts'

/** Few, so that a short list of refused tokens lies in few places of memory. */
const FEWEST_SLOTS = 64
/** Entries that get their memory together. Memory that is never copied leaves no holes behind. */
const CHUNK_BITS = 12
const CHUNK = 2 ** CHUNK_BITS
/** Four words of the fingerprint, and when the entry may be forgotten: seconds since 1970, rounded up. */
const WORDS = 5
/** In whole seconds: texts that expire later than the year 2106, or never. */
const NEVER = 0xffff_ffff
/** An entry costs nobody anything: the table is made anew only when at least this share of it can go. */
const FORGET_SHARE = 1 / 16
/** Entries looked at in one step: some milliseconds. */
const FORGET_STEP = 2 ** 14

/**
 * Refused tokens by fingerprint, at 28 to 36 bytes each. They lie outside of the JavaScript heap, so that a million of
 * them are nothing that a garbage collection has to walk.
 */
export class RevocationTable {
  #size = 0
  /** In the order of arrival. */
  #chunks: Int32Array[] = []
  /** Entries that refuse from a moment on, not altogether: number of the entry → milliseconds. */
  #refusedFrom = new Map<number, number>()
  /** Open addressing, at most half full: number of an entry plus one; 0 = free. */
  #slots = new Uint32Array(FEWEST_SLOTS)
  /** The table that takes the place of this one; null = none is being made. */
  #next: RevocationTable | null = null

  get size(): number {
    return this.#size
  }

  /**
   * From which moment on the token is refused, in milliseconds: `-Infinity` when it is revoked, `Infinity` when it is
   * not in the table.
   */
  refusedFrom(token: TokenFingerprint): number {
    const entry = (this.#slots[this.#findSlot(token)] ?? 0) - 1
    if (entry === -1) return Number.POSITIVE_INFINITY
    return this.#refusedFrom.size === 0
      ? Number.NEGATIVE_INFINITY
      : (this.#refusedFrom.get(entry) ?? Number.NEGATIVE_INFINITY)
  }

  /** A revocation outdoes an earlier expiry; of two expiries the earlier one holds. */
  add(entry: RevocationEntry): void {
    const refusedFrom = entry.reason === 'revoked' ? Number.NEGATIVE_INFINITY : entry.refusedFrom.getTime()
    const fingerprint = toTokenFingerprint(entry)
    const forgetAt = toForgetAt(entry.signedExpiresAt)
    this.#add(fingerprint, refusedFrom, forgetAt)
    // What was there already may have been taken over before this.
    if (this.#next !== null) this.#next.#add(fingerprint, refusedFrom, forgetAt)
  }

  /**
   * Forgets entries whose signed text expired before `moment`, once that is worth the while. In steps, between which
   * everything else gets its turn; until the last of them all are refused as before.
   */
  async forget(moment: Date): Promise<void> {
    const seconds = moment.getTime() / 1000
    if (this.#next !== null || !this.#isWorthForgetting(seconds)) return
    const next = new RevocationTable()
    this.#next = next
    for (let entry = 0; entry < this.#size; entry++) {
      if (entry % FORGET_STEP === FORGET_STEP - 1) await setImmediate()
      if (this.#isBefore(entry, seconds)) continue
      const from = this.#refusedFrom.get(entry) ?? Number.NEGATIVE_INFINITY
      next.#add(this.#fingerprintOf(entry), from, this.#forgetAt(entry))
    }
    this.#next = null
    this.#size = next.#size
    this.#chunks = next.#chunks
    this.#refusedFrom = next.#refusedFrom
    this.#slots = next.#slots
  }

  #isWorthForgetting(seconds: number): boolean {
    let forgettable = 0
    for (let entry = 0; entry < this.#size; entry++) if (this.#isBefore(entry, seconds)) forgettable++
    return forgettable > 0 && forgettable >= this.#size * FORGET_SHARE
  }

  #add(token: TokenFingerprint, refusedFrom: number, forgetAt: number): void {
    if (2 * this.#size >= this.#slots.length) this.#growSlots()
    const slot = this.#findSlot(token)
    const known = (this.#slots[slot] ?? 0) - 1
    if (known !== -1) {
      const before = this.#refusedFrom.get(known) ?? Number.NEGATIVE_INFINITY
      this.#setRefusedFrom(known, Math.min(before, refusedFrom))
      return
    }
    const entry = this.#size++
    const chunk = this.#chunks[entry >>> CHUNK_BITS] ?? new Int32Array(WORDS * CHUNK)
    if (entry % CHUNK === 0) this.#chunks.push(chunk)
    const at = toOffset(entry)
    chunk[at] = token.a
    chunk[at + 1] = token.b
    chunk[at + 2] = token.c
    chunk[at + 3] = token.d
    chunk[at + 4] = forgetAt
    this.#setRefusedFrom(entry, refusedFrom)
    this.#slots[slot] = entry + 1
  }

  #setRefusedFrom(entry: number, refusedFrom: number): void {
    if (refusedFrom === Number.NEGATIVE_INFINITY) this.#refusedFrom.delete(entry)
    else this.#refusedFrom.set(entry, refusedFrom)
  }

  /** Where the token is, or the free slot where it would be. */
  #findSlot({ a, b, c, d }: TokenFingerprint): number {
    const slots = this.#slots
    const last = slots.length - 1
    // The upper bits of the product are the ones that all bits of the id have a part in.
    let slot = toHash(b, c, d) >>> Math.clz32(last)
    for (;;) {
      const number = slots[slot] ?? 0
      if (number === 0) return slot
      const chunk = this.#chunkOf(number - 1)
      const at = toOffset(number - 1)
      if (chunk[at + 3] === d && chunk[at + 2] === c && chunk[at + 1] === b && chunk[at] === a) return slot
      slot = (slot + 1) & last
    }
  }

  #growSlots(): void {
    this.#slots = new Uint32Array(2 * this.#slots.length)
    for (let entry = 0; entry < this.#size; entry++) {
      this.#slots[this.#findSlot(this.#fingerprintOf(entry))] = entry + 1
    }
  }

  #chunkOf(entry: number): Int32Array {
    const chunk = this.#chunks[entry >>> CHUNK_BITS]
    if (chunk === undefined) throw new RangeError('the table has no such entry')
    return chunk
  }

  #fingerprintOf(entry: number): TokenFingerprint {
    const chunk = this.#chunkOf(entry)
    const at = toOffset(entry)
    return { a: chunk[at] ?? 0, b: chunk[at + 1] ?? 0, c: chunk[at + 2] ?? 0, d: chunk[at + 3] ?? 0 }
  }

  #forgetAt(entry: number): number {
    return (this.#chunkOf(entry)[toOffset(entry) + 4] ?? 0) >>> 0
  }

  #isBefore(entry: number, seconds: number): boolean {
    const forgetAt = this.#forgetAt(entry)
    return forgetAt < seconds && forgetAt !== NEVER
  }
}

function toOffset(entry: number): number {
  return WORDS * (entry % CHUNK)
}

/** Spreads ids that differ in few bits: by the golden ratio. */
function toHash(b: number, c: number, d: number): number {
  return Math.imul(b ^ c ^ d, 0x9e37_79b1)
}

function toForgetAt(signedExpiresAt: Date | null): number {
  if (signedExpiresAt === null) return NEVER
  return Math.min(NEVER, Math.max(0, Math.ceil(signedExpiresAt.getTime() / 1000)))
}
