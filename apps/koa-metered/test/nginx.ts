import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { APP_FOLDER } from './demo-process.ts'

/** An nginx with the configuration of the app's folder, on ports of the test. */
export interface Nginx {
  readonly origin: string
  /** What is in its access log so far. */
  readLog(): string
  stop(): Promise<void>
}

let installed: boolean | null = null

/**
 * Whether nginx can be started here: it is on PATH, or apt could bring it.
 * @throws Error under CI when it cannot; elsewhere it is said once, and the tests that need it are skipped
 */
export function hasNginx(): boolean {
  installed ??= isOnPath() || install()
  if (installed) return true
  const problem = 'no nginx on PATH, and apt could not install one'
  if (process.env.CI !== undefined && process.env.CI !== '') throw new Error(problem)
  process.stderr.write(`\n*** SKIPPED: the tests of koa-metered behind nginx: ${problem} ***\n\n`)
  return false
}

function isOnPath(): boolean {
  return spawnSync('nginx', ['-v']).status === 0
}

function install(): boolean {
  if (process.getuid?.() !== 0) return false
  const apt = (...parameters: string[]): boolean => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    return spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=120', '-qq', ...parameters], { env }).status === 0
  }
  if (!apt('update') || !apt('install', '-y', 'nginx-light')) return isOnPath()
  // The package brings a service that nobody here asked for.
  spawnSync('service', ['nginx', 'stop'])
  return isOnPath()
}

/** @param ports of the two processes */
export async function startNginx(ports: readonly [string, string]): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'koa-metered-nginx-'))
  // Its workers are another user where it is started as root.
  chmodSync(folder, 0o755)
  mkdirSync(join(folder, 'logs'))
  const port = await findFreePort()
  const configuration = readFileSync(join(APP_FOLDER, 'nginx.conf'), 'utf8')
    .replace('127.0.0.1:3001', `127.0.0.1:${ports[0]}`)
    .replace('127.0.0.1:3002', `127.0.0.1:${ports[1]}`)
    .replace('listen 8080;', `listen 127.0.0.1:${port};`)
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, configuration)
  const child = spawn('nginx', ['-p', folder, '-c', file, '-g', 'daemon off;'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk
  })
  const ended = once(child, 'close')
  for (const deadline = performance.now() + 10_000; !(await answers(port)); await delay(10)) {
    if (child.exitCode === null && performance.now() < deadline) continue
    child.kill('SIGKILL')
    throw new Error(`nginx did not start: ${said}`)
  }
  return {
    origin: `http://127.0.0.1:${port}`,
    readLog: () => readFileSync(join(folder, 'logs', 'access.log'), 'utf8'),
    async stop() {
      child.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('no port is free')
  return address.port
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
