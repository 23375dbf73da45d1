import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { ConfigurationError } from '@hallpass/core'
import { TooManyAttemptsError } from './authorize.ts'
import { DEFAULT_COST, deriveKey, type PasswordHash, parsePasswordHash } from './password-hash.ts'

/** A password or client secret: as it is, or as `hashPassword` made it. */
export type Secret = string | { readonly scrypt: string }

/**
 * Refuses a secret that is not there, such as an environment variable that is not set.
 * @param place of the options, for the message
 * @throws ConfigurationError
 */
export function checkSecret(secret: Secret, place: string): void {
  const given: unknown = secret
  if (given === undefined || given === null || given === '')
    throw new ConfigurationError(`${place} is missing`)
  if (typeof given === 'string') return
  if (typeof given === 'object' && 'scrypt' in given && typeof given.scrypt === 'string') return
  throw new ConfigurationError(`${place} is a text, or { scrypt } with what hashPassword made`)
}

/** Whether the name has this secret; at once when it was found right within the last minute. */
export type VerifyCredentials = (name: string, secret: string) => boolean | Promise<boolean>

interface Expected {
  readonly hash: PasswordHash
  /** Of the secret itself, where it was given as it is. */
  readonly plainMac: Buffer | null
}

const CACHE_MS = 60_000
const MAX_SECRET_BYTES = 1024
const RETRY_AFTER_SECONDS = 1

/** scrypt takes a thread of the process and much memory, so the bound is the process's, not an authorizer's. */
const MOST_AT_ONCE = 2
let running = 0

/** Makes what is kept of credentials worthless outside of this process. */
const processKey = randomBytes(32)

/**
 * Checks names and secrets at a price that does not say whether the name exists: each check that is not remembered
 * costs one scrypt, and a name that nobody has costs what one of the others does, the same as long as the process lives.
 * Remembers only what was right, for 60 s, under a key that never leaves the process.
 * @throws TooManyAttemptsError from the check, when two others are being made
 * @throws ConfigurationError for an empty secret or a malformed hash
 */
export function createCredentialVerifier(
  secrets: Iterable<readonly [name: string, secret: Secret]>,
  nowMs: () => number = Date.now,
): VerifyCredentials {
  const expected = new Map([...secrets].map(([name, secret]) => [name, toExpected(secret)]))
  const hashes = [...expected.values()].map(({ hash }) => hash)
  const rememberedUntil = new Map<string, number>()
  const underWay = new Map<string, Promise<boolean>>()

  const check = async (name: string, secret: string, remember: string): Promise<boolean> => {
    if (running >= MOST_AT_ONCE) throw new TooManyAttemptsError(RETRY_AFTER_SECONDS)
    running++
    try {
      const { hash, plainMac } = expected.get(name) ?? toUnknown(name, hashes)
      const derived = await deriveKey(secret, hash)
      const isRight =
        plainMac === null ? timingSafeEqual(derived, hash.key) : timingSafeEqual(toMac(secret), plainMac)
      if (!isRight || !expected.has(name)) return false
      rememberedUntil.set(remember, nowMs() + CACHE_MS)
      return true
    } finally {
      running--
    }
  }

  return (name, secret) => {
    if (Buffer.byteLength(name) > MAX_SECRET_BYTES || Buffer.byteLength(secret) > MAX_SECRET_BYTES)
      return false
    const remember = toMac(JSON.stringify([name, secret])).toString('base64')
    const until = rememberedUntil.get(remember)
    if (until !== undefined) {
      if (nowMs() < until) return true
      rememberedUntil.delete(remember)
    }
    // A page that sends ten requests at once costs one check.
    const already = underWay.get(remember)
    if (already !== undefined) return already
    const checking = check(name, secret, remember).finally(() => underWay.delete(remember))
    underWay.set(remember, checking)
    return checking
  }
}

function toExpected(secret: Secret): Expected {
  checkSecret(secret, 'a password or client secret')
  if (typeof secret !== 'string') return { hash: parsePasswordHash(secret.scrypt), plainMac: null }
  if (secret === '' || Buffer.byteLength(secret) > MAX_SECRET_BYTES) {
    throw new ConfigurationError(`a password or client secret has 1 to ${MAX_SECRET_BYTES} bytes`)
  }
  // The scrypt that follows decides nothing here: it makes known and unknown names cost the same.
  return { hash: toDummyHash(), plainMac: toMac(secret) }
}

/** What a name that nobody has is checked with: the same hash each time, as if it were somebody's. */
function toUnknown(name: string, hashes: readonly PasswordHash[]): Expected {
  const hash = hashes[toMac(name).readUInt32BE() % hashes.length]
  // There is nobody at all.
  return { hash: hash ?? toDummyHash(), plainMac: null }
}

function toDummyHash(): PasswordHash {
  return { ...DEFAULT_COST, salt: randomBytes(16), key: Buffer.alloc(32) }
}

function toMac(text: string): Buffer {
  return createHmac('sha256', processKey).update(text).digest()
}
