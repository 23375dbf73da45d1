// @ts-check
import { resolve } from 'node:path'
import { StartError } from './start-error.js'

/**
 * Where tokens, keys and usage are kept. `label` names the place in messages, without a password.
 * @typedef {{ kind: 'sqlite', path: string, label: string } | { kind: 'postgres' | 'redis', url: string, label: string }} Database
 */

/** @type {Readonly<Record<string, 'postgres' | 'redis'>>} */
const SERVERS = { 'postgres:': 'postgres', 'postgresql:': 'postgres', 'redis:': 'redis', 'rediss:': 'redis' }

/**
 * @param {string} text `sqlite:path`, `postgres://…` or `redis://…`
 * @param {string} source where it comes from, named in the error
 * @returns {Database}
 * @throws {StartError} never with the text itself: it may hold a password
 */
export function parseDatabase(text, source) {
  const [, path] = /^sqlite:(?:\/\/(?=\/))?(.+)$/.exec(text) ?? []
  if (path !== undefined) return sqliteDatabase(resolve(path))
  const url = URL.canParse(text) ? new URL(text) : null
  const kind = url === null ? undefined : SERVERS[url.protocol]
  if (url === null || kind === undefined || url.hostname === '') {
    throw new StartError(`${source} must be sqlite:path, postgres://… or redis://….`)
  }
  return { kind, url: text, label: `${kind}://${url.host}${url.pathname}` }
}

/**
 * @param {string} path absolute
 * @returns {Database}
 */
export function sqliteDatabase(path) {
  return { kind: 'sqlite', path, label: path }
}
