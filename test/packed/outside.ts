import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

type Env = Readonly<Record<string, string>>

export interface OutsideOptions {
  readonly cwd: string
  readonly env?: Env
  /** Goes before everything else on PATH: the folder of another Node. */
  readonly nodeFolder?: string
}

/** What of npm's own settings a machine may need to reach the registry. */
const KEPT_NPM_SETTINGS =
  /^npm_config_(registry|cache|cafile|proxy|https_proxy|noproxy|userconfig|globalconfig)$/
const DROPPED = /^(npm_|VITEST|NODE_ENV$|NODE_OPTIONS$|NODE_V8_COVERAGE$|NODE_PATH$|NODE$|INIT_CWD$|TEST$)/

/** A folder that has nothing to do with the workspace. Whoever asks for it removes it. */
export function createOutsideFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'hallpass-outside-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }) }
}

/** What a command prints that runs as if there were no workspace: its tools and settings are not to be found. */
export function runOutside(
  command: string,
  args: readonly string[],
  options: OutsideOptions,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const how = { cwd: options.cwd, env: toOutsideEnv(options), maxBuffer: 64 * 1024 * 1024 }
    execFile(command, [...args], how, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(`${error.message}\n${stdout}\n${stderr}`))
    })
  })
}

export interface Running {
  /** The origin that it printed. */
  readonly origin: string
  /** Sends SIGTERM to it and to what npm and the shell have put in between, and waits until all have ended. */
  stop(): Promise<void>
}

/** Starts a server as `runOutside` runs a command, and waits until it has printed `until`. */
export async function startOutside(
  command: string,
  args: readonly string[],
  options: OutsideOptions & { readonly until: RegExp },
): Promise<Running> {
  const child = spawn(command, [...args], {
    cwd: options.cwd,
    env: toOutsideEnv(options),
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, so that all of it can be stopped.
    detached: true,
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const output = await waitForOutput(child, options.until, ended)
  return {
    origin: /http:\/\/[\w.[\]:]+:\d+/.exec(output)?.[0] ?? '',
    async stop() {
      signalGroup(child, 'SIGTERM')
      await ended
    },
  }
}

function waitForOutput(child: ChildProcess, until: RegExp, ended: Promise<void>): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    const read = (chunk: Buffer): void => {
      output += chunk.toString()
      if (until.test(output)) resolve(output)
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.once('error', reject)
    ended.then(() => reject(new Error(`it ended before it was ready: ${output}`)))
  })
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid !== undefined) process.kill(-pid, signal)
}

function toOutsideEnv({ env, nodeFolder }: OutsideOptions): Record<string, string> {
  const kept = Object.entries(process.env).flatMap(([name, value]) =>
    value !== undefined && (!DROPPED.test(name) || KEPT_NPM_SETTINGS.test(name))
      ? [[name, value] as const]
      : [],
  )
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.replaceAll('\\', '/').includes('node_modules/'))
  return {
    ...Object.fromEntries(kept),
    PATH: [...(nodeFolder === undefined ? [] : [nodeFolder]), ...path].join(delimiter),
    ...env,
  }
}
