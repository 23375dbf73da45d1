import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, onTestFinished } from 'vitest'

export const APP_FOLDER: string = fileURLToPath(new URL('..', import.meta.url))

/** What `npm run demo:nest` starts: the app from its sources. */
export const START: readonly string[] = [
  '--conditions=@hallpass/source',
  join(APP_FOLDER, '../../scripts/demo.js'),
  'nestjs-projects',
]

/** The password of every demo that is not asked to make its own. */
export const PASSWORD = 'correct horse battery'

export interface Demo {
  readonly origin: string
  /** Everything that was printed so far, both streams. */
  output(): string
  /** The start lines that are to be pasted. */
  lines(): string
  /** Sends the signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<{ code: number | null; ms: number }>
}

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

type Env = Readonly<Record<string, string>>
/** Takes what is to be done at the end: of the test, unless said otherwise. */
type AtEnd = (cleanUp: () => void | Promise<void>) => void

/** One demo for all tests of a file. @returns where it is, once the tests run */
export function shareDemo(env: Env = {}): { origin: string; dataDir: string } {
  const shared = { origin: '', dataDir: '' }
  const cleanUps: (() => void | Promise<void>)[] = []
  beforeAll(async () => {
    const atEnd: AtEnd = (cleanUp) => void cleanUps.unshift(cleanUp)
    shared.dataDir = createDataDir(atEnd)
    const demo = await startDemo({ DATA_DIR: shared.dataDir, ...env }, atEnd)
    shared.origin = demo.origin
  })
  afterAll(async () => {
    for (const cleanUp of cleanUps) await cleanUp()
  })
  return shared
}

/** An empty folder that is gone at the end. */
export function createDataDir(atEnd: AtEnd = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), 'nestjs-projects-'))
  atEnd(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A demo that runs in a process of its own and has printed all its start lines. */
export async function startDemo(env: Env = {}, atEnd: AtEnd = onTestFinished): Promise<Demo> {
  const { child, ended } = spawnDemo({ ADMIN_PASSWORD: PASSWORD, ...env }, atEnd)
  let output = ''
  const ready = new Promise<void>((resolve) => {
    const read = (chunk: string): void => {
      output += chunk
      if (/^curl .+welcome\.txt\n/m.test(output)) resolve()
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
  })
  await Promise.race([
    ready,
    ended.then(({ code }) => Promise.reject(new Error(`the demo ended with ${code}: ${output}`))),
  ])
  return {
    origin: /^nestjs-projects is ready: (http:\S+)\/$/m.exec(output)?.[1] ?? '',
    output: () => output,
    lines: () =>
      output
        .split('\n')
        .filter((line) => /^(curl |[A-Z_]+=\$\()/.test(line))
        .join('\n'),
    async stop(signal = 'SIGTERM') {
      const before = performance.now()
      child.kill(signal)
      const { code } = await ended
      return { code, ms: performance.now() - before }
    },
  }
}

/** Waits for the end of a demo that is expected not to start. */
export function runDemo(env: Env): Promise<Ended> {
  return spawnDemo(env, onTestFinished).ended
}

function spawnDemo(env: Env, atEnd: AtEnd): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, START, {
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
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
  atEnd(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return { child, ended }
}

/** What a POSIX shell prints for these lines. */
export function runShell(lines: string, env: Env = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { env: { PATH: process.env.PATH ?? '', ...env } }
    execFile('sh', ['-c', lines], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(`${error.message}\n${stdout}\n${stderr}`))
    })
  })
}
