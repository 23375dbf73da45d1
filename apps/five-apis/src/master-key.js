// @ts-check
import { randomBytes } from 'node:crypto'
import { openKeptFile, readKeptFile } from './kept-file.js'
import { parseMasterSecret } from './master-secret.js'

/**
 * The master secret kept in a file, made when there is none.
 * @param {string} path
 * @returns {string}
 */
export function openMasterKey(path) {
  const text = openKeptFile(path, () => `${randomBytes(32).toString('base64url')}\n`)
  return parseMasterSecret(text.trim(), path)
}

/**
 * @param {string} path
 * @returns {string | null} null = there is no such file
 */
export function readMasterKey(path) {
  const text = readKeptFile(path)
  return text === null ? null : parseMasterSecret(text.trim(), path)
}
