import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createSqliteStore } from '@hallpass/store-sqlite'

export interface Fsyncs {
  readonly clients: number
  readonly acknowledged: number
  readonly fsyncs: number
}

/**
 * Counts with strace what SQLite asks the kernel to put on the disk.
 * @returns null where there is no strace
 */
export async function runFsyncs(clients: number, each: number): Promise<Fsyncs | null> {
  if (spawnSync('strace', ['--version']).status !== 0) return null
  const folder = mkdtempSync(join(tmpdir(), 'hallpass-faults-fsync-'))
  try {
    const path = join(folder, 'tokens.db')
    await (await createSqliteStore(path)).close()
    // What opening and closing cost by themselves.
    const without = countFsyncs(folder, [path, String(clients), '0'])
    const fsyncs = countFsyncs(folder, [path, String(clients), String(each)]) - without
    return { clients, acknowledged: clients * each, fsyncs }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function countFsyncs(folder: string, parameters: readonly string[]): number {
  const trace = join(folder, 'trace')
  const script = fileURLToPath(new URL('insert-tokens.ts', import.meta.url))
  const node = [process.execPath, '--conditions=@hallpass/source', '--no-warnings', script, ...parameters]
  const strace = ['-f', '-qq', '-e', 'trace=fsync,fdatasync', '-e', 'signal=none', '-o', trace]
  const { status } = spawnSync('strace', [...strace, ...node], { stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) throw new Error('the traced process failed')
  return [...readFileSync(trace, 'utf8').matchAll(/ (?:fsync|fdatasync)\(/g)].length
}
