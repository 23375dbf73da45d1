import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** A server of the test's own, on a free port, with its data in a folder of its own. */
export interface RedisServer {
  readonly url: string
  /** Ends it as a power switch ends a process, and waits until it is gone. */
  kill(): Promise<void>
  /** Starts it again on the same port and data. */
  start(): Promise<void>
  /** Ends it for good and removes its data. */
  stop(): Promise<void>
}

/** What a server needs to keep every acknowledged write. */
export const DURABLE: readonly string[] = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', '']

let installed: boolean | null = null

/**
 * Whether `redis-server` can be started here: it is on PATH, or apt could bring it.
 * @throws Error under CI when it cannot; elsewhere it is said once, and the tests that need it are skipped
 */
export function hasRedisServer(): boolean {
  installed ??= isOnPath() || install()
  if (installed) return true
  const problem = 'no redis-server on PATH, and apt could not install one'
  if (process.env.CI !== undefined && process.env.CI !== '') throw new Error(problem)
  process.stderr.write(
    `\n*** SKIPPED: the tests of @hallpass/store-redis on a real server: ${problem} ***\n\n`,
  )
  return false
}

function isOnPath(): boolean {
  return spawnSync('redis-server', ['--version']).status === 0
}

function install(): boolean {
  if (process.getuid?.() !== 0) return false
  const apt = (...parameters: string[]): boolean => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    return spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=120', '-qq', ...parameters], { env }).status === 0
  }
  if (!apt('update') || !apt('install', '-y', 'redis-server')) return isOnPath()
  // The package brings a service that nobody here asked for.
  spawnSync('service', ['redis-server', 'stop'])
  return isOnPath()
}

/** @param parameters as on the command line, `--maxmemory 10mb` as two */
export async function startRedisServer(parameters: readonly string[] = DURABLE): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'hallpass-redis-'))
  const port = await findFreePort()
  let child: ChildProcess | null = null

  const start = async (): Promise<void> => {
    const place = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--daemonize', 'no']
    child = spawn('redis-server', [...place, ...parameters], { stdio: 'ignore' })
    await waitForPing(port, child)
  }
  const kill = async (): Promise<void> => {
    if (child === null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
    child = null
  }
  await start()
  return {
    url: `redis://127.0.0.1:${port}`,
    kill,
    start,
    async stop() {
      await kill()
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

/** Until it has read its data: a server that is loading answers `-LOADING`. */
async function waitForPing(port: number, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + 20_000
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`redis-server ended with ${child.exitCode}`)
    if (await answersPing(port)) return
    await delay(10)
  }
  child.kill('SIGKILL')
  throw new Error('redis-server did not answer within 20 s')
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1', () => socket.write('PING\r\n'))
    socket.once('data', (data) => {
      socket.destroy()
      resolve(data.toString().startsWith('+PONG'))
    })
    socket.once('error', () => resolve(false))
  })
}
