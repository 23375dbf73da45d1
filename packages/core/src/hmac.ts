import { createHmac, hash, type KeyObject } from 'node:crypto'

export type HmacDigest = 'sha256' | 'sha384' | 'sha512'

/** Texts up to this many bytes are hashed where they lie: what is signed of a token is no longer. */
const ROOM = 8192

/**
 * A function that makes the HMAC of a text in UTF-8, as base64url. Two hashes in memory that is there already: an object
 * of node:crypto for each MAC costs half as long again, and its removal by the garbage collector as much once more.
 *
 * @param key a secret
 * @see RFC 2104 section 2
 */
export function createHmacOf(digest: HmacDigest, key: KeyObject): (text: string) => string {
  const buffers = buffersOf(digest)
  const secret = key.export()
  const pads = toPads(secret.length > buffers.block ? hash(digest, secret, 'buffer') : secret, buffers.block)
  return (text) => {
    // A character takes up to three bytes.
    if (3 * text.length > ROOM && Buffer.byteLength(text) > ROOM) {
      return createHmac(digest, key).update(text).digest('base64url')
    }
    return buffers.toMac(pads, text)
  }
}

/** The first blocks of both hashes. They are as secret as the key. */
interface Pads {
  readonly inner: Buffer
  readonly outer: Buffer
}

function toPads(secret: Buffer, block: number): Pads {
  const pads = { inner: Buffer.alloc(block, 0x36), outer: Buffer.alloc(block, 0x5c) }
  for (const pad of [pads.inner, pads.outer]) {
    for (const [at, byte] of secret.entries()) pad.writeUInt8(pad.readUInt8(at) ^ byte, at)
  }
  return pads
}

/** Where the MACs of one digest are made, one after the other, for all keys. */
class MacBuffers {
  readonly digest: HmacDigest
  readonly block: number
  readonly #inner: Buffer
  readonly #outer: Buffer
  /** The beginnings of `inner`, by how long a text is in them: most tokens have one of few lengths. */
  readonly #messages: (Buffer | undefined)[] = Array.from({ length: ROOM + 1 })
  #pads: Pads | null = null

  constructor(digest: HmacDigest, block: number, result: number) {
    this.digest = digest
    this.block = block
    this.#inner = Buffer.alloc(block + ROOM)
    this.#outer = Buffer.alloc(block + result)
  }

  toMac(pads: Pads, text: string): string {
    const { digest, block } = this
    if (this.#pads !== pads) {
      // Whatever ends this half-way, the next MAC begins with its own.
      this.#pads = null
      this.#inner.set(pads.inner)
      this.#outer.set(pads.outer)
      this.#pads = pads
    }
    const message = this.#messageOf(this.#inner.write(text, block))
    this.#outer.write(hash(digest, message, 'binary'), block, 'binary')
    return hash(digest, this.#outer, 'base64url')
  }

  #messageOf(length: number): Buffer {
    let message = this.#messages[length]
    if (message === undefined) {
      message = this.#inner.subarray(0, this.block + length)
      this.#messages[length] = message
    }
    return message
  }
}

/** Bytes that the hash function takes at a time, and those of its result. */
const SIZES: Record<HmacDigest, readonly [block: number, result: number]> = {
  sha256: [64, 32],
  sha384: [128, 48],
  sha512: [128, 64],
}

/** Made when there is a key for them. */
const made = new Map<HmacDigest, MacBuffers>()

function buffersOf(digest: HmacDigest): MacBuffers {
  let buffers = made.get(digest)
  if (buffers === undefined) {
    buffers = new MacBuffers(digest, ...SIZES[digest])
    made.set(digest, buffers)
  }
  return buffers
}
