import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { parseMasterSecret } from './master-secret.ts'
import { StartError } from './start-error.ts'

export interface Settings {
  /** 0 = any free one. */
  readonly port: number
  /** Null = make one. */
  readonly adminPassword: string | null
  /** Absolute. */
  readonly dataDir: string
  readonly trustedProxies: readonly string[]
  readonly issuer: string
  /** Null = keep one in the data folder. */
  readonly masterSecret: string | null
}

/**
 * Reads the environment. An empty variable counts as not set.
 * @throws StartError naming the variable; never with the value of a secret one
 */
export function parseSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  return {
    port: parsePort(env.PORT || '3000'),
    adminPassword: env.ADMIN_PASSWORD ? parsePassword(env.ADMIN_PASSWORD) : null,
    dataDir: resolve(env.DATA_DIR || 'data'),
    trustedProxies: parseProxies(env.TRUSTED_PROXIES || ''),
    // A constant: were it made from the port, tokens would not survive a change of the port.
    issuer: parseIssuer(env.ISSUER || 'urn:hallpass:nestjs-projects'),
    masterSecret: env.HALLPASS_SECRET ? parseMasterSecret(env.HALLPASS_SECRET, 'HALLPASS_SECRET') : null,
  }
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (port <= 65_535) return port
  throw new StartError('PORT must be a number from 0 to 65535; 0 takes any free port.')
}

function parsePassword(text: string): string {
  if (Buffer.byteLength(text) <= 1024 && !/[\x00-\x1f\x7f]/.test(text)) return text
  throw new StartError('ADMIN_PASSWORD must have at most 1024 bytes and no control characters.')
}

function parseProxies(text: string): readonly string[] {
  const entries = text.split(',').map((entry) => entry.trim())
  const proxies = entries.filter((entry) => entry !== '')
  if (proxies.every(isAddressOrRange)) return proxies
  throw new StartError('TRUSTED_PROXIES must list addresses or CIDR ranges, like: 10.0.0.0/8, ::1')
}

function isAddressOrRange(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}

function parseIssuer(text: string): string {
  if (text.length <= 1024) return text
  throw new StartError('ISSUER must have at most 1024 characters.')
}
