import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

export const APP_FOLDER: string = fileURLToPath(new URL('..', import.meta.url))

/** What the line says that the app prints when it is ready. */
export interface Ready {
  readonly ready: true
  readonly url: string
  readonly credentials: {
    readonly i3d: {
      readonly clientId: string
      readonly clientSecret: string
      readonly serviceId: string
      readonly vhost: string
    }
    readonly specter: Login
    readonly magicbell: { readonly token: string }
    readonly data8: Login
    readonly servicestack: Login
  }
}

export interface Login {
  readonly username: string
  readonly password: string
}

export interface App {
  readonly ready: Ready
  /** Everything that was printed so far; stderr without what Node itself has to say. */
  stdout(): string
  stderr(): string
  /** Sends the signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Ended>
}

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

type Env = Readonly<Record<string, string>>
/** Takes what is to be done at the end: of the test, unless said otherwise. */
export type AtEnd = (cleanUp: () => void | Promise<void>) => void

/** An empty folder that is gone at the end. */
export function createDataDir(atEnd: AtEnd = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), 'five-apis-'))
  atEnd(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** An app that runs from source in a process of its own and has said that it is ready. */
export async function startApp(env: Env, atEnd: AtEnd = onTestFinished): Promise<App> {
  const { child, ended } = spawnApp(env, atEnd)
  let stdout = ''
  let stderr = ''
  child.stderr?.on('data', (chunk: string) => {
    stderr += chunk
  })
  const line = new Promise<string>((resolve) => {
    child.stdout?.on('data', (chunk: string) => {
      stdout += chunk
      if (stdout.includes('\n')) resolve(stdout)
    })
  })
  const first = await Promise.race([
    line,
    ended.then(({ code }) => Promise.reject(new Error(`the app ended with ${code}: ${stderr}`))),
  ])
  return {
    ready: JSON.parse(first) as Ready,
    stdout: () => stdout,
    stderr: () => withoutWarnings(stderr),
    stop(signal = 'SIGTERM') {
      child.kill(signal)
      return ended
    },
  }
}

/** Waits for the end of an app that is expected not to start. */
export function runApp(env: Env): Promise<Ended> {
  return spawnApp(env, onTestFinished).ended
}

function spawnApp(env: Env, atEnd: AtEnd): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, ['--conditions=@hallpass/source', join(APP_FOLDER, 'start.js')], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH ?? '', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stdout.setEncoding('utf8')
  child.stderr.setEncoding('utf8')
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: string) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk: string) => {
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
  return { child, ended }
}

/** Some versions of Node call SQLite or the running of TypeScript experimental. */
function withoutWarnings(stderr: string): string {
  return stderr.replace(/^\(.*\n/gm, '')
}

/** What a POSIX shell prints for these lines. */
export function runShell(lines: string, options: { cwd: string; env: Env }): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env.PATH ?? '', ...options.env }
    execFile('sh', ['-c', lines], { cwd: options.cwd, env }, (error, stdout, stderr) => {
      if (error === null && stderr === '') resolve(stdout)
      else reject(new Error(`${error?.message}\n${stdout}\n${stderr}`))
    })
  })
}
