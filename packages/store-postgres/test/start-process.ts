import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'

export interface RunningProcess {
  readonly child: ChildProcessByStdio<Writable, Readable, null>
  /** Lines in the order in which they came. */
  readonly lines: string[]
  readonly ended: Promise<void>
  /** The next line that was not read yet. */
  line(): Promise<string>
  write(line: string): void
}

/** A script of `test/processes` in a process of its own. */
export function startProcess(script: string, ...parameters: readonly string[]): RunningProcess {
  const file = fileURLToPath(new URL(`processes/${script}`, import.meta.url))
  const child = spawn(
    process.execPath,
    ['--conditions=@hallpass/source', '--no-warnings', file, ...parameters],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  const lines: string[] = []
  const waiting: ((line: string) => void)[] = []
  let read = 0
  createInterface(child.stdout).on('line', (line) => {
    lines.push(line)
    const next = waiting.shift()
    if (next === undefined) return
    read += 1
    next(line)
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  return {
    child,
    lines,
    ended,
    line() {
      const next = lines[read]
      if (next !== undefined) {
        read += 1
        return Promise.resolve(next)
      }
      return new Promise((resolve, reject) => {
        waiting.push(resolve)
        void ended.then(() => reject(new Error('the process ended without a further line')))
      })
    },
    write: (line) => void child.stdin.write(`${line}\n`),
  }
}
