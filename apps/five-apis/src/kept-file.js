// @ts-check
import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'

/**
 * The text of a file that only its owner can read, made when there is none. Any number of processes may call this at
 * once: all get the same text.
 * @param {string} path
 * @param {() => string} create
 * @returns {string}
 */
export function openKeptFile(path, create) {
  return readKeptFile(path) ?? createKeptFile(path, create())
}

/**
 * @param {string} path
 * @returns {string | null} null = there is no such file
 */
export function readKeptFile(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null
    throw error
  }
}

/**
 * Written in full under another name first and then linked to its own, which succeeds for one process only. So
 * nobody ever reads half a secret, and nobody replaces one.
 * @param {string} path
 * @param {string} text
 * @returns {string}
 */
function createKeptFile(path, text) {
  const draft = `${path}.${randomBytes(9).toString('base64url')}.draft`
  const file = openSync(draft, 'wx', 0o600)
  try {
    writeSync(file, text)
    fsyncSync(file)
    linkSync(draft, path)
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
  } finally {
    closeSync(file)
    rmSync(draft)
  }
  return readFileSync(path, 'utf8')
}

/**
 * @param {unknown} error
 * @param {string} code
 */
function hasCode(error, code) {
  return error instanceof Error && 'code' in error && error.code === code
}
