import { randomBytes, type ScryptOptions, scrypt } from 'node:crypto'
import { ConfigurationError } from '@hallpass/core'

/** A password that is kept as what scrypt makes of it. */
export interface PasswordHash {
  /** log2 of the cost. */
  readonly costLog2: number
  readonly blockSize: number
  readonly parallelization: number
  readonly salt: Buffer
  readonly key: Buffer
}

const KEY_BYTES = 32
const SALT_BYTES = 16
const HASH = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

/** What `hashPassword` uses, and what is spent on a password that is kept as text. About 40 ms and 16 MB. */
export const DEFAULT_COST: Pick<PasswordHash, 'costLog2' | 'blockSize' | 'parallelization'> = {
  costLog2: 14,
  blockSize: 8,
  parallelization: 1,
}

/**
 * A password as text for a configuration file: `$scrypt$ln=14,r=8,p=1$<salt>$<key>`.
 * @see RFC 7914; the PHC string format
 */
export async function hashPassword(password: string): Promise<string> {
  const { costLog2, blockSize, parallelization } = DEFAULT_COST
  const hash = { ...DEFAULT_COST, salt: randomBytes(SALT_BYTES), key: Buffer.alloc(KEY_BYTES) }
  const key = await deriveKey(password, hash)
  const [salt, derived] = [hash.salt, key].map((bytes) => bytes.toString('base64').replaceAll('=', ''))
  return `$scrypt$ln=${costLog2},r=${blockSize},p=${parallelization}$${salt}$${derived}`
}

/** @throws ConfigurationError; the message does not repeat the text */
export function parsePasswordHash(text: string): PasswordHash {
  const parts = HASH.exec(text)
  const [, ln, r, p, salt = '', key = ''] = parts ?? []
  const hash = {
    costLog2: Number(ln),
    blockSize: Number(r),
    parallelization: Number(p),
    salt: Buffer.from(salt, 'base64'),
    key: Buffer.from(key, 'base64'),
  }
  const isBounded =
    hash.costLog2 >= 10 && hash.costLog2 <= 20 && hash.blockSize >= 1 && hash.parallelization >= 1
  if (parts === null || !isBounded || hash.salt.length < 8 || hash.key.length < 16 || hash.key.length > 64) {
    throw new ConfigurationError(
      'a password hash must be what hashPassword makes: $scrypt$ln=…,r=…,p=…$salt$key',
    )
  }
  return hash
}

/** What scrypt makes of a password with a hash's salt and cost. Runs on a thread of its own. */
export function deriveKey(password: string, hash: PasswordHash): Promise<Buffer> {
  const { costLog2, blockSize, parallelization, salt, key } = hash
  const options: ScryptOptions = {
    N: 2 ** costLog2,
    r: blockSize,
    p: parallelization,
    maxmem: 256 * blockSize * (2 ** costLog2 + parallelization),
  }
  return new Promise((resolve, reject) => {
    scrypt(password, salt, key.length, options, (error, derived) => {
      if (error === null) resolve(derived)
      else reject(error)
    })
  })
}
