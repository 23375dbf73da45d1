import type { TokenProfile } from './profile.ts'
import type { SigningKey } from './signing-key.ts'

/** A text whose signature was found good, and whose claims fit the profile. */
export interface SignedText {
  readonly text: string
  readonly key: SigningKey
  readonly profile: TokenProfile
}

/** How many characters of text each of the two generations may remember. */
const MOST_CHARACTERS = 8 * 1024 * 1024
/** Of the signature's end. A signature has as many bits of chance as it has bits. */
const HASHED_CHARACTERS = 8

/**
 * Remembers texts, so that a signature is checked once. What is in use stays: it moves into the young generation. A text
 * is found by the end of its signature and then compared as a whole; to hash all of it would take longer than everything
 * else that a remembered token needs. Of two whose ends have one hash, the later is remembered.
 */
export class SignedTexts<T extends SignedText> {
  #young = new Map<number, T>()
  #old = new Map<number, T>()
  #characters = 0

  /** @param hash of the text, as {@link toTextHash} makes it */
  find(text: string, hash: number): T | undefined {
    const found = this.#young.get(hash)
    // Not `found?.text`: what may be of two kinds takes longer to compare. So it is in `memoizeLast` and `KeyIndex`.
    if (found !== undefined && found.text === text) return found
    const older = this.#old.get(hash)
    if (older === undefined || older.text !== text) return undefined
    this.add(older, hash)
    return older
  }

  add(signed: T, hash: number): void {
    if (this.#characters > MOST_CHARACTERS) {
      this.#old = this.#young
      this.#young = new Map()
      this.#characters = 0
    }
    this.#young.set(hash, signed)
    this.#characters += signed.text.length
  }

  /** Puts what is known of a text in the place of what was known before. */
  replace(signed: T, hash: number): void {
    this.#young.set(hash, signed)
  }
}

/** A power of two. */
const MOST_SEEN = 2 ** 14
/** So many times a text takes the place of another before one of them is taken for seen. */
const COLLISIONS = 16

/**
 * Which texts came before, by hash alone and not for long: a hint, by which nothing is judged. Two that take turns in one
 * place would never be seen again, nor would any of more texts than there is room for: so some are taken for seen.
 */
export class SeenTexts {
  #hashes: Int32Array | null = null
  #collisions = 0

  /** @returns whether the text of this hash came before, as far as is known */
  addAgain(hash: number): boolean {
    this.#hashes ??= new Int32Array(MOST_SEEN)
    const place = hash & (MOST_SEEN - 1)
    const there = this.#hashes[place]
    if (there === hash) return true
    this.#hashes[place] = hash
    if (there === 0) return false
    this.#collisions = (this.#collisions + 1) % COLLISIONS
    return this.#collisions === 0
  }
}

/** By what a text is found. A number: a key that is a text would have to be made, hashed and compared. @see FNV-1a */
export function toTextHash(text: string): number {
  let hash = 0x811c_9dc5
  for (let at = Math.max(0, text.length - HASHED_CHARACTERS); at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x0100_0193)
  }
  return hash
}
