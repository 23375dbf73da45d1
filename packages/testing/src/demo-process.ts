import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { afterAll, beforeAll, onTestFinished } from 'vitest'

export interface DemoApp {
  readonly name: string
  /** What Node is started with: flags, the file, its parameters. */
  readonly start: readonly string[]
  /** Found in what it prints once all its start lines are there. */
  readonly lastLine: RegExp
}

export interface Demo {
  readonly origin: string
  /** Everything that was printed so far, both streams. */
  output(): string
  /** The start line that begins so. */
  line(beginning: string): string
  /** Sends the signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<{ code: number | null; ms: number }>
}

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  /** Without what Node itself has to say. */
  readonly stderr: string
}

export type Env = Readonly<Record<string, string>>
/** Takes what is to be done at the end: of the test, unless said otherwise. */
export type AtEnd = (cleanUp: () => void | Promise<void>) => void

/** Starts one demo app, each time in a process of its own and on a free port. */
export interface DemoStarter {
  readonly app: DemoApp
  /** An empty folder that is gone at the end. */
  createDataDir(atEnd?: AtEnd): string
  /** A demo that has printed all its start lines. */
  startDemo(env?: Env, atEnd?: AtEnd): Promise<Demo>
  /** Waits for the end of a demo that is expected not to start. */
  runDemo(env: Env): Promise<Ended>
  /** One demo for all tests of a file. @returns where it is, once the tests run */
  shareDemo(env?: Env): { readonly origin: string; readonly dataDir: string }
}

/** The password of every demo that is not asked to make its own. */
export const PASSWORD = 'correct horse battery'

export function createDemoStarter(app: DemoApp): DemoStarter {
  const createDataDir: DemoStarter['createDataDir'] = (atEnd = onTestFinished) =>
    createFolder(app.name, atEnd)

  const startDemo: DemoStarter['startDemo'] = async (env = {}, atEnd = onTestFinished) => {
    const { child, ended } = spawnApp(app.start, { ADMIN_PASSWORD: PASSWORD, ...env }, { atEnd })
    let output = ''
    const ready = new Promise<void>((resolve) => {
      const read = (chunk: string): void => {
        output += chunk
        if (app.lastLine.test(output)) resolve()
      }
      child.stdout.on('data', read)
      child.stderr.on('data', read)
    })
    await Promise.race([
      ready,
      ended.then(({ code }) => Promise.reject(new Error(`the demo ended with ${code}: ${output}`))),
    ])
    const line: Demo['line'] = (beginning) => {
      const found = output.split('\n').find((text) => text.startsWith(beginning))
      if (found === undefined) throw new Error(`no line begins with ${beginning}: ${output}`)
      return found
    }
    return {
      origin: line(`${app.name} is ready: `).replace(/^.*(http:\S+)\/$/, '$1'),
      output: () => output,
      line,
      async stop(signal = 'SIGTERM') {
        const before = performance.now()
        child.kill(signal)
        const { code } = await ended
        return { code, ms: performance.now() - before }
      },
    }
  }

  return {
    app,
    createDataDir,
    startDemo,
    runDemo: (env) => spawnApp(app.start, env).ended,
    shareDemo(env = {}) {
      const shared = { origin: '', dataDir: '' }
      const cleanUps: (() => void | Promise<void>)[] = []
      beforeAll(async () => {
        const atEnd: AtEnd = (cleanUp) => void cleanUps.unshift(cleanUp)
        shared.dataDir = createDataDir(atEnd)
        shared.origin = (await startDemo({ DATA_DIR: shared.dataDir, ...env }, atEnd)).origin
      })
      afterAll(async () => {
        for (const cleanUp of cleanUps) await cleanUp()
      })
      return shared
    },
  }
}

/** An empty folder that is gone at the end. */
export function createFolder(name: string, atEnd: AtEnd = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`))
  atEnd(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export interface AppProcess {
  readonly child: ChildProcessByStdio<null, Readable, Readable>
  readonly ended: Promise<Ended>
  /** What was printed so far; of stderr without what Node itself has to say. */
  stdout(): string
  stderr(): string
}

/** An app in a process of its own, with nothing of this one's environment but its PATH. */
export function spawnApp(
  start: readonly string[],
  env: Env,
  { atEnd = onTestFinished, cwd = tmpdir() }: { readonly atEnd?: AtEnd; readonly cwd?: string } = {},
): AppProcess {
  const child = spawn(process.execPath, start, {
    cwd,
    env: { PATH: process.env.PATH ?? '', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk
  })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, stderr: withoutWarnings(stderr) }))
  })
  atEnd(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return { child, ended, stdout: () => stdout, stderr: () => withoutWarnings(stderr) }
}

/** Some versions of Node call SQLite or the running of TypeScript experimental. */
function withoutWarnings(stderr: string): string {
  return stderr.replace(/^\(.*\n/gm, '')
}

/** What a POSIX shell prints for these lines. */
export function runShell(lines: string, env: Env = {}, cwd?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { env: { PATH: process.env.PATH ?? '', ...env }, ...(cwd !== undefined && { cwd }) }
    execFile('sh', ['-c', lines], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(`${error.message}\n${stdout}\n${stderr}`))
    })
  })
}
