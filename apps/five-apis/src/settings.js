// @ts-check
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { parseMasterSecret } from './master-secret.js'
import { StartError } from './start-error.js'

/**
 * @typedef {object} Settings
 * @property {number} port 0 = any free one
 * @property {string} dataDir absolute
 * @property {readonly string[]} trustedProxies
 * @property {string | null} masterSecret null = keep one in the data folder
 * @property {{ clientId: string, clientSecret: string | null, serviceId: string, vhost: string }} i3d
 * @property {Login} specter
 * @property {Login} data8
 * @property {Login} servicestack
 */

/**
 * @typedef {object} Login
 * @property {string} username
 * @property {string | null} password null = keep one in the data folder
 */

/** @typedef {Readonly<Record<string, string | undefined>>} Env */

/**
 * Reads the environment. An empty variable counts as not set.
 * @param {Env} env
 * @returns {Settings}
 * @throws {StartError} naming the variable; never with the value of a secret one
 */
export function parseSettings(env) {
  return {
    port: parsePort(env.PORT || '3000'),
    dataDir: resolve(env.DATA_DIR || 'data'),
    trustedProxies: parseProxies(env.TRUSTED_PROXIES || ''),
    masterSecret: env.HALLPASS_SECRET ? parseMasterSecret(env.HALLPASS_SECRET, 'HALLPASS_SECRET') : null,
    i3d: {
      clientId: parseName(env.I3D_CLIENT_ID || 'demo', 'I3D_CLIENT_ID'),
      clientSecret: parseSecret(env.I3D_CLIENT_SECRET, 'I3D_CLIENT_SECRET'),
      serviceId: parseServiceId(env.I3D_SERVICE_ID || '10042'),
      vhost: parseVhost(env.I3D_VHOST || 'cdn.example.com'),
    },
    specter: {
      username: parseName(env.SPECTER_USERNAME || 'admin', 'SPECTER_USERNAME'),
      password: parseSecret(env.SPECTER_PASSWORD, 'SPECTER_PASSWORD'),
    },
    data8: {
      username: parseName(env.DATA8_USERNAME || 'demo', 'DATA8_USERNAME'),
      password: parseSecret(env.DATA8_PASSWORD, 'DATA8_PASSWORD'),
    },
    servicestack: {
      username: parseName(env.SERVICESTACK_USERNAME || 'admin', 'SERVICESTACK_USERNAME'),
      password: parseSecret(env.SERVICESTACK_PASSWORD, 'SERVICESTACK_PASSWORD'),
    },
  }
}

/** @param {string} text */
function parsePort(text) {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (port <= 65_535) return port
  throw new StartError('PORT must be a number from 0 to 65535; 0 takes any free port.')
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

/**
 * A name that HTTP Basic, a form and a claim can carry.
 * @param {string} text
 * @param {string} variable
 */
function parseName(text, variable) {
  if (/^[\x21-\x39\x3b-\x7e]{1,128}$/.test(text)) return text
  throw new StartError(`${variable} must be 1 to 128 visible ASCII characters without a colon.`)
}

/**
 * @param {string | undefined} text
 * @param {string} variable
 * @returns {string | null}
 */
function parseSecret(text, variable) {
  if (!text) return null
  if (/^[\x21-\x7e]{1,128}$/.test(text)) return text
  throw new StartError(`${variable} must be 1 to 128 visible ASCII characters.`)
}

/** @param {string} text */
function parseServiceId(text) {
  if (/^[A-Za-z0-9][\w.~-]{0,127}$/.test(text)) return text
  throw new StartError('I3D_SERVICE_ID must be letters, digits and - . _ ~, like: 10042')
}

/** @param {string} text */
function parseVhost(text) {
  if (/^[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){0,3}$/.test(text)) return text
  throw new StartError('I3D_VHOST must be a host name in small letters, like: cdn.example.com')
}
