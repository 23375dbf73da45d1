import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'

/** A process of its own that runs a script of `test/processes`, from source. */
export interface RunningProcess {
  readonly child: ChildProcessByStdio<Writable, Readable, null>
  /** All lines that it has printed. */
  readonly lines: readonly string[]
  readonly ended: Promise<void>
  /** The next line that was not handed out yet. */
  line(): Promise<string>
  ask(line: string): Promise<string>
}

export function runProcess(script: string, ...parameters: readonly string[]): RunningProcess {
  const file = fileURLToPath(new URL(`processes/${script}`, import.meta.url))
  const node = [process.execPath, '--conditions=@hallpass/source', '--no-warnings', file, ...parameters]
  const child = spawn(node[0] ?? '', node.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] })
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
  const line = (): Promise<string> => {
    const next = lines[read]
    if (next !== undefined) {
      read += 1
      return Promise.resolve(next)
    }
    return new Promise((resolve, reject) => {
      waiting.push(resolve)
      child.once('close', () => reject(new Error('the process ended without a further line')))
    })
  }
  return {
    child,
    lines,
    ended: new Promise((resolve) => child.once('close', () => resolve())),
    line,
    ask(text) {
      child.stdin.write(`${text}\n`)
      return line()
    },
  }
}
