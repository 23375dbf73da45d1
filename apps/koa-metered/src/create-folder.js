// @ts-check
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a folder that is its owner's alone, and what is missing above it. Node's own `recursive` never returns below a
 * folder that takes no other, such as /proc.
 * @param {string} path absolute
 * @throws {NodeJS.ErrnoException}
 */
export function createFolder(path) {
  if (!existsSync(dirname(path))) createFolder(dirname(path))
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    // It may be there already, or another process was first.
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error
  }
}
