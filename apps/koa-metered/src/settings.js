// @ts-check
import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import { parseDatabase, sqliteDatabase } from './database.js'
import { parseMasterSecret } from './master-secret.js'
import { StartError } from './start-error.js'

/**
 * @typedef {object} Settings
 * @property {number} port 0 = any free one
 * @property {string | null} adminPassword null = make one
 * @property {string} dataDir absolute
 * @property {import('./database.js').Database} database
 * @property {readonly string[]} trustedProxies
 * @property {string} issuer
 * @property {string | null} masterSecret null = keep one in the data folder
 */

/**
 * Reads the environment. An empty variable counts as not set.
 * @param {Readonly<Record<string, string | undefined>>} env
 * @returns {Settings}
 * @throws {StartError} naming the variable; never with the value of a secret one
 */
export function parseSettings(env) {
  const dataDir = resolve(env.DATA_DIR || 'data')
  return {
    port: parsePort(env.PORT || '3000'),
    adminPassword: env.ADMIN_PASSWORD ? parsePassword(env.ADMIN_PASSWORD) : null,
    dataDir,
    database: env.DATABASE_URL
      ? parseDatabase(env.DATABASE_URL, 'DATABASE_URL')
      : sqliteDatabase(join(dataDir, 'tokens.sqlite')),
    trustedProxies: parseProxies(env.TRUSTED_PROXIES || ''),
    // A constant: were it made from the port, tokens would not survive a change of the port.
    issuer: parseIssuer(env.ISSUER || 'urn:hallpass:koa-metered'),
    masterSecret: env.HALLPASS_SECRET ? parseMasterSecret(env.HALLPASS_SECRET, 'HALLPASS_SECRET') : null,
  }
}

/** @param {string} text */
function parsePort(text) {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (port <= 65_535) return port
  throw new StartError('PORT must be a number from 0 to 65535; 0 takes any free port.')
}

/** @param {string} text */
function parsePassword(text) {
  if (Buffer.byteLength(text) <= 1024 && !/[\x00-\x1f\x7f]/.test(text)) return text
  throw new StartError('ADMIN_PASSWORD must have at most 1024 bytes and no control characters.')
}

/** @param {string} text */
function parseProxies(text) {
  const entries = text.split(',').map((entry) => entry.trim())
  const proxies = entries.filter((entry) => entry !== '')
  for (const proxy of proxies) {
    if (!isAddressOrRange(proxy)) {
      throw new StartError('TRUSTED_PROXIES must list addresses or CIDR ranges, like: 10.0.0.0/8, ::1')
    }
  }
  return proxies
}

/** @param {string} text */
function isAddressOrRange(text) {
  const [address = '', bits, ...rest] = text.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}

/** @param {string} text */
function parseIssuer(text) {
  if (text.length <= 1024) return text
  throw new StartError('ISSUER must have at most 1024 characters.')
}
