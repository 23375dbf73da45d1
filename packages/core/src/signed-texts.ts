import type { TokenProfile } from './profile.ts'
import type { ReadToken } from './read-token.ts'
import type { SigningKey } from './signing-key.ts'

/** A text whose signature was found good, and whose claims fit the profile. */
export interface SignedText {
  readonly text: string
  readonly key: SigningKey
  readonly profile: TokenProfile
  /**
   * What it says; null until it comes a second time. Most of what a token takes is what was read from it, and many
   * tokens, such as those in links, come once.
   */
  read: ReadToken | null
}

/** How many characters of text each of the two generations may remember. */
const MOST_CHARACTERS = 8 * 1024 * 1024
/** So few that V8 copies them: a part of a longer text is slower to hash. */
const KEY_CHARACTERS = 12

/**
 * Remembers texts, so that a signature is checked once. What is in use stays: it moves into the young generation. A text
 * is found by the end of its signature and then compared as a whole; to hash all of it would take longer than everything
 * else that a remembered token needs.
 */
export class SignedTexts {
  #young = new Map<string, SignedText>()
  #old = new Map<string, SignedText>()
  #characters = 0

  find(text: string): SignedText | undefined {
    const key = toKey(text)
    const found = this.#young.get(key)
    if (found?.text === text) return found
    const older = this.#old.get(key)
    if (older?.text !== text) return undefined
    this.add(older)
    return older
  }

  add(signed: SignedText): void {
    if (this.#characters > MOST_CHARACTERS) {
      this.#old = this.#young
      this.#young = new Map()
      this.#characters = 0
    }
    this.#young.set(toKey(signed.text), signed)
    this.#characters += signed.text.length
  }
}

function toKey(text: string): string {
  return text.slice(-KEY_CHARACTERS)
}
