import { createHash, hkdfSync } from 'node:crypto'
import type { JWK } from 'jose'
// In parts: all of jose is a quarter of what it takes to load this package.
import { decodeProtectedHeader } from 'jose/decode/protected_header'
import { compactDecrypt } from 'jose/jwe/compact/decrypt'
import { CompactEncrypt } from 'jose/jwe/compact/encrypt'
import { decodeCanonicalBase64url } from './base64url.ts'
import { ConfigurationError } from './request-error.ts'
import type { StoredKey } from './token-store.ts'

/** What is sealed: the key, and what it belongs to, so that a sealed text cannot be moved to another row. */
interface SealedKey {
  readonly id: string
  readonly project: string
  readonly profile: string
  readonly algorithm: string
  readonly jwk: JWK
}

export interface KeySeal {
  /** The private key as a compact JWE (RFC 7516, `dir` with A256GCM) under the current master secret. */
  seal(key: Omit<StoredKey, 'sealed'>, jwk: JWK): Promise<string>
  /**
   * @returns the key, and whether it was sealed under the previous master secret
   * @throws ConfigurationError when no master secret opens it, or it was sealed for another key
   */
  open(key: StoredKey): Promise<{ jwk: JWK; outdated: boolean }>
}

/**
 * Seals private keys under a master secret.
 * @param secrets the current one and, while it is being changed, the previous one: 32 random bytes in base64url
 * @throws ConfigurationError for a secret of another form
 */
export function createKeySeal(secrets: string | readonly [current: string, previous: string]): KeySeal {
  const [current, previous] = (Array.isArray(secrets) ? secrets : [secrets]).map(parseMasterSecret)
  if (current === undefined) throw new ConfigurationError('keys.masterSecret is missing')
  return {
    async seal(key, jwk) {
      const content: SealedKey = {
        id: key.id,
        project: key.project,
        profile: key.profile,
        algorithm: key.algorithm,
        jwk,
      }
      return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(content)))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: current.id })
        .encrypt(current.key)
    },
    async open(key) {
      const sealedUnder = readSealId(key.sealed)
      const secret = [current, previous].find((candidate) => candidate?.id === sealedUnder)
      const content = secret && (await decrypt(key.sealed, secret.key))
      if (content === undefined || content === null) {
        throw new ConfigurationError(
          'keys.masterSecret does not open the keys in this store; start with the secret they were sealed under',
        )
      }
      for (const field of ['id', 'project', 'profile', 'algorithm'] as const) {
        if (content[field] !== key[field]) {
          throw new ConfigurationError('a key in this store was changed: it was sealed for another place')
        }
      }
      return { jwk: content.jwk, outdated: secret !== current }
    },
  }
}

interface MasterKey {
  /** Tells which secret a text is sealed under; says nothing of the secret. */
  readonly id: string
  readonly key: Uint8Array
}

function parseMasterSecret(secret: unknown): MasterKey {
  const bytes = typeof secret === 'string' ? decodeCanonicalBase64url(secret) : null
  if (bytes === null || bytes.length !== 32) {
    throw new ConfigurationError('keys.masterSecret must be 32 random bytes in base64url (43 characters)')
  }
  const key = new Uint8Array(hkdfSync('sha256', bytes, '', 'hallpass key seal', 32))
  const id = createHash('sha256').update('hallpass key seal id').update(key).digest('base64url').slice(0, 11)
  return { id, key }
}

function readSealId(sealed: string): unknown {
  try {
    return decodeProtectedHeader(sealed).kid
  } catch {
    return undefined
  }
}

async function decrypt(sealed: string, key: Uint8Array): Promise<SealedKey | null> {
  try {
    const { plaintext } = await compactDecrypt(sealed, key, {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    })
    const content: SealedKey = JSON.parse(new TextDecoder().decode(plaintext))
    return content
  } catch {
    // jose's errors are not passed on: they may carry what was decrypted.
    return null
  }
}
