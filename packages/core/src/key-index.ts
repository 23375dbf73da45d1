import type { JWK } from 'jose'
import type { TokenProfile } from './profile.ts'
import { ConfigurationError } from './request-error.ts'
import type { SigningKey } from './signing-key.ts'

/** Keys by id and by what they belong to. A Map by id: no `kid` can reach a prototype. */
export class KeyIndex {
  readonly #byId = new Map<string, SigningKey>()
  readonly #byPlace = new Map<string, SigningKey[]>()
  /** The key that was found last: most requests ask for the same one. */
  #last: SigningKey | undefined

  add(key: SigningKey): void {
    this.#last = undefined
    this.#byId.set(key.id, key)
    const place = toPlace(key.project, key.profile)
    const there = this.#byPlace.get(place)
    if (there === undefined) this.#byPlace.set(place, [key])
    else there.push(key)
  }

  find(keyId: string): SigningKey | undefined {
    const last = this.#last
    if (last !== undefined && last.id === keyId) return last
    this.#last = this.#byId.get(keyId)
    return this.#last
  }

  /**
   * The highest version that signs at `now`; null = whether it signs yet or not.
   * @throws ConfigurationError when the profile is for another algorithm
   */
  newest(project: string, profile: TokenProfile, now: Date | null): SigningKey | undefined {
    const newest = highest(this.#of(project, profile.name), now)
    if (newest !== undefined) assertAlgorithm(newest, profile)
    return newest
  }

  /** @throws ConfigurationError when the profile is for another algorithm */
  version(project: string, profile: TokenProfile, version: number): SigningKey | undefined {
    const key = this.#of(project, profile.name).find((candidate) => candidate.version === version)
    if (key !== undefined) assertAlgorithm(key, profile)
    return key
  }

  /** Keys that a newer one replaced before `moment`. */
  superseded(moment: Date): readonly SigningKey[] {
    const found: SigningKey[] = []
    for (const keys of this.#byPlace.values()) {
      if (keys.length === 1) continue
      const newest = highest(
        keys.filter((key) => key.activatesAt < moment),
        moment,
      )
      found.push(...keys.filter((key) => newest !== undefined && key.version < newest.version))
    }
    return found
  }

  /** Public halves of the native keys. @see RFC 7517 */
  publicKeys(): readonly JWK[] {
    const found: JWK[] = []
    for (const key of this.#byId.values()) {
      if (key.profile === 'native' && key.publicJwk !== null) found.push(key.publicJwk)
    }
    return found
  }

  #of(project: string, profile: string): readonly SigningKey[] {
    return this.#byPlace.get(toPlace(project, profile)) ?? []
  }
}

/** Version 1 signs from the start, also where another machine's clock is ahead. */
function highest(keys: readonly SigningKey[], now: Date | null): SigningKey | undefined {
  let newest: SigningKey | undefined
  for (const key of keys) {
    if (now !== null && key.version > 1 && key.activatesAt > now) continue
    if (newest === undefined || key.version > newest.version) newest = key
  }
  return newest
}

/** Neither a project nor a profile name can hold a control character. */
function toPlace(project: string, profile: string): string {
  return `${profile}\n${project}`
}

function assertAlgorithm(key: SigningKey, profile: TokenProfile): void {
  if (key.algorithm === profile.algorithm) return
  throw new ConfigurationError(
    `the key for profile "${profile.name}" is for ${key.algorithm}, the profile for ${profile.algorithm}`,
  )
}
