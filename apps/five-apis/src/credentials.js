// @ts-check
import { randomBytes } from 'node:crypto'
import { openKeptFile } from './kept-file.js'
import { StartError } from './start-error.js'

/** What is kept, by the name of the variable that goes before it. */
const KEPT = /** @type {const} */ ([
  'I3D_CLIENT_SECRET',
  'SPECTER_PASSWORD',
  'DATA8_PASSWORD',
  'SERVICESTACK_PASSWORD',
])

/**
 * What the callers of the APIs authenticate with, but for MagicBell's token.
 * @typedef {object} Credentials
 * @property {{ clientId: string, clientSecret: string, serviceId: string, vhost: string }} i3d
 * @property {{ username: string, password: string }} specter
 * @property {{ username: string, password: string }} data8
 * @property {{ username: string, password: string }} servicestack
 */

/**
 * The settings' credentials; what they leave out is made at the first start, and kept in a file.
 * @param {import('./settings.js').Settings} settings
 * @param {string} path
 * @returns {Credentials}
 * @throws {StartError} never with what the file holds
 */
export function openCredentials({ i3d, specter, data8, servicestack }, path) {
  const kept = parseKept(openKeptFile(path, createKept), path)
  return {
    i3d: { ...i3d, clientSecret: i3d.clientSecret ?? kept.I3D_CLIENT_SECRET },
    specter: { ...specter, password: specter.password ?? kept.SPECTER_PASSWORD },
    data8: { ...data8, password: data8.password ?? kept.DATA8_PASSWORD },
    servicestack: { ...servicestack, password: servicestack.password ?? kept.SERVICESTACK_PASSWORD },
  }
}

function createKept() {
  const secrets = KEPT.map((name) => [name, randomBytes(18).toString('base64url')])
  return `${JSON.stringify(Object.fromEntries(secrets), null, 2)}\n`
}

/**
 * @param {string} text
 * @param {string} path
 * @returns {Record<(typeof KEPT)[number], string>}
 */
function parseKept(text, path) {
  const kept = parseJson(text)
  if (KEPT.every((name) => typeof kept?.[name] === 'string' && kept[name] !== '')) return kept
  throw new StartError(`${path} must hold ${KEPT.join(', ')}: put the file back, or remove it for new ones.`)
}

/** @param {string} text */
function parseJson(text) {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
