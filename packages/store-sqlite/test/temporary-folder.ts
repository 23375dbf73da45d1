import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach } from 'vitest'

/** A new folder, and how to be rid of it. */
export function createTemporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'hallpass-sqlite-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** Before each test: hands over the path of a database file, in a folder of its own that goes when all of the test is over. */
export function beforeEachWithPath(take: (path: string) => void): void {
  beforeEach(() => {
    const folder = createTemporaryFolder()
    take(join(folder.path, 'tokens.db'))
    return folder.remove
  })
}
