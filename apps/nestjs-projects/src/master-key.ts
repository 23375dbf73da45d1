import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { parseMasterSecret } from './master-secret.ts'

/**
 * The master secret kept in a file, made when there is none. Any number of processes may call this at once: all get
 * the same secret.
 */
export function openMasterKey(path: string): string {
  return readMasterKey(path) ?? createMasterKey(path)
}

/** @returns null = there is no such file */
export function readMasterKey(path: string): string | null {
  try {
    return parseMasterSecret(readFileSync(path, 'utf8').trim(), path)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null
    throw error
  }
}

/**
 * Written in full under another name first and then linked to its own, which succeeds for one process only. So
 * nobody ever reads half a key, and nobody replaces one.
 */
function createMasterKey(path: string): string {
  const draft = `${path}.${randomBytes(9).toString('base64url')}.draft`
  const file = openSync(draft, 'wx', 0o600)
  try {
    writeSync(file, `${randomBytes(32).toString('base64url')}\n`)
    fsyncSync(file)
    linkSync(draft, path)
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
  } finally {
    closeSync(file)
    rmSync(draft)
  }
  return parseMasterSecret(readFileSync(path, 'utf8').trim(), path)
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
