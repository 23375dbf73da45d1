import { randomBytes } from 'node:crypto'
import type { JWK } from 'jose'
import { KeyIndex } from './key-index.ts'
import { createKeySeal, type KeySeal } from './key-seal.ts'
import type { TokenProfile } from './profile.ts'
import { ConfigurationError, TokenRequestError } from './request-error.ts'
import { generateSigningKey } from './signature.ts'
import { type SigningKey, toSigningKey } from './signing-key.ts'
import type { StoreCall } from './store-call.ts'
import type { Awaitable } from './token.ts'
import type { StoredKey, TokenStore } from './token-store.ts'

/** A private key that the application brings. The last of a (project, profile) signs, all verify. */
export interface GivenKey {
  /** With `kid` and `alg`. */
  readonly jwk: JWK
  /** Default `default`. */
  readonly project?: string
  /** Name of its profile. Default `native`. */
  readonly profile?: string
}

/** Keys that Hallpass makes and keeps encrypted in the store, or keys that the application brings. */
export type KeyOptions =
  | {
      /** 32 random bytes in base64url; while it is being changed: the current and the previous one. */
      readonly masterSecret: string | readonly [current: string, previous: string]
      /** How long a new key is published before it signs. Default 600; the first of a project signs at once. */
      readonly publishDelaySeconds?: number
    }
  | { readonly jwks: readonly GivenKey[] }

/** The keys that sign and verify. Every key belongs to one (project, profile). */
export interface KeyRing {
  /** A key that is loaded. */
  find(keyId: string): SigningKey | undefined
  /** The same after a look into the store, which is asked at most once a second however many wait. */
  findAfterReload(keyId: string): Promise<SigningKey | undefined>
  /** The newest key that signs at `now`; made when there is none. */
  signingKey(project: string, profile: TokenProfile, now: Date): Awaitable<SigningKey>
  /** Makes the next key. Where two processes do so at once, both get the same one. */
  rotate(project: string, profile: TokenProfile, now: Date): Promise<SigningKey>
  /** Public halves of the native keys. */
  publicKeys(): readonly JWK[]
  /** Reads the store's keys again. */
  reload(): Promise<void>
  /** Removes keys that were superseded before `before` and that no stored token needs. */
  removeUnused(before: Date): Promise<void>
}

const RELOAD_EVERY_MS = 1000

/**
 * The ring of keys in a store, encrypted under the master secret.
 * @throws ConfigurationError when the secret does not open what is stored: nothing is ever made anew over it
 */
export async function openKeyRing(
  store: TokenStore,
  options: { masterSecret: string | readonly [string, string]; publishDelaySeconds: number },
  call: StoreCall,
  onError: (error: unknown) => void,
): Promise<KeyRing> {
  const seal = createKeySeal(options.masterSecret)
  const ring = new StoredKeyRing(store, call, seal, options.publishDelaySeconds, onError)
  await ring.load('all must open')
  return ring
}

class StoredKeyRing implements KeyRing {
  readonly #store: TokenStore
  /** Bounded, so that one answer that never comes does not hold up all that follow. */
  readonly #call: StoreCall
  readonly #seal: KeySeal
  readonly #publishDelaySeconds: number
  readonly #onError: (error: unknown) => void
  #keys = new KeyIndex()
  /** Loads follow one another, so that an old answer never replaces a newer one. */
  #loading: Promise<void> = Promise.resolve()
  #lastReload = Number.NEGATIVE_INFINITY
  /** The reload that has not begun to read: what it finds answers everybody who asked before. */
  #nextReload: Promise<void> | null = null

  constructor(
    store: TokenStore,
    call: StoreCall,
    seal: KeySeal,
    publishDelaySeconds: number,
    onError: (error: unknown) => void,
  ) {
    this.#store = store
    this.#call = call
    this.#seal = seal
    this.#publishDelaySeconds = publishDelaySeconds
    this.#onError = onError
  }

  find(keyId: string): SigningKey | undefined {
    return this.#keys.find(keyId)
  }

  async findAfterReload(keyId: string): Promise<SigningKey | undefined> {
    await this.reload()
    return this.#keys.find(keyId)
  }

  signingKey(project: string, profile: TokenProfile, now: Date): Awaitable<SigningKey> {
    const key = this.#keys.newest(project, profile, now)
    // The very first key of a project signs at once: nobody can have cached a key set without it.
    return key ?? this.#add(project, profile, 1, now, now)
  }

  async rotate(project: string, profile: TokenProfile, now: Date): Promise<SigningKey> {
    await this.load('skip what does not open')
    const newest = this.#keys.newest(project, profile, null)
    if (newest === undefined) return this.#add(project, profile, 1, now, now)
    const activatesAt = new Date(now.getTime() + this.#publishDelaySeconds * 1000)
    return this.#add(project, profile, newest.version + 1, now, activatesAt)
  }

  publicKeys(): readonly JWK[] {
    return this.#keys.publicKeys()
  }

  reload(): Promise<void> {
    this.#nextReload ??= this.#reloadInTurn()
    return this.#nextReload
  }

  async #reloadInTurn(): Promise<void> {
    const wait = this.#lastReload + RELOAD_EVERY_MS - performance.now()
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
    await this.#loading
    this.#nextReload = null
    await this.load('skip what does not open')
  }

  load(unopened: 'all must open' | 'skip what does not open'): Promise<void> {
    this.#lastReload = performance.now()
    const loaded = this.#loading.then(() => this.#loadNow(unopened))
    this.#loading = loaded.catch(() => {})
    return loaded
  }

  async #loadNow(unopened: 'all must open' | 'skip what does not open'): Promise<void> {
    const read = (): Awaitable<readonly StoredKey[]> => this.#store.keys()
    const keys = new KeyIndex()
    const outdated: { readonly stored: StoredKey; readonly jwk: JWK }[] = []
    // At the start the store's own error says more than that it does not answer.
    for (const stored of await (unopened === 'all must open' ? read() : this.#call(read))) {
      try {
        const known = this.#keys.find(stored.id)
        if (known !== undefined) {
          keys.add(known)
          continue
        }
        const opened = await this.#seal.open(stored)
        keys.add(toSigningKey(stored, opened.jwk))
        if (opened.outdated) outdated.push({ stored, jwk: opened.jwk })
      } catch (error) {
        if (unopened === 'all must open') throw error
        this.#onError(error)
      }
    }
    this.#keys = keys
    // Last: where one key does not open, nothing is written.
    for (const { stored, jwk } of outdated) await this.#reseal(stored, jwk)
  }

  /** A key that cannot be sealed anew is as good as before; the next start tries again. */
  async #reseal(stored: StoredKey, jwk: JWK): Promise<void> {
    try {
      const sealed = await this.#seal.seal(stored, jwk)
      await this.#call(() => this.#store.resealKey(stored.id, sealed))
    } catch (error) {
      this.#onError(error)
    }
  }

  async #add(
    project: string,
    profile: TokenProfile,
    version: number,
    createdAt: Date,
    activatesAt: Date,
  ): Promise<SigningKey> {
    assertProfileName(profile.name)
    const jwk = generateSigningKey(profile.algorithm).export({ format: 'jwk' })
    const id = randomBytes(16).toString('base64url')
    const { name, algorithm } = profile
    const place = { id, project, profile: name, algorithm, version, createdAt, activatesAt }
    const stored = { ...place, sealed: await this.#seal.seal(place, jwk) }
    if (await this.#call(() => this.#store.insertKey(stored))) {
      const key = toSigningKey(place, jwk)
      // After loads that were under way: they may have read the keys before this one was there.
      await this.#loading
      if (this.#keys.find(id) === undefined) this.#keys.add(key)
      return key
    }
    // Another process was first: its key is the one.
    await this.load('skip what does not open')
    const other = this.#keys.version(project, profile, version)
    if (other !== undefined) return other
    throw new ConfigurationError('another process made a key that keys.masterSecret does not open')
  }

  async removeUnused(before: Date): Promise<void> {
    for (const { project, id } of this.#keys.superseded(before)) {
      await this.#call(() => this.#store.deleteUnusedKey(project, id))
    }
    await this.load('skip what does not open')
  }
}

function assertProfileName(name: string): void {
  if (/^[a-z0-9._-]{1,64}$/.test(name)) return
  throw new ConfigurationError('the name of a profile must be 1 to 64 of a-z 0-9 - . _')
}

/** The ring of keys that the application brings: nothing is made, nothing is stored. */
export function createGivenKeyRing(given: readonly GivenKey[], now: Date): KeyRing {
  const keys = new KeyIndex()
  for (const [index, { jwk, project = 'default', profile = 'native' }] of given.entries()) {
    const { kid: id, alg: algorithm } = jwk ?? {}
    if (typeof id !== 'string' || id === '' || id.length > 128 || typeof algorithm !== 'string') {
      throw new ConfigurationError(`keys.jwks[${index}] needs a kid (1 to 128 characters) and an alg`)
    }
    if (keys.find(id) !== undefined)
      throw new ConfigurationError(`keys.jwks[${index}] repeats the kid of another key`)
    const place = { id, project, profile, algorithm, version: index + 1, createdAt: now, activatesAt: now }
    keys.add(toSigningKey(place, jwk))
  }
  return {
    find: (keyId) => keys.find(keyId),
    findAfterReload: async (keyId) => keys.find(keyId),
    signingKey(project, profile) {
      const key = keys.newest(project, profile, null)
      if (key !== undefined) return key
      // Which projects there are is decided by the keys that the application brings.
      throw new TokenRequestError('invalid_request', 'no key signs such tokens for this project', 'project')
    },
    async rotate() {
      throw new ConfigurationError('keys that the application brings are rotated by changing keys.jwks')
    },
    publicKeys: () => keys.publicKeys(),
    reload: async () => {},
    removeUnused: async () => {},
  }
}
