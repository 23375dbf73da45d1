import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createProgramCheck, findFreePort } from '@hallpass/testing'

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

/** Whether `redis-server` can be started here. @throws Error under CI when it cannot */
export const hasRedisServer: () => boolean = createProgramCheck({
  command: 'redis-server',
  versionFlag: '--version',
  aptPackage: 'redis-server',
  service: 'redis-server',
  neededBy: '@hallpass/store-redis on a real server',
})

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
