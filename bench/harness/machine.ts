import { execFileSync } from 'node:child_process'
import { cpus, release, type as system, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'

/** Where a run took place. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGib: number
  readonly system: string
  readonly node: string
}

export function readMachine(): Machine {
  const processors = cpus()
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    system: `${system()} ${release()}`,
    node: process.version,
  }
}

/** The short hash of what is measured, `-dirty` when files differ from it; what the bench writes does not count. */
export function readCommit(): string {
  try {
    const changed = git('status', '--porcelain', '--', ':/', ':!/bench/RESULTS.md', ':!/bench/results')
    return git('rev-parse', '--short', 'HEAD') + (changed === '' ? '' : '-dirty')
  } catch {
    // A copy of the sources without their history.
    return 'unknown'
  }
}

function git(...parameters: string[]): string {
  const cwd = fileURLToPath(new URL('..', import.meta.url))
  return execFileSync('git', parameters, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim()
}
