import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'

/** A script in a process of its own that is talked to in lines. */
export interface ScriptProcess {
  readonly child: ChildProcessByStdio<Writable, Readable, null>
  /** All lines that it has printed. */
  readonly lines: readonly string[]
  readonly ended: Promise<void>
  /** The next line that was not handed out yet. */
  line(): Promise<string>
  write(line: string): void
  /** Writes a line and waits for the answer. */
  ask(line: string): Promise<string>
}

/** @param file a script of the tests, which runs from source */
export function startScript(file: URL, ...parameters: readonly string[]): ScriptProcess {
  const child = spawn(
    process.execPath,
    ['--conditions=@hallpass/source', '--no-warnings', fileURLToPath(file), ...parameters],
    { stdio: ['pipe', 'pipe', 'inherit'] },
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
  const line = (): Promise<string> => {
    const next = lines[read]
    if (next !== undefined) {
      read += 1
      return Promise.resolve(next)
    }
    return new Promise((resolve, reject) => {
      waiting.push(resolve)
      void ended.then(() => reject(new Error('the process ended without a further line')))
    })
  }
  const write = (text: string): void => void child.stdin.write(`${text}\n`)
  return {
    child,
    lines,
    ended,
    line,
    write,
    ask(text) {
      write(text)
      return line()
    },
  }
}
